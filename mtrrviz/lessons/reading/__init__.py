"""From a lesson's Markdown text to a lesson, or to all that is wrong with it, by line."""

from __future__ import annotations

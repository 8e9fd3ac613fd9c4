"""The manual and the glossary: read from docs, looked up, searched, and shown as HTML or text."""

from __future__ import annotations

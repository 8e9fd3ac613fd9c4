"""Analysis: why a page has its type, read from a Run and the policy's own answers."""

from __future__ import annotations

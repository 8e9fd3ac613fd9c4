"""Tables of facts: one module a table, its columns defined once for window, files and reports."""

from __future__ import annotations

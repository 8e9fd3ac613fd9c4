"""Help: its window, and which term or page explains what in the main window."""

from __future__ import annotations

"""Exporters: results as text for readers and as JSON for programs."""

from __future__ import annotations

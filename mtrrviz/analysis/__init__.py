"""Analysis: checks, explanations, comparisons, solving and sweeps."""

from __future__ import annotations

"""A report of one run or of two: one HTML file without anything from outside, fit to be mailed."""

from __future__ import annotations

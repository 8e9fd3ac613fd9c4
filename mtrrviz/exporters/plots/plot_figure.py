"""New matplotlib figures, and the colours that reports have."""

from __future__ import annotations

from typing import Any

from mtrrviz.core.optional_library import optional_library
from mtrrviz.exporters.report.report_style import light_colours

#: What matplotlib makes; it need not be installed to have the types checked.
Figure = Any
Axes = Any

COLOURS = light_colours()
"""The colours of reports on light ground, by name, such as "text" or "v0"."""


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches. ImportError where matplotlib is not installed."""
    figure = optional_library("matplotlib.figure").Figure
    return figure(figsize=(width, height), layout="constrained")

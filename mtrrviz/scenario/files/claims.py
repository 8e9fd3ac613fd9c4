"""How much a small file may claim to be, before any memory is taken for it.

A few bytes can ask for millions of touches, and packed data can unpack to a thousand times their
size. Files that machines record are far from both. Who means it sets ``MTRRVIZ_LARGE=1``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mtrrviz.core.units import format_size
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

LARGE = "MTRRVIZ_LARGE"
"""The environment variable that lifts the limits of this module; others remain."""

_USUAL_PAGES = 1 << 22
_MOST_PAGES = 1 << 24
_SMALL_BYTES = 64 << 20
_USUAL_RATIO = 100
"""Recorded columns unpack to 3 times their size, recorded events to 5 times."""


def takes_large() -> bool:
    """Return whether the user asked for files to be taken that claim much."""
    return os.environ.get(LARGE, "") not in ("", "0")


def most_pages() -> int:
    """Return how many pages all touches that a scenario's author wrote may name together."""
    return _MOST_PAGES if takes_large() else _USUAL_PAGES


def most_unpacked_bytes(packed_bytes: int, limit_bytes: int) -> int:
    """Return to how many bytes a file of ``packed_bytes`` may unpack; never over the limit."""
    believed = max(_SMALL_BYTES, packed_bytes * _USUAL_RATIO)
    return limit_bytes if takes_large() else min(limit_bytes, believed)


def too_large(path: Path, believed_bytes: int, limit_bytes: int) -> ScenarioError:
    """Return the error for a data file that unpacks to more than is believed of it."""
    expected = f"at most {format_size(limit_bytes)} unpacked"
    if believed_bytes < limit_bytes:
        size = format_size(path.stat().st_size)
        expected = f"at most {format_size(believed_bytes)} in a file of {size}{how_to_take_more()}"
    return ScenarioError(str(path), "", "the data are too large", expected)


def how_to_take_more() -> str:
    """Return what to do for a file that claims more and is meant so, as the end of a sentence."""
    return "" if takes_large() else f"; set {LARGE}=1 to take more"

"""The file of observed leaves beside a scenario: seven integer columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import TYPE_AND_IPAT
from mtrrviz.scenario.files.data_files.column_file import packed_columns, read_columns
from mtrrviz.scenario.observed import STANDING_NS, ObservedLeaves
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

_LAST_NS = 1 << 62
#: Columns and, for each, the least value that is too large.
_LIMITS = {
    "born_ns": _LAST_NS,
    "died_ns": STANDING_NS + 1,
    "gfn": 1 << 40,
    "level": 4,
    "vcpu": 255,
    "bits": 0x80,
    "line": 1 << 32,
}


def read_observed(path: Path) -> ObservedLeaves:
    """Return the observed leaves of an .npz file; ScenarioError if they are none."""
    columns = read_columns(path, _LIMITS, "born_ns")
    found = ObservedLeaves(
        columns["born_ns"].astype(np.int64),
        columns["died_ns"].astype(np.int64),
        columns["gfn"].astype(np.uint64),
        columns["level"].astype(np.uint8),
        columns["vcpu"].astype(np.uint8),
        columns["bits"].astype(np.uint8),
        columns["line"].astype(np.uint32),
    )
    _check(path, found)
    return found


def _check(path: Path, found: ObservedLeaves) -> None:
    """Refuse what is in range, and yet no leaf."""
    if np.any(found.level == 0):
        raise ScenarioError(str(path), "level", "a level of 0", "1, 2 or 3")
    if np.any(found.bits & ~np.uint8(TYPE_AND_IPAT)):
        expected = "memory type at bits 5:3 and IPAT at 6"
        raise ScenarioError(str(path), "bits", "other bits are set", expected)
    ends = found.died_ns[found.died_ns != STANDING_NS]
    if len(ends) and int(ends.max()) >= _LAST_NS:
        raise ScenarioError(str(path), "died_ns", f"{ends.max()} ns", f"below {_LAST_NS}, or never")
    if np.any(found.died_ns < found.born_ns):
        raise ScenarioError(str(path), "died_ns", "a leaf that ends before its birth", "later ends")


def observed_file(observed: ObservedLeaves) -> bytes:
    """Return the content of a file that :func:`read_observed` reads."""
    return packed_columns({name: getattr(observed, name) for name in _LIMITS})

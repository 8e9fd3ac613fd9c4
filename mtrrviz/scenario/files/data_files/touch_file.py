"""The touch file of a recording: four integer columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.scenario.files.data_files.column_file import packed_columns, read_columns
from mtrrviz.scenario.touches import Touches

if TYPE_CHECKING:
    from pathlib import Path

#: Columns and, for each, the least value that is too large.
_LIMITS = {"t_ns": 1 << 62, "gfn": 1 << 40, "vcpu": 255, "access": 3}


def read_touches(path: Path) -> Touches:
    """Return the touches of an .npz file, sorted by time as the file must be."""
    columns = read_columns(path, _LIMITS, "t_ns")
    return Touches(
        columns["t_ns"].astype(np.int64),
        columns["gfn"].astype(np.uint64),
        columns["vcpu"].astype(np.uint8),
        columns["access"].astype(np.uint8),
    )


def touch_file(touches: Touches) -> bytes:
    """Return the content of a file that :func:`read_touches` reads."""
    return packed_columns(
        {
            "t_ns": touches.time_ns,
            "gfn": touches.gfn,
            "vcpu": touches.vcpu,
            "access": touches.access,
        }
    )

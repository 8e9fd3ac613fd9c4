"""What the script of a report reads: the maps of all runs over time, as one JSON text."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.exporters.report.player import map_film
from mtrrviz.exporters.report.report_style import DARK_LETTERS, TYPE_COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mtrrviz.exporters.report.player.map_film import MapFilm
    from mtrrviz.exporters.report.timeline_picture import Scales
    from mtrrviz.geometry.map.map_layout import Placed
    from mtrrviz.sim.run import Run

MOST_ZAPS = 10_000
"""Times of zaps in a page at most."""
#: In a page these would end the script or begin markup.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def player_json(runs: Sequence[Run], films: Sequence[MapFilm], scales: Scales, at_ns: int) -> str:
    """Return the data, safe to stand in a script element; arrays are little-endian base64.

    ``at_ns`` is the time to begin at. Times are in nanoseconds, places in pixels.
    """
    data: dict[str, Any] = {
        "duration": runs[0].scenario.duration_ns,
        "at": at_ns,
        "axis": [scales.time.x(0), scales.time.x(runs[0].scenario.duration_ns)],
        "types": [
            {
                "value": memory_type.value,
                "name": memory_type.name,
                "colour": TYPE_COLOURS[memory_type],
                "dark": memory_type in DARK_LETTERS,
            }
            for memory_type in MEMORY_TYPES
        ],
        "bits": {
            "second": map_film.SECOND_SHIFT,
            "leaf": map_film.LEAF,
            "part": map_film.PART,
            "stale": map_film.STALE,
            "noSlot": map_film.NO_SLOT,
        },
        "runs": [_run(run, film) for run, film in zip(runs, films, strict=True)],
    }
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPES)


def _run(run: Run, film: MapFilm) -> dict[str, Any]:
    return {
        "policy": run.policy.id,
        "width": film.layout.width,
        "height": max(item.y + item.grid.height for item in film.layout.placed),
        "dots": film.layout.dots,
        "bands": [_band(item) for item in film.layout.placed],
        "times": _packed(film.times_ns, "<f8"),
        "counts": _packed(film.counts, "<u4"),
        "changes": _packed(film.changes.ravel(), "<u2"),
        "leaves": _packed(film.leaves.ravel(), "<u4"),
        **_zaps(run),
    }


def _zaps(run: Run) -> dict[str, str]:
    """Return the times of zaps, and how many there were by then; of very many only some."""
    times, first = np.unique(run.zaps.time_ns, return_index=True)
    counts = np.append(first[1:], len(run.zaps))[: len(times)]
    kept = np.unique(np.linspace(0, len(times) - 1, min(len(times), MOST_ZAPS)).astype(np.intp))
    return {"zaps": _packed(times[kept], "<f8"), "zapCounts": _packed(counts[kept], "<u4")}


def _band(item: Placed) -> dict[str, Any]:
    """Return where a band's dots lie, and the words above them."""
    grid, caption = item.grid, item.caption
    return {
        "x": item.x,
        "y": item.y,
        "captionX": caption.x,
        "captionY": caption.y + caption.height,
        "captionWidth": caption.width,
        "name": item.band.name,
        "range": item.range_text,
        "scale": item.scale_text,
        "first": item.first_dot,
        "dots": grid.dots,
        "pad": grid.pad,
        "tileW": grid.tile_w,
        "tileH": grid.tile_h,
        "columns": grid.columns,
        "dotW": grid.dot_w,
        "dotH": grid.dot_h,
        "gap": grid.gap,
    }


def _packed(values: NDArray[np.generic], form: str) -> str:
    return b64encode(values.astype(form).tobytes()).decode("ascii")

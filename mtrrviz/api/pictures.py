"""The map and the timeline: as arrays, and as pictures in SVG or matplotlib, without a window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.api.questions import state
from mtrrviz.core.columns import Columns
from mtrrviz.core.ept import has_ipat, type_codes
from mtrrviz.exporters.plots.map_plot import draw_map
from mtrrviz.exporters.plots.timeline_plot import draw_timeline, draw_timelines
from mtrrviz.exporters.report.map_picture import map_picture
from mtrrviz.exporters.report.report_style import picture_style
from mtrrviz.exporters.report.timeline_picture import Scales, timeline_picture
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.scenario.files.whole_file import write_whole

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from mtrrviz.api.quantities import Time
    from mtrrviz.exporters.plots.plot_figure import Axes, Figure
    from mtrrviz.geometry.map.map_image import Frame
    from mtrrviz.sim.run import Run, State

_CLASS = "mtrrviz"


class MapTable(Columns):
    """The EPT map in ranges of equal pages: gfns [``first_gfn``, ``end_gfn``), uint64.

    ``has_slot``: a memory slot is there. ``has_leaf``: a leaf is, of ``memory_type`` (a value of
    MemoryType) and ``ipat``; without one these are those of the next fault, which
    ``next_memory_type`` and ``next_ipat`` always are. ``is_stale``: leaf and next fault differ.
    """

    first_gfn: NDArray[np.uint64]
    end_gfn: NDArray[np.uint64]
    has_slot: NDArray[np.bool_]
    has_leaf: NDArray[np.bool_]
    memory_type: NDArray[np.uint8]
    ipat: NDArray[np.bool_]
    next_memory_type: NDArray[np.uint8]
    next_ipat: NDArray[np.bool_]
    is_stale: NDArray[np.bool_]


class TimelineTable(Columns):
    """A row a zap: when, by whom (-1: the VM), and the counts up to and with it.

    ``zaps`` counts zaps, ``mcycles`` sums modelled cycles in millions.
    """

    time_s: NDArray[np.float64]
    vcpu: NDArray[np.int16]
    zaps: NDArray[np.int64]
    mcycles: NDArray[np.float64]


class Picture(str):
    """An SVG picture: a text that a notebook shows, and that can be saved."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<Picture: {len(self):,} bytes of SVG>"

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file, whole or not at all."""
        write_whole(Path(path), self.encode("utf-8"))


def map_table(run: Run | State, t: Time | None = None, *, vcpu: int = 0) -> MapTable:
    """Return the map at a time in ranges, with the faults that ``vcpu`` would get next."""
    ranges = tuple(ranges_at(state(run, t), vcpu))
    next_bits = np.array([one.next_bits for one in ranges], np.uint8)
    bits = np.array([one.next_bits if one.bits is None else one.bits for one in ranges], np.uint8)
    return MapTable(
        np.array([one.first_gfn for one in ranges], np.uint64),
        np.array([one.end_gfn for one in ranges], np.uint64),
        np.array([one.has_slot for one in ranges], np.bool_),
        np.array([one.bits is not None for one in ranges], np.bool_),
        type_codes(bits),
        has_ipat(bits),
        type_codes(next_bits),
        has_ipat(next_bits),
        np.array([one.is_stale for one in ranges], np.bool_),
    )


def map_frame(
    run: Run | State, t: Time | None = None, *, vcpu: int = 0, size: tuple[int, int] = (640, 480)
) -> Frame:
    """Return the map as the window draws it: an image of small numbers, a value a pixel.

    The values are those of :mod:`mtrrviz.geometry.map.map_image`; ``size`` is width and height.
    """
    now = state(run, t)
    layout = lay_out(bands_of(now.run.scenario.machine), None, *size)
    return MapImager().frame(now, vcpu, layout, flash=False)


def map_picture_of(run: Run | State, t: Time | None = None, *, vcpu: int = 0) -> Picture:
    """Return the map at a time as a picture: leaves solid, the next faults' types as a tint."""
    now = state(run, t)
    words = f"Memory types under {now.run.policy.id} at {now.time_ns / 1e9:.3f} s"
    return _picture(map_picture(tuple(ranges_at(now, vcpu)), words))


def map_plot(
    run: Run | State, t: Time | None = None, *, vcpu: int = 0, axes: Axes | None = None
) -> Figure:
    """Return the map at a time as a matplotlib figure, that of ``axes`` where these are given.

    ImportError where matplotlib is not installed: ``pip install mtrrviz[plots]``.
    """
    return draw_map(state(run, t), vcpu, axes).figure


def timeline_table(run: Run) -> TimelineTable:
    """Return the zaps of a run over time, counted and summed."""
    zaps = run.zaps
    return TimelineTable(
        zaps.time_ns / 1e9,
        zaps.vcpu,
        np.arange(1, len(zaps) + 1),
        np.cumsum(zaps.cycles) / 1e6,
    )


def timeline_picture_of(run: Run, *others: Run) -> Picture:
    """Return the timeline of a run as a picture, in scales that hold ``others`` as well.

    All must be of one scenario.
    """
    return _picture(timeline_picture(run, Scales.of((run, *others))))


def timeline_plot(run: Run, *others: Run, axes: Axes | None = None) -> Figure:
    """Return the timelines of runs of one scenario, on the same scales, as a matplotlib figure.

    With ``axes`` that of ``run`` alone is drawn into these, in scales that hold the others as well.
    ImportError where matplotlib is not installed: ``pip install mtrrviz[plots]``.
    """
    runs = (run, *others)
    return draw_timelines(runs) if axes is None else draw_timeline(run, axes, runs).figure


def _picture(svg: str) -> Picture:
    """Return a picture of a report as one that stands by itself."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="{_CLASS}" font-family="sans-serif" '
    style = f"<style>{picture_style(_CLASS)}</style>"
    attributes, _, content = svg.removeprefix("<svg ").partition(">")
    return Picture(f"{head}{attributes}>{style}{content}")

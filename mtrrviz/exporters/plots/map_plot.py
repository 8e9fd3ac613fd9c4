"""The map at a time, drawn with matplotlib: a bar a region, each on a scale of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.optional_library import optional_library
from mtrrviz.core.units import format_gpa, format_size
from mtrrviz.exporters.plots.plot_figure import COLOURS, Axes, new_figure
from mtrrviz.exporters.report.map_picture import ranges_by_region
from mtrrviz.exporters.report.report_style import TYPE_COLOURS
from mtrrviz.facts.ranges import ranges_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.facts.ranges import MappedRange
    from mtrrviz.scenario.machine_spec import Region
    from mtrrviz.sim.run import State

_WIDTH_IN, _ROW_IN, _HEAD_IN = 9.0, 0.32, 1.1
_BAR, _STALE = 0.7, 0.12
"""Heights of a bar and of the mark of stale leaves below it, of a row's height."""
_TINT = 0.3


def draw_map(state: State, vcpu: int = 0, axes: Axes | None = None) -> Axes:
    """Draw the map into ``axes``, or into those of a new figure, and return them.

    Leaves are solid, a tint is the type of the next fault of ``vcpu``, a line below a bar marks
    stale leaves, hatching a region without a memory slot.
    """
    ranges = tuple(ranges_at(state, vcpu))
    regions = ranges_by_region(ranges)
    height = _HEAD_IN + _ROW_IN * len(regions)
    drawn: Axes = new_figure(_WIDTH_IN, height).subplots() if axes is None else axes
    for row, (region, held) in enumerate(regions.items()):
        _draw_region(drawn, row, region, held)
    names = [_label(region) for region in regions]
    drawn.set_yticks(range(len(regions)), names, parse_math=False)  # a "$" is no formula's
    drawn.set_ylim(len(regions) - 0.5, -0.5)
    drawn.set_xlim(0, 1)
    drawn.set_xticks((0, 1), ("start", "end of the region"))
    drawn.set_title(f"{state.run.policy.id} at {state.time_ns / 1e9:.3f} s", loc="left")
    _draw_legend(drawn, [mapped for held in regions.values() for mapped in held])
    return drawn


def _label(region: Region) -> str:
    return f"{region.name}  {format_gpa(region.start)}  {format_size(region.size_bytes)}"


def _draw_region(axes: Axes, row: int, region: Region, ranges: Sequence[MappedRange]) -> None:
    """Draw the bar of a region: what belongs to one kind is one collection of rectangles."""
    low = row - _BAR / 2
    if not region.has_slot:
        axes.broken_barh(
            [(0, 1)], (low, _BAR), facecolor="none", edgecolor=COLOURS["dim"], hatch="//"
        )
        return
    kinds: dict[tuple[MemoryType, bool], list[tuple[float, float]]] = {}
    for mapped in ranges:
        kinds.setdefault(_kind(mapped), []).append(_span(region, mapped))
    for (kind, is_leaf), spans in kinds.items():
        alpha = 1.0 if is_leaf else _TINT
        axes.broken_barh(spans, (low, _BAR), facecolor=TYPE_COLOURS[kind], alpha=alpha, linewidth=0)
    stale = [_span(region, mapped) for mapped in ranges if mapped.is_stale]
    if stale:
        place = (low + _BAR, _STALE)
        axes.broken_barh(stale, place, facecolor=COLOURS["stale"], linewidth=0)


def _kind(mapped: MappedRange) -> tuple[MemoryType, bool]:
    """Return the type of a range's leaves, or of the next faults, and whether it has leaves."""
    bits = mapped.next_bits if mapped.bits is None else mapped.bits
    return bits_to_leaf(bits)[0], mapped.bits is not None


def _span(region: Region, mapped: MappedRange) -> tuple[float, float]:
    """Return begin and length of a range as shares of its region."""
    pages = region.end_gfn - region.first_gfn
    begin = (mapped.first_gfn - region.first_gfn) / pages
    return begin, (mapped.end_gfn - mapped.first_gfn) / pages


def _draw_legend(axes: Axes, ranges: Sequence[MappedRange]) -> None:
    """Name the colours that are there."""
    patch = optional_library("matplotlib.patches").Patch
    kinds = {_kind(mapped) for mapped in ranges if mapped.has_slot}
    marks = [
        patch(color=TYPE_COLOURS[kind], alpha=1.0 if is_leaf else _TINT, label=label)
        for kind in MEMORY_TYPES
        for is_leaf, label in ((True, kind.name), (False, f"{kind.name} next"))
        if (kind, is_leaf) in kinds
    ]
    if any(mapped.is_stale for mapped in ranges):
        marks.append(patch(color=COLOURS["stale"], label="stale"))
    if any(not mapped.has_slot for mapped in ranges):
        marks.append(patch(facecolor="none", hatch="//", label="no memory slot"))
    axes.legend(handles=marks, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=6)

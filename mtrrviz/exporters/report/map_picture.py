"""The map at a time as SVG: a bar a region, leaves solid, the next fault's type as a tint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.units import format_gpa, format_size
from mtrrviz.exporters.report.html_markup import Markup, join, tag
from mtrrviz.exporters.report.report_style import DARK_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.facts.ranges import MappedRange
    from mtrrviz.scenario.machine_spec import Region

MOST_REGIONS = 48
"""More bars than this nobody reads; the picture says how many there are."""

_LEFT, _WIDTH, _END = 356, 704, 1080
_ROW, _BAR, _TOP = 24, 16, 8
_LEAST_PX = 0.8
_LETTERS_FROM_PX = 22
_HATCH = Markup(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><line class="hatch" y2="6" stroke-width="2"/></pattern></defs>'
)


def map_picture(ranges: Sequence[MappedRange], words: str) -> Markup:
    """Return the map that ``ranges`` describe; ``words`` describe it for screen readers."""
    regions = ranges_by_region(ranges)
    shown = list(regions.items())[:MOST_REGIONS]
    rows = [join(_bar(region, held, _TOP + at * _ROW), "\n") for at, (region, held) in
            enumerate(shown)]  # fmt: skip
    more = len(regions) - len(shown)
    height = _TOP * 2 + _ROW * (len(shown) + bool(more))
    if more:
        note = f"and {more} more regions"
        rows.append(tag("text", note, x=10, y=height - 14, class_="dim"))
    return tag(
        "svg", _HATCH, join(rows, "\n"), viewBox=f"0 0 {_END} {height}", role="img",
        aria_label=words,
    )  # fmt: skip


def ranges_by_region(ranges: Sequence[MappedRange]) -> dict[Region, list[MappedRange]]:
    """Return the ranges of each region in address order; what no region holds is left out."""
    regions: dict[Region, list[MappedRange]] = {}
    for mapped in ranges:
        if mapped.region is not None:
            regions.setdefault(mapped.region, []).append(mapped)
    return regions


def _bar(region: Region, ranges: Sequence[MappedRange], y: int) -> Iterator[Markup]:
    """Yield the name of a region and its bar, small stretches last so that they stay seen."""
    middle = y + _BAR - 4
    yield tag("text", f"{format_gpa(region.start)}", x=108, y=middle, text_anchor="end")
    yield tag("text", format_size(region.size_bytes), x=176, y=middle, text_anchor="end",
              class_="dim")  # fmt: skip
    name = region.name if len(region.name) <= 26 else f"{region.name[:25]}\N{HORIZONTAL ELLIPSIS}"
    yield tag("text", tag("title", region.name), name, x=190, y=middle)
    if not region.has_slot:
        yield tag("rect", tag("title", "no memory slot"), x=_LEFT, y=y, width=_WIDTH,
                  height=_BAR, class_="hole")  # fmt: skip
        return
    drawn: set[Markup] = set()
    by_size = sorted(ranges, key=lambda r: (r.bits is not None, r.first_gfn - r.end_gfn))
    for mapped in by_size:
        for part in _segment(region, mapped, y):
            if part not in drawn:
                drawn.add(part)
                yield part


def _segment(region: Region, mapped: MappedRange, y: int) -> Iterator[Markup]:
    """Yield the shapes of one range, in steps of half a pixel so that equal ones are drawn once."""
    scale = _WIDTH / (region.end_gfn - region.first_gfn)
    x = round(_LEFT + (mapped.first_gfn - region.first_gfn) * scale, 1)
    width = max(round((mapped.end_gfn - mapped.first_gfn) * scale, 1), _LEAST_PX)
    is_leaf = mapped.bits is not None
    memory_type = bits_to_leaf(mapped.next_bits if mapped.bits is None else mapped.bits)[0]
    kind = f"t{memory_type.value}" + ("" if is_leaf else " tint")
    yield tag("rect", x=x, y=y, width=width, height=_BAR, class_=kind)
    if mapped.is_stale:
        yield tag("rect", x=x, y=y + _BAR, width=width, height=3, class_="stale")
    if width >= _LETTERS_FROM_PX:
        ground = "onlight" if memory_type in DARK_LETTERS else "ondark"
        yield tag(
            "text", memory_type.name, x=x + width / 2, y=y + _BAR - 4, text_anchor="middle",
            class_=ground if is_leaf else "dim",
        )  # fmt: skip

"""The memory map a user wants, as a value, and the edits that change it.

Ranges lie in address order and share no byte; what none of them names is the rest. A new range is
laid over what is there. Every function returns an edit and changes nothing in place.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.analysis.solve import ALL_PAIRS, Limits, WantedRange, wanted_map
from mtrrviz.analysis.solve.wanted import MAX_RANGES
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE, format_gpa, format_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.analysis.solve import WantedMap

Span = tuple[int, int]
"""Bytes [start, end)."""


class Wanted(Record):
    """Ranges with their types, the type of the rest (None: any), and what a solution may use."""

    ranges: tuple[WantedRange, ...] = ()
    rest: MemoryType | None = MemoryType.UC
    limits: Limits = ALL_PAIRS

    def map(self, maxphyaddr: int) -> WantedMap:
        """Return the map of a whole address space; MtrrvizError if a range ends beyond it."""
        return wanted_map(self.ranges, maxphyaddr, self.rest)


class WantedEdit(Record):
    """A finished edit: what to call it, and the wanted map after it."""

    label: str
    wanted: Wanted


def paint(wanted: Wanted, spans: Iterable[Span], kind: MemoryType | None) -> WantedEdit:
    """Give some spans a type, or back to the rest (None).

    Raises MtrrvizError if there are too many ranges then.
    """
    joined = join_spans(spans)
    ranges: Sequence[WantedRange] = _without(wanted.ranges, joined)
    if kind is not None:
        new = [WantedRange(start, end, kind) for start, end in joined]
        ranges = _joined(_in_order([*ranges, *new]), kind)
    if len(ranges) > MAX_RANGES:
        raise MtrrvizError(f"a wanted map has at most {MAX_RANGES} ranges")
    word = "Clear" if kind is None else f"Paint {kind.name}:"
    return WantedEdit(f"{word} {_spans_words(joined)}", replace(wanted, ranges=tuple(ranges)))


def lay_range(wanted: Wanted, new: WantedRange, maxphyaddr: int) -> WantedEdit:
    """Add a range, over what is there; MtrrvizError if it is none that the guest can have."""
    wanted_map([new], maxphyaddr)
    ranges = (*_without(wanted.ranges, [(new.start, new.end)]), new)
    return WantedEdit(f"Want {_range_words(new)}", replace(wanted, ranges=_in_order(ranges)))


def change_range(wanted: Wanted, index: int, new: WantedRange, maxphyaddr: int) -> WantedEdit:
    """Replace a range; MtrrvizError as in :func:`lay_range`."""
    others = wanted.ranges[:index] + wanted.ranges[index + 1 :]
    return lay_range(replace(wanted, ranges=others), new, maxphyaddr)


def split_range(wanted: Wanted, index: int) -> WantedEdit:
    """Cut a range in two halves of whole pages; MtrrvizError if it is one page."""
    old = wanted.ranges[index]
    middle = old.start + ((old.end - old.start) // 2 & -PAGE_SIZE)
    if middle == old.start:
        raise MtrrvizError("one page cannot be split")
    halves = (replace(old, end=middle), replace(old, start=middle))
    ranges = (*wanted.ranges[:index], *halves, *wanted.ranges[index + 1 :])
    return WantedEdit(f"Split {_range_words(old)}", replace(wanted, ranges=ranges))


def remove_ranges(wanted: Wanted, indices: Iterable[int]) -> WantedEdit:
    """Take ranges away, so that the rest's type counts there."""
    gone = set(indices)
    kept = tuple(one for index, one in enumerate(wanted.ranges) if index not in gone)
    words = "a wanted range" if len(gone) == 1 else f"{len(gone)} wanted ranges"
    return WantedEdit(f"Remove {words}", replace(wanted, ranges=kept))


def change_rest(wanted: Wanted, rest: MemoryType | None) -> WantedEdit:
    """Let what no range names have another type, or any."""
    word = "any type" if rest is None else rest.name
    return WantedEdit(f"Want {word} everywhere else", replace(wanted, rest=rest))


def change_limits(wanted: Wanted, limits: Limits) -> WantedEdit:
    """Let a solution use other means."""
    return WantedEdit("Change what a solution may use", replace(wanted, limits=limits))


def join_spans(spans: Iterable[Span]) -> list[Span]:
    """Return spans in address order, those that touch or overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and joined[-1][1] >= start:
            first, last = joined.pop()
            joined.append((first, max(last, end)))
        else:
            joined.append((start, end))
    return joined


def _without(ranges: Iterable[WantedRange], spans: Sequence[Span]) -> list[WantedRange]:
    """Return what is left of the ranges outside spans, which are in address order."""
    ends = [end for _, end in spans]
    left: list[WantedRange] = []
    for one in ranges:
        at = one.start
        for start, end in spans[bisect_right(ends, one.start) :]:
            if start >= one.end:
                break
            if at < start:
                left.append(replace(one, start=at, end=start))
            at = end
        if at < one.end:
            left.append(replace(one, start=at))
    return left


def _joined(ranges: Iterable[WantedRange], kind: MemoryType) -> list[WantedRange]:
    """Return the ranges with those of one type that touch joined."""
    joined: list[WantedRange] = []
    for one in ranges:
        last = joined[-1] if joined else None
        if last and last.end == one.start and last.type == one.type == kind:
            joined[-1] = replace(last, end=one.end)
        else:
            joined.append(one)
    return joined


def _in_order(ranges: Iterable[WantedRange]) -> tuple[WantedRange, ...]:
    return tuple(sorted(ranges, key=lambda one: one.start))


def _range_words(one: WantedRange) -> str:
    return f"{span_words(one.start, one.end)} {one.type.name}"


def _spans_words(spans: Sequence[Span]) -> str:
    if len(spans) == 1:
        return span_words(*spans[0])
    size = sum(end - start for start, end in spans)
    return f"{len(spans)} ranges ({format_size(size)})"


def span_words(start: int, end: int) -> str:
    """Return "0x8000_0000-0xffff_ffff (2 GiB)"."""
    return f"{format_gpa(start)}-{format_gpa(end - 1)} ({format_size(end - start)})"


def gfn_span(first_gfn: int, end_gfn: int) -> Span:
    """Return the bytes of pages [first_gfn, end_gfn)."""
    return first_gfn << PAGE_SHIFT, end_gfn << PAGE_SHIFT

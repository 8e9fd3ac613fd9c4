"""RAM of a real machine without a memory map, deduced from what tells of it.

Firmware makes RAM write-back, and nothing else: with another default type, what pairs make
write-back is RAM. Where write-back is the default it says nothing by itself, and other lines must
say where RAM ends.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.sdm.sdm_types import UNKNOWN
from mtrrviz.core.units import FOUR_GIB, MIB, PAGE_SHIFT, PAGE_SIZE, format_size
from mtrrviz.importers.facts import Facts, Told
from mtrrviz.importers.machine.regions import VGA_START
from mtrrviz.importers.notes import Note, NoteKind

if TYPE_CHECKING:
    from mtrrviz.core.sdm.sdm_types import SdmTypes

Span = tuple[int, int]
"""Bytes [start, end)."""

_WB, _OPEN = 1 << MemoryType.WB, 1 << UNKNOWN


class RamEnds(NamedTuple):
    """Where RAM ends below 4 GiB and above it (bytes), and what says so; None if nothing does."""

    low: int | None
    high: int | None
    reason: str


def deduced_ram(
    facts: Facts,
    types: SdmTypes,
    memory_bytes: int | None,
    notes: list[Note],
    no_map: str = "no memory map",
) -> list[Span]:
    """Return the RAM that can be deduced, and say from what; nothing where nothing tells.

    ``no_map`` says why it has to be.
    """
    # The fixed ranges tell of the first MiB alone.
    has_values = bool((types.sets[types.starts >= MIB >> PAGE_SHIFT] != _OPEN).any())
    # A type that is unknown because one register is may be that of a device.
    may_be = _spans(types, _WB if has_values else _WB | _OPEN)
    ends = _ends(facts, memory_bytes, may_be)
    is_default = bool((types.defaults[-1:] == MemoryType.WB).all())
    reasons = [ends.reason] if ends.reason else []
    if has_values and (not is_default or reasons):
        reasons.insert(0, "the write-back ranges")
    if not reasons:
        text = f"{no_map}, and nothing tells where RAM is"
        notes.append(Note(NoteKind.ASSUMED, text, option="memory"))
        return []
    # Write-back ranges have ends of their own; a default type has none.
    is_bounded = has_values and not is_default
    last = max((end for _, end in _spans(types, _WB) if end < 1 << 64), default=0)
    low = ends.low if ends.low is not None else FOUR_GIB if is_bounded else 0
    high = ends.high if ends.high is not None else last if is_bounded else FOUR_GIB
    spans = _cut(may_be, low, high)
    if not spans:
        text = f"{no_map}, and no RAM can be deduced from {' and '.join(reasons)}"
        notes.append(Note(NoteKind.ASSUMED, text, option="memory"))
        return []
    total = sum(end - start for start, end in spans)
    text = f"{no_map}: {format_size(total)} of RAM, deduced from {' and '.join(reasons)}"
    notes.append(Note(NoteKind.ASSUMED, text, option="memory"))
    return spans


def _spans(types: SdmTypes, kinds: int) -> list[Span]:
    """Return where pages are of some types only, in bytes, neighbours joined."""
    spans: list[Span] = []
    edges = [int(start) << PAGE_SHIFT for start in types.starts]
    for (start, end), found in zip(pairwise([*edges, 1 << 64]), types.sets.tolist(), strict=True):
        if found & ~kinds:
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _ends(facts: Facts, memory_bytes: int | None, may_be: list[Span]) -> RamEnds:
    """Return where RAM ends: by what the user says, last_pfn, TOM and TOM2, or its size."""
    if memory_bytes is not None:
        return _by_size(memory_bytes, may_be, "the size that was given")
    if (found := ends_by_kernel(facts) or _by_top(facts) or _by_coreboot(facts)) is not None:
        return found
    for what, reason in (
        (Told.MEMORY_BYTES, "the kernel's Memory line"),
        (Told.COVERED_BYTES, "the RAM that the kernel says is covered"),
    ):
        size = facts.value(what)
        if size:
            return _by_size(size, may_be, reason)
    return RamEnds(None, None, "")


def ends_by_kernel(facts: Facts) -> RamEnds | None:
    """Return the ends that Linux prints as last_pfn: of all RAM, and of that below 4 GiB."""
    last, low = facts.value(Told.LAST_PFN_END), facts.value(Told.LOW_PFN_END)
    if last is not None:
        return RamEnds(last if last <= FOUR_GIB else low, max(last, FOUR_GIB), "last_pfn")
    if low is None:
        return None
    top = _top(facts)
    return RamEnds(low, top, "last_pfn and TOM2" if top else "last_pfn")


def _by_top(facts: Facts) -> RamEnds | None:
    """Return the ends that AMD's TOM and TOM2 tell."""
    top = _top(facts)
    return None if top is None else RamEnds(facts.value(Told.TOM), top, "TOM2")


def _top(facts: Facts) -> int | None:
    tops = [facts.value(what) or 0 for what in (Told.FORCED_WB_END, Told.TOM2)]
    return next((top for top in tops if top > FOUR_GIB), None)


def _by_coreboot(facts: Facts) -> RamEnds | None:
    """Return the ends of what coreboot's address map caches."""
    low, high = facts.value(Told.CACHED_LOW_END), facts.value(Told.CACHED_HIGH_END)
    return None if low is None else RamEnds(low, high or FOUR_GIB, "coreboot's address map")


def _by_size(size: int, may_be: list[Span], reason: str) -> RamEnds:
    """Return the ends of RAM of some size: below the first hole, the rest above 4 GiB."""
    hole = next((end for start, end in may_be if start <= MIB < end), FOUR_GIB)
    low = min(size, hole, FOUR_GIB)
    return RamEnds(low, FOUR_GIB + size - low, reason)


def _cut(may_be: list[Span], low: int, high: int) -> list[Span]:
    """Return spans as far as RAM reaches below and above 4 GiB, without the end of the first MiB.

    In whole pages.
    """
    parts: list[Span] = [(0, min(VGA_START, low)), (MIB, low), (FOUR_GIB, high)]
    found: list[Span] = []
    for start, end in may_be:
        for first, stop in parts:
            a = -(-max(start, first) // PAGE_SIZE) * PAGE_SIZE
            b = min(end, stop) & -PAGE_SIZE
            if a < b:
                found.append((a, b))
    return found

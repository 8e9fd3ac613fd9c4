"""The map a user wants: which type each page of the guest's address space shall have."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE, format_gpa, parse_address, parse_size
from mtrrviz.core.wording.printable import escaped
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.scenario.machine_spec import MachineSpec

MAX_RANGES = 4096
"""Most ranges of a wanted map; far more than any eight pairs could tell apart."""

_WORDS: dict[str, MemoryType] = {
    word: kind for kind in MEMORY_TYPES for word in (kind.name.lower(), kind.linux_name)
} | {"uncacheable": MemoryType.UC}


class WantedRange(Record):
    """Bytes [start, end) shall have ``type``; both ends are page aligned."""

    start: int
    end: int
    type: MemoryType


class Piece(Record):
    """Gfns [start, end) of one type; None where any type will do."""

    start: int
    end: int
    type: MemoryType | None


class WantedMap(Record):
    """The whole space [0, 2^MAXPHYADDR) as pieces in address order, neighbours differing."""

    maxphyaddr: int
    pieces: tuple[Piece, ...]

    @property
    def types(self) -> frozenset[MemoryType]:
        """Return the types that occur."""
        return frozenset(piece.type for piece in self.pieces if piece.type is not None)

    def above(self, gfn: int) -> WantedMap:
        """Return the map with any type allowed below ``gfn``."""
        kept = [Piece(max(p.start, gfn), p.end, p.type) for p in self.pieces if p.end > gfn]
        first = [Piece(0, min(gfn, self.pieces[-1].end), None)]
        return WantedMap(self.maxphyaddr, merged([*first, *kept]))

    def forgetting(self, spans: Iterable[tuple[int, int]]) -> WantedMap:
        """Return the map with any type allowed in gfns [first, end), which ascend."""
        pieces = self.pieces
        for first, end in spans:
            before = [Piece(p.start, min(p.end, first), p.type) for p in pieces if p.start < first]
            after = [Piece(max(p.start, end), p.end, p.type) for p in pieces if p.end > end]
            pieces = merged([*before, Piece(first, min(end, pieces[-1].end), None), *after])
        return WantedMap(self.maxphyaddr, pieces)


def wanted_map(
    ranges: Iterable[WantedRange], maxphyaddr: int, rest: MemoryType | None = MemoryType.UC
) -> WantedMap:
    """Return the map of some ranges; what none of them names gets ``rest`` (None: any type).

    Raises MtrrvizError if ranges overlap, are not page aligned or end beyond MAXPHYADDR.
    """
    ordered = sorted(ranges, key=lambda found: found.start)
    for found in ordered:
        _check_range(found, 1 << maxphyaddr)
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise MtrrvizError(
                f"the range at {format_gpa(after.start)} overlaps the one that ends at"
                f" {format_gpa(before.end)} (expected ranges that share no byte)"
            )
    return WantedMap(maxphyaddr, merged(_filled(ordered, maxphyaddr, rest)))


def _check_range(found: WantedRange, limit: int) -> None:
    span = f"{format_gpa(found.start)} to {format_gpa(found.end)}"
    if found.start % PAGE_SIZE or found.end % PAGE_SIZE:
        raise MtrrvizError(f"the range {span} is not made of whole 4 KiB pages")
    if not 0 <= found.start < found.end:
        raise MtrrvizError(f"the range {span} is empty")
    if found.end > limit:
        raise MtrrvizError(
            f"the range {span} ends beyond the guest's physical addresses"
            f" (expected an end of at most {format_gpa(limit)})"
        )


def _filled(
    ordered: Sequence[WantedRange], maxphyaddr: int, rest: MemoryType | None
) -> list[Piece]:
    """Return the ranges as pieces with the gaps between them filled."""
    pieces: list[Piece] = []
    at, end = 0, 1 << (maxphyaddr - PAGE_SHIFT)
    for found in ordered:
        first = found.start >> PAGE_SHIFT
        pieces.append(Piece(at, first, rest))
        at = found.end >> PAGE_SHIFT
        pieces.append(Piece(first, at, found.type))
    return [*pieces, Piece(at, end, rest)]


def merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Drop empty pieces and join neighbours of one type."""
    merged: list[Piece] = []
    for piece in pieces:
        if piece.start >= piece.end:
            continue
        is_more = bool(merged) and merged[-1].type == piece.type
        start = merged.pop().start if is_more else piece.start
        merged.append(Piece(start, piece.end, piece.type))
    return tuple(merged)


def wanted_by_machine(spec: MachineSpec, rest: MemoryType | None = MemoryType.UC) -> WantedMap:
    """Return what a machine's memory layout asks for: RAM WB, devices and flash UC, the rest."""
    ranges = [
        WantedRange(
            region.start,
            region.end,
            MemoryType.WB if region.kind is RegionKind.RAM else MemoryType.UC,
        )
        for region in spec.regions
    ]
    return wanted_map(ranges, spec.maxphyaddr, rest)


def is_wanted_text(text: str) -> bool:
    """Return whether a text's first line that says something is one of a wanted map."""
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            return len(words) == 3 and words[2].lower() in _WORDS
    return False


_LONGEST_WORD = 100


def parse_wanted(text: str, name: str) -> list[WantedRange]:
    """Return the ranges of lines ``start size type``; blank lines and ``#`` comments are skipped.

    Types are UC, WC, WT, WP, WB or Linux's words. Raises MtrrvizError naming file and line.
    """
    name = escaped(name)
    ranges: list[WantedRange] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(ranges) >= MAX_RANGES:
            raise MtrrvizError(f"{name}: line {number}: more than {MAX_RANGES} ranges")
        ranges.append(_parse_line(words, f"{name}: line {number}"))
    if not ranges:
        raise MtrrvizError(f"{name}: no ranges (expected lines such as 0x0 2GiB WB)")
    return ranges


def _parse_line(words: Sequence[str], place: str) -> WantedRange:
    if len(words) != 3:
        raise MtrrvizError(f"{place}: {len(words)} words (expected start size type)")
    longest = max(words, key=len)
    if len(longest) > _LONGEST_WORD:
        raise MtrrvizError(f"{place}: {longest[:40]!r} goes on (expected start size type)")
    try:
        start, size_bytes = parse_address(words[0]), parse_size(words[1])
    except ValueError as error:
        raise MtrrvizError(f"{place}: {error}") from error
    return WantedRange(start, start + size_bytes, _parse_type(words[2], place))


def _parse_type(word: str, place: str) -> MemoryType:
    kind = _WORDS.get(word.lower())
    if kind is None:
        raise MtrrvizError(
            f"{place}: {word[:40]!r} is not a memory type (expected UC, WC, WT, WP or WB)"
        )
    return kind

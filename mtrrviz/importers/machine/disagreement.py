"""Files that contradict each other: dumps of two machines, or of one at two times."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from mtrrviz.importers.notes import Note, NoteKind, Place

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from mtrrviz.importers.facts import Facts

_MAPS = {
    "iomem": "/proc/iomem",
    "e820": "e820",
    "memmap": "/sys/firmware/memmap",
    "efi": "EFI",
    "coreboot": "coreboot's tables",
    "mtree": "QEMU",
}

Stated = dict[str, dict["Hashable", "Hashable"]]
"""What each file says of things: name of the file, then thing and value."""


def disagreements(facts: Facts) -> list[Note]:
    """Return a warning for each pair of files that say different things of one machine.

    Registers given twice are reported where they are put together; this is about ranges and maps.
    """
    notes = [
        _note(one, other, f"memory maps ({_MAPS[source]}); they were laid over each other")
        for source in _MAPS
        for one, other in _differing(_ram(facts, source), whole=True)
    ]
    for one, other in _differing(_pairs(facts), whole=False):
        notes.append(_note(one, other, "variable ranges; those of the last file count"))
    return notes


def _note(one: str, other: str, what: str) -> Note:
    text = f"this and {one} have different {what}. Are they of one machine?"
    return Note(NoteKind.WARNING, text, Place(other))


def _differing(stated: Stated, *, whole: bool) -> Iterable[tuple[str, str]]:
    """Yield pairs of files that differ: as a ``whole``, or in what both of them speak of."""
    for one, other in combinations(stated, 2):
        first, second = stated[one], stated[other]
        both = first.keys() & second.keys()
        if first != second if whole else any(first[key] != second[key] for key in both):
            yield one, other


def _ram(facts: Facts, source: str) -> Stated:
    """Return the outer ranges of each file's memory map of one kind."""
    stated: Stated = {}
    for found in facts.memory:
        if found.source == source and found.depth == 0:
            stated.setdefault(found.place.file, {})[found.start, found.end] = found.name
    return stated


def _pairs(facts: Facts) -> Stated:
    """Return the numbered variable ranges of each file."""
    stated: Stated = {}
    for found in facts.ranges:
        if found.index is not None:
            span = (found.base, found.size, found.type)
            stated.setdefault(found.place.file, {})[found.index] = span
    return stated

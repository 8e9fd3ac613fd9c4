"""Which line of which file told a register's value or an event of an imported machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import field

from mtrrviz.core.msr.registers import (
    DEFTYPE,
    FIXED_MSRS,
    MAX_PAIRS,
    fixed_subranges,
    pair_msrs,
)
from mtrrviz.core.record import Record
from mtrrviz.importers.facts import Facts, FixedRange, Told
from mtrrviz.importers.notes import Place
from mtrrviz.importers.traces.trace_columns import READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.importers.traces.timeline import Timeline, Writes


class ToldPlaces(Record, eq=False):
    """Places of values in the files of an import.

    ``registers`` has them by (vCPU, MSR), the vCPU None where a dump does not say whose value it
    is. Events of traces start at the index ``first_event``; ``lines`` has a line for each, and
    ``file_numbers`` the index of its file in ``files``.
    """

    registers: dict[tuple[int | None, int], Place] = field(
        default_factory=dict[tuple[int | None, int], Place]
    )
    first_event: int = 0
    files: tuple[str, ...] = ()
    lines: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    file_numbers: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def of_event(self, index: int) -> Place | None:
        """Return the line of a trace that an event of the scenario comes from, None for others."""
        row = index - self.first_event
        if not 0 <= row < len(self.lines):
            return None
        return Place(self.files[int(self.file_numbers[row])], int(self.lines[row]))

    def of_register(self, vcpu: int, msr: int) -> Place | None:
        """Return the line of a dump that tells a register's value, None if none does."""
        return self.registers.get((vcpu, msr)) or self.registers.get((None, msr))


def told_places(facts: Facts, timelines: Sequence[Timeline], first_event: int) -> ToldPlaces:
    """Return the places of all values and events; those of traces are in the order of time."""
    parts = [_written(number, timeline.writes) for number, timeline in enumerate(timelines)]
    times, numbers, lines = np.concatenate([np.zeros((3, 0), np.int64), *parts], axis=1)
    order = np.argsort(times, kind="stable")  # as the events are sorted
    files = tuple(timeline.trace.file for timeline in timelines)
    return ToldPlaces(_register_places(facts), first_event, files, lines[order], numbers[order])


def _written(number: int, writes: Writes) -> np.ndarray:
    """Return the times, the file's number and the lines of all that becomes an event."""
    is_event = np.array(writes.kind, np.int64) != READ
    times = np.array(writes.time_ns, np.int64)[is_event]
    lines = np.array(writes.line, np.int64)[is_event]
    return np.stack([times, np.full(len(times), number), lines])


def _register_places(facts: Facts) -> dict[tuple[int | None, int], Place]:
    """Return the last line about each register; a raw value is more exact than a range."""
    places: dict[tuple[int | None, int], Place] = {}
    if Told.DEFAULT_TYPE in facts.told:
        places[None, DEFTYPE] = facts.told[Told.DEFAULT_TYPE][1]
    for fixed in facts.fixed:
        places.update({(None, msr): fixed.place for msr in _fixed_msrs(fixed)})
    for found in facts.ranges:
        if found.index is not None and found.index < MAX_PAIRS:
            places.update({(None, msr): found.place for msr in pair_msrs(found.index)})
    places.update({(found.vcpu, found.msr): found.place for found in facts.registers})
    return places


def _fixed_msrs(found: FixedRange) -> Iterator[int]:
    """Yield the fixed registers that hold a part of a range."""
    for msr in FIXED_MSRS:
        parts = fixed_subranges(msr)
        if found.start < parts[-1][0] + parts[-1][1] and parts[0][0] < found.end:
            yield msr

"""The events of a recording: rows of a CSV file, read as columns, some thousand rows at a time."""

from __future__ import annotations

import csv
import io
from collections import deque
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.scenario.event_columns import KIND_CODES, EventColumns, joined_columns
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import KNOWN_MSRS, MSR_KINDS, REGISTER_KINDS, EventKind
from mtrrviz.scenario.files.data_files.csv_file import (
    EVENT_COLUMNS,
    FRACTION,
    MAX_ROWS,
    TEXT_COLUMN,
    csv_text,
    event_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

#: Rows, and about so many characters of rows, that are taken apart together: what a cache holds.
_BATCH = 1 << 10
_BATCH_CHARACTERS = 1 << 15
_TIME_BITS = 62
_MSRS = frozenset(KNOWN_MSRS)


class RecordedEvents(Record, eq=False):
    """Events with their recorded times in nanoseconds, which may be fractions.

    The columns are without times.
    """

    times_ns: list[float]
    columns: EventColumns

    @property
    def end_ns(self) -> float:
        """The recorded time of the last event, 0 without any."""
        return self.times_ns[-1] if self.times_ns else 0

    def stretched(self, factor: float) -> EventList:
        """Return the events with all times multiplied by ``factor``."""
        times = np.rint(np.array(self.times_ns, np.float64) * factor)
        times_ns = np.clip(times, 0, 1 << _TIME_BITS).astype(np.int64)
        return EventList.of_columns(replace(self.columns, time_ns=times_ns))


def no_recorded_events() -> RecordedEvents:
    """Return what a recording without events has."""
    return RecordedEvents([], EventColumns.of(()))


def read_events(path: Path) -> RecordedEvents:
    """Return the events of a file, in its order, with their times as recorded."""
    return events_of(csv_text(path), path)


def events_of(text: str, path: Path) -> RecordedEvents:
    """Return the events in the text of a file; messages name ``path``.

    ScenarioError names the line and the column of what is wrong.
    """
    try:
        return _quickly(text)
    except (ValueError, OverflowError, csv.Error):
        # Something is wrong, or unusual: row by row it is found out what and where. Not before all
        # are known to be right they are kept: there may be a million.
        deque(event_rows(text, path), maxlen=0)
        rows = list(event_rows(text, path))
        columns = EventColumns.of([event for _, event in rows])
        return RecordedEvents([t_ns for t_ns, _ in rows], columns)


def _quickly(text: str) -> RecordedEvents:
    """Return the events of a file in which all is right, else raise ValueError."""
    times_ns: list[float] = []
    parts: list[EventColumns] = []
    for cells in _batches(text):
        times = _times(cells[0])
        if (times_ns and times[0] < times_ns[-1]) or len(times_ns) + len(times) > MAX_ROWS:
            raise ValueError(times[0])
        times_ns += times
        parts.append(_columns(cells))
    if not parts:
        return no_recorded_events()
    return RecordedEvents(times_ns, joined_columns([(part, 0, len(part)) for part in parts]))


def _batches(text: str) -> Iterator[Sequence[Sequence[str]]]:
    """Yield the columns of some rows after the other, each a cell a row."""
    head, _, rows = text.partition("\n")
    header = tuple(next(csv.reader([head], strict=True), ()))
    if header not in (EVENT_COLUMNS, (*EVENT_COLUMNS, TEXT_COLUMN)):
        raise ValueError(header)
    if any(mark in text for mark in '"\r\0'):
        reader = csv.reader(io.StringIO(rows, newline=""), strict=True)
        while batch := list(islice(reader, _BATCH)):
            yield _as_wide_as(header, list(zip(*batch, strict=True)))
        return
    start = 0
    while start < len(rows):
        end = rows.find("\n", start + _BATCH_CHARACTERS) + 1 or len(rows)
        batch = rows[start:end].removesuffix("\n") + "\n"
        # The end of a line stands as a cell of its own, and shows that no row is shorter or longer.
        cells = batch.replace("\n", ",\n,").split(",")[:-1]
        columns = [cells[at :: len(header) + 1] for at in range(len(header) + 1)]
        if columns.pop() != ["\n"] * batch.count("\n"):
            raise ValueError(start)
        yield _as_wide_as(header, columns)
        start = end


def _as_wide_as(header: Sequence[str], cells: list[Any]) -> list[Any]:
    if len(cells) != len(header):
        raise ValueError(len(cells))
    return cells


def _times(cells: Sequence[str]) -> list[float]:
    """Return ascending times."""
    try:
        times: list[float] = [int(cell, 0) for cell in cells]
    except ValueError:
        times = [_time(cell) for cell in cells]
    if times[0] < 0 or times[-1] >= 1 << _TIME_BITS or times != sorted(times):
        raise ValueError(times[0])
    return times


def _time(cell: str) -> float:
    return float(cell) if FRACTION.fullmatch(cell) else int(cell, 0)


def _columns(cells: Sequence[Sequence[str]]) -> EventColumns:
    """Return some rows as columns, without times. Each distinct cell is looked at once."""
    _, vcpus, kinds, registers, values, origins, *texts = cells
    codes = {kind: KIND_CODES[EventKind(kind)] for kind in set(kinds)}
    numbers = {cell: _number(cell, 8) for cell in set(vcpus)}
    written = _of_kinds(MSR_KINDS, codes, kinds, registers)
    msrs = {cell: _msr(cell) for cell in set(written)}
    valued = _of_kinds(REGISTER_KINDS, codes, kinds, values)
    sayings = list(zip(origins, texts[0] if texts else repeat("")))  # noqa: B905 - endless
    said = {saying: number for number, saying in enumerate(dict.fromkeys(sayings))}
    if max(len(text) for saying in said for text in saying) > csv.field_size_limit():
        raise ValueError("a text is too long")
    return EventColumns(
        np.zeros(len(kinds), np.int64),
        np.array(list(map(codes.__getitem__, kinds)), np.uint8),
        np.array(list(map(numbers.__getitem__, vcpus)), np.int16),
        np.array(list(map(msrs.__getitem__, written)), np.int32),
        np.array([0 if cell is None else int(cell, 0) for cell in valued], np.uint64),
        np.array(list(map(said.__getitem__, sayings)), np.int32),
        tuple(said),
    )


def _of_kinds(
    wanted: frozenset[EventKind], found: Iterable[str], kinds: Sequence[str], cells: Sequence[str]
) -> Sequence[str | None]:
    """Return the cells in rows of the wanted kinds, None in others, which are not looked at.

    ``found`` are the kinds that there are.
    """
    if wanted.issuperset(found):
        return cells
    pairs = zip(kinds, cells, strict=True)
    return [cell if kind in wanted else None for kind, cell in pairs]


def _number(cell: str, bits: int) -> int:
    number = int(cell, 0)
    if number < 0 or number >> bits:
        raise ValueError(cell)
    return number


def _msr(cell: str | None) -> int:
    """Return the number of the register that is written, 0 if none is."""
    number = 0 if cell is None else _number(cell, 32)
    if cell is not None and number not in _MSRS:
        raise ValueError(cell)
    return number

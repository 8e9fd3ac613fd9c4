"""The CSV files of a recording: events and phases, read row by row and checked as they come."""

from __future__ import annotations

import csv
import io
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from mtrrviz.core.units import format_size
from mtrrviz.scenario.events import (
    KNOWN_MSRS,
    KNOWN_MSRS_TEXT,
    MSR_KINDS,
    REGISTER_KINDS,
    Event,
    EventKind,
)
from mtrrviz.scenario.files.claims import most_unpacked_bytes, too_large
from mtrrviz.scenario.files.packed_file import PackedFile
from mtrrviz.scenario.model import Aps, Phase
from mtrrviz.scenario.scenario_error import ScenarioError, shown

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

#: Largest unpacked file, in bytes.
MAX_CSV_BYTES = 256 << 20
_PIECE_BYTES = 1 << 18
#: Most rows of a file; as many events as a scenario file may hold.
MAX_ROWS = 1_000_000
#: Most phases of a file, as in a scenario file.
MAX_PHASES = 10_000
#: Longest row, in bytes: each comma in it would become a cell.
MAX_ROW_BYTES = 1 << 20
#: The columns of a file of events. It may have one more, ``text``.
EVENT_COLUMNS = ("t_ns", "vcpu", "kind", "register", "value", "origin")
TEXT_COLUMN = "text"
#: A time in the middle of a nanosecond.
FRACTION = re.compile(r"[0-9]{1,19}\.[0-9]{1,9}")
_PHASE_COLUMNS = ("start_ns", "phase", "aps", "what")


class _Row:
    """One row of a file; the methods raise ScenarioError with its line and column."""

    def __init__(self, path: Path, line: int, cells: dict[str, str]) -> None:
        self._path = path
        self.line = line
        self._cells = cells

    def error(self, column: str, expected: str) -> ScenarioError:
        """Return the error for the cell in a column."""
        problem = f"{column} is {shown(self._cells[column])}"
        return ScenarioError(str(self._path), f"line {self.line}", problem, expected)

    def text(self, column: str, default: str | None = None) -> str:
        """Return a cell as it is, ``default`` if one is given and the file has no such column."""
        return self._cells[column] if default is None else self._cells.get(column, default)

    def time_ns(self, column: str) -> float:
        """Return a number of nanoseconds, which may be a fraction."""
        cell = self._cells[column]
        return float(cell) if FRACTION.fullmatch(cell) else self.number(column, 62)

    def number(self, column: str, bits: int) -> int:
        """Return a decimal or 0x number of at most ``bits`` bits."""
        try:
            number = int(self._cells[column], 0)
        except ValueError:
            number = -1
        if number < 0 or number >> bits:
            raise self.error(column, f"a number from 0 to 2^{bits}-1")
        return number


def event_rows(text: str, path: Path) -> Iterator[tuple[float, Event]]:
    """Yield the events in the text of a file, each with its recorded time; in it is no time."""
    for row in _rows(text, path, EVENT_COLUMNS, TEXT_COLUMN, most=MAX_ROWS):
        yield row.time_ns("t_ns"), _event(row)


def _event(row: _Row) -> Event:
    """Return the event of one row."""
    try:
        kind = EventKind(row.text("kind"))
    except ValueError as error:
        raise row.error("kind", f"one of {', '.join(EventKind)}") from error
    return Event(
        time_ns=0,
        kind=kind,
        vcpu=row.number("vcpu", 8),
        register=_msr(row) if kind in MSR_KINDS else 0,
        value=row.number("value", 64) if kind in REGISTER_KINDS else 0,
        origin=row.text("origin"),
        text=row.text(TEXT_COLUMN, ""),
    )


def _msr(row: _Row) -> int:
    """Return the number of the MTRR or PAT register that a row writes."""
    number = row.number("register", 32)
    if number not in KNOWN_MSRS:
        raise row.error("register", KNOWN_MSRS_TEXT)
    return number


def read_phases(path: Path) -> tuple[Phase, ...]:
    """Return the phases of a file, in its order, times as recorded."""
    text = csv_text(path, MAX_PHASES)
    return tuple(_phase(row) for row in _rows(text, path, _PHASE_COLUMNS, most=MAX_PHASES))


def _phase(row: _Row) -> Phase:
    try:
        aps = Aps(row.text("aps"))
    except ValueError as error:
        raise row.error("aps", f"one of {', '.join(Aps)}") from error
    return Phase(round(row.time_ns("start_ns")), row.text("phase"), aps, row.text("what"))


def _rows(
    text: str, path: Path, columns: tuple[str, ...], more: str = "", *, most: int
) -> Iterator[_Row]:
    """Yield the rows of a CSV file that has exactly ``columns``, first their times in order.

    It may have the column ``more`` after them, and ``most`` rows.
    """
    time_ns: float = 0
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, list[str]())
        if more and tuple(header) == (*columns, more):
            columns = (*columns, more)
        if tuple(header) != columns:
            problem = f"the columns are {shown(','.join(header))}"
            raise ScenarioError(str(path), "line 1", problem, ",".join(columns))
        for number, cells in enumerate(reader):
            place = f"line {reader.line_num}"
            if number == most:
                raise ScenarioError(str(path), place, "too many rows", f"at most {most}")
            if len(cells) != len(columns):
                expected = f"{len(columns)}: {','.join(columns)}"
                raise ScenarioError(str(path), place, f"{len(cells)} cells", expected)
            row = _Row(path, reader.line_num, dict(zip(columns, cells, strict=True)))
            before_ns, time_ns = time_ns, row.time_ns(columns[0])
            if time_ns < before_ns:
                raise row.error(columns[0], "times that do not go back")
            yield row
    except csv.Error as error:
        place = f"line {reader.line_num}"
        raise ScenarioError(str(path), place, str(error), "a CSV file") from error


def csv_text(path: Path, most_rows: int | None = None) -> str:
    """Return the text of a file, plain or gzip, of bounded size; it has at most MAX_ROWS."""
    most_rows = MAX_ROWS if most_rows is None else most_rows
    expected = "a whole CSV file"
    try:
        limit_bytes = most_unpacked_bytes(path.stat().st_size, MAX_CSV_BYTES)
        size = _measured(path, limit_bytes)
        if size.unpacked_bytes > limit_bytes:
            raise too_large(path, limit_bytes, MAX_CSV_BYTES)
        if size.longest_row_bytes > MAX_ROW_BYTES:
            expected = f"at most {format_size(MAX_ROW_BYTES)}"
            raise ScenarioError(str(path), "", "a row is too long", expected)
        if size.line_ends > most_rows + 2:  # those of the header and of an end without a line feed
            raise ScenarioError(str(path), "", "too many rows", f"at most {most_rows}")
        with _opened(path) as stream:
            data = stream.read(size.unpacked_bytes)
        return data.decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), "", f"it cannot be read: {error}", expected) from error


@dataclass(slots=True)
class _Size:
    """How large a file is; ends of lines within quotes are in a cell, and part no rows."""

    unpacked_bytes: int = 0
    line_ends: int = 0
    longest_row_bytes: int = 0
    """Of what is within quotes, and of what is not: a row may have as much of both."""


def _measured(path: Path, limit_bytes: int) -> _Size:
    """Return how large a file is, up to the limit, without keeping any of it."""
    size, row, quoted, quotes = _Size(), _LongestStretch(), _LongestStretch(), 0
    with _opened(path) as stream:
        while size.unpacked_bytes <= limit_bytes and (piece := stream.read(_PIECE_BYTES)):
            if piece.endswith(b"\r"):  # an end of two characters counts once
                piece += stream.read(1)
            size.unpacked_bytes += len(piece)
            parts = piece.split(b'"')
            is_quoted = quotes % 2
            rows = b'"'.join(parts[is_quoted::2])
            size.line_ends += rows.count(b"\n") + rows.count(b"\r") - rows.count(b"\r\n")
            row.add(rows.replace(b"\r", b"\n"), b"\n")
            begun = b"" if is_quoted else b'"'
            quoted.add(begun + b'"'.join(parts[1 - is_quoted :: 2]), b'"')
            quotes += len(parts) - 1
    size.longest_row_bytes = max(row.longest_bytes, quoted.longest_bytes)
    return size


@dataclass(slots=True)
class _LongestStretch:
    """The longest stretch without a mark in what comes in pieces, none longer than one may be."""

    longest_bytes: int = 0
    _open_bytes: int = 0

    def add(self, piece: bytes, mark: bytes) -> None:
        """Add a piece; stretches that begin and end in it are not looked at."""
        first = piece.find(mark)
        self._open_bytes += len(piece) if first < 0 else first
        self.longest_bytes = max(self.longest_bytes, self._open_bytes)
        if first >= 0:
            self._open_bytes = len(piece) - piece.rfind(mark) - 1


@contextmanager
def _opened(path: Path) -> Generator[BinaryIO | PackedFile]:
    with path.open("rb") as stream:
        yield PackedFile(stream) if path.suffix == ".gz" else stream

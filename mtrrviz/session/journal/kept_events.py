"""The events of long scenarios in a journal: blocks once, after an edit the pieces that are left.

The text of a million events takes seconds to write, and half a minute to read. Lists of events are
pieces of blocks that edits share: a long block goes to a data file beside the journal when it is
met first, and each edit is told as the pieces of its list, with short blocks in full.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec.structs import replace

from mtrrviz.scenario.event_columns import KINDS, EventColumns, kind_flags
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.event_pieces import SHORT, EventBlock, EventPiece
from mtrrviz.scenario.events import KNOWN_MSRS, LAST_VCPU, MSR_KINDS, Event, EventKind
from mtrrviz.scenario.files.data_files.column_file import plain_columns, read_columns
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.files.whole_file import write_whole
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.value_check import LAST_NS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario

_LIMITS = {
    "time_ns": LAST_NS + 1,
    "kind": len(KINDS),
    "vcpu": LAST_VCPU + 1,
    "register": max(KNOWN_MSRS) + 1,
    "value": 1 << 64,
    "said": 1 << 31,
}
_WRITES_MSR = kind_flags(MSR_KINDS)
#: What an event takes in a data file.
_EVENT_BYTES = 27
_NAME = re.compile(r"events-[0-9]{1,9}\.npz")

Row = tuple[int, str, int, int, int, str, str]
"""An event: time in ns, kind, vCPU, register, value, origin, text."""


class KeptPiece(msgspec.Struct, frozen=True):
    """Events [first, end) of the block in the data file ``name``; of none, those of ``rows``."""

    name: str = ""
    first: int = 0
    end: int = 0
    rows: tuple[Row, ...] = ()


KeptEvents = tuple[KeptPiece, ...]
"""The events of a scenario."""


class KeptBlock(msgspec.Struct, frozen=True, tag="block"):
    """A block of events in a data file, ``sayings`` being the origins and texts of its events."""

    name: str
    sayings: tuple[tuple[str, str], ...]


def are_kept_apart(scenario: Scenario) -> bool:
    """Whether a journal keeps the events of a scenario in pieces: many, and in no data file."""
    recording = scenario.recording
    return len(scenario.events) > SHORT and not (recording and recording.events)


def kept_text(scenario: Scenario) -> str:
    """Return the text of a scenario, without events that are kept in pieces."""
    return scenario_text(replace(scenario, events=()) if are_kept_apart(scenario) else scenario)


def block_bytes(scenario: Scenario) -> dict[int, int]:
    """Return about how large the data files of a scenario's blocks are, by identity."""
    if not are_kept_apart(scenario):
        return {}
    blocks = (piece.block for piece in scenario.events.pieces)
    return {id(block): len(block.columns) * _EVENT_BYTES for block in blocks if block.kept is None}


class WrittenBlocks:
    """The blocks of events that were written to a folder, and those that are yet to be told.

    ``size_bytes`` is the size of all that were written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[int, tuple[EventBlock, KeptBlock]] = {}
        self._count = 0
        self.size_bytes = 0

    def kept(self, scenario: Scenario) -> KeptEvents:
        """Return a scenario's events; blocks that are in no file are written. Raises OSError."""
        return tuple(map(self._piece, scenario.events.pieces))

    def _piece(self, piece: EventPiece) -> KeptPiece:
        if piece.block.kept is not None:
            return KeptPiece(rows=tuple(map(_row, piece.kept())))
        return KeptPiece(self._written(piece.block).name, piece.first, piece.end)

    def _written(self, block: EventBlock) -> KeptBlock:
        known = self._known.get(id(block))
        if known is None:
            self._count += 1
            name, columns = f"events-{self._count}.npz", block.columns
            data = plain_columns({name: getattr(columns, name) for name in _LIMITS})
            write_whole(self._folder / name, data)
            self.size_bytes += len(data)
            # The block is kept as well: while it lives no other has its identity.
            known = self._known[id(block)] = (block, KeptBlock(name, columns.sayings))
        return known[1]

    def blocks(self, names: Collection[str]) -> list[KeptBlock]:
        """Return what is to be told of the blocks in some files."""
        return [told for _, told in self._known.values() if told.name in names]

    def keep_only(self, names: Collection[str]) -> None:
        """Forget the blocks in other files, which are removed."""
        known = self._known.items()
        self._known = {key: one for key, one in known if one[1].name in names}
        self.size_bytes = 0


def _row(event: Event) -> Row:
    return (
        event.time_ns, event.kind.value, event.vcpu, event.register, event.value, event.origin,
        event.text,
    )  # fmt: skip


class ReadBlocks:
    """The blocks of events that a journal tells of, each read once."""

    def __init__(self, folder: Path, told: Collection[KeptBlock]) -> None:
        self._folder = folder
        self._told = {block.name: block for block in told}
        self._read: dict[str, EventBlock] = {}

    def events(self, kept: KeptEvents) -> EventList:
        """Return the events of a scenario. Raises ScenarioError."""
        return EventList.of_pieces(map(self._piece, kept))

    def _piece(self, kept: KeptPiece) -> EventPiece:
        if not kept.name:
            block = EventBlock(tuple(map(_event, kept.rows)))
            return EventPiece(block, 0, len(kept.rows))
        block = self._block(kept.name)
        if not 0 <= kept.first <= kept.end <= len(block.columns):
            raise self._error(kept.name, f"it has no events {kept.first} to {kept.end}")
        return EventPiece(block, kept.first, kept.end)

    def _block(self, name: str) -> EventBlock:
        if name not in self._told or not _NAME.fullmatch(name):
            raise self._error(name, "nothing is known of it")
        if name not in self._read:
            self._read[name] = EventBlock(columns=self._columns(self._told[name]))
        return self._read[name]

    def _columns(self, told: KeptBlock) -> EventColumns:
        path = self._folder / told.name
        try:
            found = read_columns(path, _LIMITS, "time_ns")
        except OSError as error:
            raise self._error(told.name, error.strerror or "it cannot be read") from error
        columns = EventColumns(
            found["time_ns"].astype(np.int64),
            found["kind"].astype(np.uint8),
            found["vcpu"].astype(np.int16),
            found["register"].astype(np.int32),
            found["value"].astype(np.uint64),
            found["said"].astype(np.int32),
            told.sayings,
        )
        register = np.where(_WRITES_MSR[columns.kind], columns.register, KNOWN_MSRS[0])
        is_known = np.isin(register, KNOWN_MSRS) & (
            _WRITES_MSR[columns.kind] | (columns.register == 0)
        )
        if not is_known.all():
            raise self._error(told.name, "it has a register that no event writes")
        if len(columns) and int(columns.said.max()) >= len(told.sayings):
            raise self._error(told.name, "it has events of an unknown origin")
        return columns

    def _error(self, name: str, problem: str) -> ScenarioError:
        return ScenarioError(str(self._folder / name), "", problem, "events of a journal")


def _event(row: Row) -> Event:
    time_ns, word, vcpu, register, value, origin, text = row
    try:
        kind = EventKind(word)
    except ValueError as error:
        raise ScenarioError("", "kind", f"{word!r}", "a kind of event") from error
    return Event(time_ns, kind, vcpu, register, value, origin, text)

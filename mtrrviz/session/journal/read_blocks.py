"""The blocks of events that a journal tells of, read from the data files beside it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.file_kinds import is_regular
from mtrrviz.scenario.event_columns import KINDS, EventColumns, kind_flags
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.event_pieces import MOST_PIECES, EventBlock, EventPiece
from mtrrviz.scenario.events import KNOWN_MSRS, LAST_VCPU, MSR_KINDS, Event, EventKind
from mtrrviz.scenario.files.data_files.column_file import read_columns
from mtrrviz.scenario.scenario_error import ScenarioError, shown
from mtrrviz.scenario.value_check import LAST_NS
from mtrrviz.session.journal.folders import EDITS
from mtrrviz.session.journal.kept_events import EVENT_BYTES
from mtrrviz.session.journal.sayings_file import read_sayings

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from mtrrviz.session.journal.kept_events import KeptBlock, KeptEvents, KeptPiece, Row
    from mtrrviz.session.journal.sayings_file import Sayings

_LIMITS = {
    "time_ns": LAST_NS + 1,
    "kind": len(KINDS),
    "vcpu": LAST_VCPU + 1,
    "register": max(KNOWN_MSRS) + 1,
    "value": 1 << 64,
    "said": 1 << 31,
}
_WRITES_MSR = kind_flags(MSR_KINDS)
_NAME = re.compile(r"(?:events-[0-9]{1,9}\.npz|sayings-[0-9]{1,9}\.json)")


class ReadBlocks:
    """The blocks of events in a folder, each read once."""

    def __init__(self, folder: Path, told: Collection[KeptBlock]) -> None:
        self._folder = folder
        self._told = {block.name: block for block in told}
        self._blocks: dict[str, EventBlock] = {}
        self._sayings: dict[str, Sayings] = {}

    def events(self, kept: KeptEvents) -> EventList:
        """Return the events of a scenario. Raises ScenarioError."""
        if len(kept) > MOST_PIECES:
            raise self._error(EDITS, f"{len(kept)} pieces", f"at most {MOST_PIECES}")
        places = sorted((piece.name, piece.first, piece.end) for piece in kept if piece.name)
        for (name, _, end), (after, first, _) in pairwise(places):
            if name == after and first < end:
                raise self._error(name, f"event {first} is in two pieces")
        return EventList.of_pieces(map(self._piece, kept))

    def _piece(self, kept: KeptPiece) -> EventPiece:
        if not kept.name:
            block = EventBlock(tuple(map(_event, kept.rows)))
            return EventPiece(block, 0, len(kept.rows))
        if kept.name not in self._told:
            raise self._error(kept.name, "nothing is known of it")
        if kept.name not in self._blocks:
            self._blocks[kept.name] = EventBlock(columns=self._columns(self._told[kept.name]))
        block = self._blocks[kept.name]
        if not 0 <= kept.first <= kept.end <= self._told[kept.name].events:
            raise self._error(kept.name, f"it has no events {kept.first} to {kept.end}")
        return EventPiece(block, kept.first, kept.end)

    def _columns(self, told: KeptBlock) -> EventColumns:
        path = self._file(told.name)
        # What is there is not packed: memory is taken only for what it can hold.
        if path.stat().st_size < told.events * EVENT_BYTES:
            raise self._error(told.name, f"it is too short for {told.events} events")
        found = read_columns(path, _LIMITS, "time_ns")
        columns = EventColumns(
            found["time_ns"].astype(np.int64),
            found["kind"].astype(np.uint8),
            found["vcpu"].astype(np.int16),
            found["register"].astype(np.int32),
            found["value"].astype(np.uint64),
            found["said"].astype(np.int32),
            self._read_sayings(told.sayings),
        )
        if len(columns) != told.events:
            raise self._error(told.name, f"{len(columns)} events", f"{told.events}")
        register = np.where(_WRITES_MSR[columns.kind], columns.register, KNOWN_MSRS[0])
        is_known = np.isin(register, KNOWN_MSRS) & (
            _WRITES_MSR[columns.kind] | (columns.register == 0)
        )
        if not is_known.all():
            raise self._error(told.name, "it has a register that no event writes")
        if len(columns) and int(columns.said.max()) >= len(columns.sayings):
            raise self._error(told.name, "it has events of an unknown origin")
        return columns

    def _read_sayings(self, name: str) -> Sayings:
        if name not in self._sayings:
            self._sayings[name] = read_sayings(self._file(name))
        return self._sayings[name]

    def _file(self, name: str) -> Path:
        """Return the path of a data file, which is there. Raises ScenarioError."""
        path = self._folder / name
        if not _NAME.fullmatch(name) or not is_regular(path):
            raise self._error(name, "it is missing", "a file beside the journal")
        return path

    def _error(self, name: str, problem: str, expected: str = "") -> ScenarioError:
        expected = expected or "events of a journal"
        if name != EDITS and not _NAME.fullmatch(name):
            name, problem = EDITS, f"{problem} ({shown(name)})"
        return ScenarioError(str(self._folder / name), "", problem, expected)


def _event(row: Row) -> Event:
    time_ns, word, vcpu, register, value, origin, text = row
    try:
        kind = EventKind(word)
    except ValueError as error:
        raise ScenarioError("", "kind", f"{word!r}", "a kind of event") from error
    return Event(time_ns, kind, vcpu, register, value, origin, text)

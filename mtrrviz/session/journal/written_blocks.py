"""The blocks of events that a journal has in data files beside it, each written once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mtrrviz.core.file_kinds import is_regular
from mtrrviz.scenario.files.data_files.column_file import plain_columns
from mtrrviz.scenario.files.saver import writable_text
from mtrrviz.scenario.files.whole_file import write_whole
from mtrrviz.session.journal.kept_events import (
    COLUMNS,
    EVENT_BYTES,
    KeptBlock,
    KeptPiece,
    are_kept_apart,
)
from mtrrviz.session.journal.sayings_file import write_sayings

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from mtrrviz.scenario.event_columns import EventColumns
    from mtrrviz.scenario.event_pieces import EventBlock, EventPiece
    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.journal.kept_events import KeptEvents, Row
    from mtrrviz.session.journal.sayings_file import Sayings

#: Pieces of at most so many events are told in full: a file for each would cost more.
_FEW = 16
#: About what an origin and a text take.
_SAYING_BYTES = 64


class WrittenBlocks:
    """The blocks of events that were written to a folder.

    ``size_bytes`` is the size of all that were written since :meth:`keep_only`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # By identity. What has one is kept as well: while it lives nothing else has the same.
        self._blocks: dict[int, tuple[EventBlock, KeptBlock]] = {}
        self._sayings: dict[int, tuple[Sayings, str]] = {}
        self._numbers = Counter[str]()
        self.size_bytes = 0

    def kept(self, scenario: Scenario) -> KeptEvents:
        """Return a scenario's events; blocks that are in no file are written. Raises OSError."""
        pieces = scenario.events.pieces
        blocks = {id(p.block): p.block for p in pieces if not self._is_told_in_full(p)}
        names = {key: self._in_file(block) for key, block in blocks.items()}
        return tuple(_kept(piece, names.get(id(piece.block))) for piece in pieces)

    def blocks(self, names: Collection[str]) -> list[KeptBlock]:
        """Return what is to be told of the blocks in some files."""
        return [told for _, told in self._blocks.values() if told.name in names]

    def files(self, names: Collection[str]) -> set[str]:
        """Return the names of all files of the blocks in some files."""
        return {name for told in self.blocks(names) for name in (told.name, told.sayings)}

    def keep_only(self, names: Collection[str]) -> None:
        """Forget the blocks in other files, which are removed."""
        files, blocks = self.files(names), self._blocks.items()
        self._blocks = {key: one for key, one in blocks if one[1].name in names}
        self._sayings = {key: one for key, one in self._sayings.items() if one[1] in files}
        self.size_bytes = 0

    def sizes_bytes(self, scenario: Scenario) -> dict[int, int]:
        """Return about what the files of a scenario's blocks take, by identity of what is there."""
        if not are_kept_apart(scenario):
            return {}
        sizes: dict[int, int] = {}
        for piece in scenario.events.pieces:
            if not self._is_told_in_full(piece):
                columns = piece.block.columns
                sizes[id(piece.block)] = len(columns) * EVENT_BYTES
                sizes[id(columns.sayings)] = len(columns.sayings) * _SAYING_BYTES
        return sizes

    def _is_told_in_full(self, piece: EventPiece) -> bool:
        return piece.size <= _FEW and id(piece.block) not in self._blocks

    def _in_file(self, block: EventBlock) -> str:
        """Return the name of the file of a block, which is written unless it is there."""
        columns = block.columns
        sayings = self._sayings_in_file(columns.sayings)
        known = self._blocks.get(id(block))
        told = known[1] if known else self._new_block(len(columns), sayings)
        path = self._folder / told.name
        if not is_regular(path):  # it is new, or somebody removed it
            data = _file_of(columns)
            write_whole(path, data)
            self.size_bytes += len(data)
        self._blocks[id(block)] = (block, told)
        return told.name

    def _new_block(self, events: int, sayings: str) -> KeptBlock:
        return KeptBlock(self._new_name("events", "npz"), events, sayings)

    def _sayings_in_file(self, sayings: Sayings) -> str:
        known = self._sayings.get(id(sayings))
        name = known[1] if known else self._name_of_equal(sayings)
        path = self._folder / name
        if not is_regular(path):
            self.size_bytes += write_sayings(path, sayings)
        self._sayings[id(sayings)] = (sayings, name)
        return name

    def _name_of_equal(self, sayings: Sayings) -> str:
        equal = (name for some, name in self._sayings.values() if some == sayings)
        return next(equal, None) or self._new_name("sayings", "json")

    def _new_name(self, what: str, suffix: str) -> str:
        self._numbers[what] += 1
        return f"{what}-{self._numbers[what]}.{suffix}"


def _kept(piece: EventPiece, name: str | None) -> KeptPiece:
    if name is None:
        return KeptPiece(rows=tuple(map(_row, piece.events())))
    return KeptPiece(name, piece.first, piece.end)


def _file_of(columns: EventColumns) -> bytes:
    return plain_columns({name: getattr(columns, name) for name in COLUMNS})


def _row(event: Event) -> Row:
    return (
        event.time_ns, event.kind.value, event.vcpu, event.register, event.value,
        writable_text(event.origin), writable_text(event.text),
    )  # fmt: skip

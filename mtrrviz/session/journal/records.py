"""What the records of a journal say: first what was opened, then each edit."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from mtrrviz.scenario.view import View
from mtrrviz.session.journal.kept_events import KeptBlock, KeptEvents
from mtrrviz.session.journal.text_change import TextChange
from mtrrviz.session.wanted.wanted_edits import Wanted

#: Steps of undo that a journal keeps, fewer where their texts are longer in all.
_MOST_STEPS, _MOST_CHARS = 100, 4 << 20


class OpenedRecord(msgspec.Struct, frozen=True, tag="opened"):
    """What the edits begin with: the file, what it held, and the scenario's name.

    ``path`` and ``original`` are None for what is in no file. Names of files need not be text.
    """

    name: str
    path: bytes | None
    original: bytes | None


class EditedRecord(msgspec.Struct, frozen=True, tag="edited"):
    """The scenario after an edit, as a change of the text in the record before (of none at first).

    ``step`` is the place of the edit among those that undo can take back; what was told of it and
    of later ones before no longer counts. 0 is what the first of them began with. ``edits`` counts
    all edits that are not saved, ``is_modified`` is False if they are all of the wanted map. Data
    files lie in ``directory``; where that is None they lie beside the journal. ``view`` is where
    the user looked, ``wanted`` the map of types that the user asked for, None for the machine's
    own. ``events`` are those of a long scenario, whose text is without them.
    """

    label: str
    edits: int
    change: TextChange
    directory: bytes | None
    view: View
    wanted: Wanted | None = None
    step: int = 0
    events: KeptEvents | None = None
    is_modified: bool = True


Record = OpenedRecord | EditedRecord | KeptBlock


def path_bytes(path: Path | None) -> bytes | None:
    """Return a path as a record tells it."""
    return None if path is None else os.fsencode(path.absolute())


def path_of(told: bytes | None) -> Path | None:
    """Return a path that a record tells."""
    return None if told is None else Path(os.fsdecode(told))


def most_states(text: str) -> int:
    """Return of how many states, of such a text each, a journal tells; the newest is among them."""
    return max(1, min(_MOST_STEPS + 1, _MOST_CHARS // max(1, len(text))))


def packed(record: Record) -> bytes:
    """Return a record as bytes."""
    return msgspec.json.encode(record)


def unpacked(content: bytes) -> Record:
    """Return the record that bytes say; ValueError if they say none."""
    try:
        return msgspec.json.decode(content, type=Record)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error

"""The journal of a window on disk: what was written to it, and what is to be added."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.scenario.files.saver import columns_beside, writable_text
from mtrrviz.session.journal.kept_events import are_kept_apart, kept_text
from mtrrviz.session.journal.record_file import RecordFile
from mtrrviz.session.journal.records import (
    EditedRecord,
    OpenedRecord,
    most_states,
    packed,
    path_bytes,
)
from mtrrviz.session.journal.text_change import change_between
from mtrrviz.session.journal.trusted_recording import trusted_recording
from mtrrviz.session.journal.written_blocks import WrittenBlocks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Recording, Scenario
    from mtrrviz.session.journal.edited_work import EditedWork, WorkState
    from mtrrviz.session.journal.folders import JournalFolder
    from mtrrviz.session.journal.kept_events import KeptEvents
    from mtrrviz.session.undo_history import AnyStep

#: A journal that has grown by more is written anew, with the last edits alone.
MAX_BYTES = 16 << 20
#: Of steps of undo with larger blocks of events in all only the last are kept.
_MOST_BLOCK_BYTES = 128 << 20


class WrittenJournal:
    """The journal of a window and what was written to it."""

    def __init__(self, folder: JournalFolder) -> None:
        self.folder = folder
        self._file = RecordFile(folder.edits)
        self._text: str | None = None
        self._base: tuple[Path | None, Original | None, str] | None = None
        self._steps: tuple[AnyStep, ...] = ()
        self._begun_bytes = 0
        self._columns: tuple[object, object, Recording] | None = None
        self._blocks = WrittenBlocks(folder.path)
        self._told: set[str] = set()

    def clear(self) -> None:
        """Hold nothing any longer."""
        self._text = self._base = self._columns = None
        self._steps = ()
        self._blocks.keep_only(())
        self.folder.clear()

    def keep(self, work: EditedWork) -> None:
        """Hold the work: added to what is there, or alone where that is of another file."""
        scenario = work.scenario
        base = (work.path, work.original, scenario.name)
        recording, is_new = self._recording(scenario, work.original)
        text = _text_of(scenario, recording)
        starts = is_new or self._text is None or base != self._base
        size_bytes = self._file.size_bytes + self._blocks.size_bytes
        if starts or size_bytes > self._begun_bytes + MAX_BYTES:
            self._text = None  # where writing fails the next edit starts as well
            self._told = set()
            data = work.original and work.original.data
            name = writable_text(scenario.name)
            opened = packed(OpenedRecord(name, path_bytes(work.path), data))
            records, names = self._edited(work, text, -1)
            self._file.write([opened, *records])
            self._told = names
            self._begun_bytes = self._file.size_bytes
            self._blocks.keep_only(self._told)
            self._remove_all_but(recording)
        else:
            records, names = self._edited(work, text, _common(self._steps, work.steps))
            self._file.append(records)
            self._told |= names
        self._text, self._base, self._steps = text, base, work.steps

    def _edited(self, work: EditedWork, newest: str, told: int) -> tuple[list[bytes], set[str]]:
        """Return the records of the states after step ``told``, at least of the newest.

        That has the text ``newest``. Of those that long texts leave no room for nothing is told.
        With them come the names of the data files of events that they speak of.
        """
        fresh = self._affordable(islice(work.states(), most_states(newest)))
        fresh = [fresh[0], *(state for state in fresh[1:] if state.step > told)]
        records: list[EditedRecord] = []
        old = self._text or ""
        for state in reversed(fresh):
            recording, _ = self._recording(state.scenario, work.original)
            is_newest = state is fresh[0]
            text = newest if is_newest else _text_of(state.scenario, recording)
            is_elsewhere = recording is not None and recording.directory != self.folder.path
            directory = path_bytes(recording.directory) if recording and is_elsewhere else None
            change = change_between(old, text)
            events = self._events(replace(state.scenario, recording=recording))
            record = EditedRecord(
                writable_text(state.label), state.edits, change, directory, work.view, state.wanted,
                state.step, events, work.is_modified,
            )  # fmt: skip
            records.append(record)
            old = text
        named = {piece.name for one in records for piece in one.events or () if piece.name}
        blocks = self._blocks.blocks(named - self._told)
        return [packed(record) for record in (*blocks, *records)], named

    def _events(self, scenario: Scenario) -> KeptEvents | None:
        return self._blocks.kept(scenario) if are_kept_apart(scenario) else None

    def _affordable(self, states: Iterable[WorkState]) -> list[WorkState]:
        """Return the newest states, as long as their blocks of events are not too large in all."""
        kept: list[WorkState] = []
        sizes: dict[int, int] = {}
        for state in states:
            sizes |= self._blocks.sizes_bytes(state.scenario)
            if kept and sum(sizes.values()) > _MOST_BLOCK_BYTES:
                break
            kept.append(state)
        return kept

    def _remove_all_but(self, recording: Recording | None) -> None:
        """Leave in the folder the edits and, where they lie there, the data that they name."""
        is_own = recording is not None and recording.directory == self.folder.path
        names = [recording.touches, recording.observed] if is_own and recording else []
        self._columns = self._columns if is_own else None
        files = self._blocks.files(self._told)
        kept = {self.folder.edits.name, *files, *(name for name in names if name)}
        self.folder.clear(frozenset(kept))

    def _recording(
        self, scenario: Scenario, original: Original | None
    ) -> tuple[Recording | None, bool]:
        """Return where the scenario's data lie, and whether they were written for that just now.

        Touches and leaves that are in no file, or are there no longer, go to files beside the
        journal.
        """
        recording = trusted_recording(scenario, original)
        if recording is not None:
            return recording, False
        if not len(scenario.recorded) and not len(scenario.observed):
            return None, False
        data = (scenario.recorded, scenario.observed)
        if self._columns is not None and self._columns[:2] == data:
            return self._columns[2], False
        written = columns_beside(scenario, self.folder.path / "work.toml")
        self._columns = (*data, written)
        return written, True


def _text_of(scenario: Scenario, recording: Recording | None) -> str:
    return kept_text(replace(scenario, recording=recording))


def _common(one: tuple[AnyStep, ...], two: tuple[AnyStep, ...]) -> int:
    """Return with how many steps both begin."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (a, b) in pairs if a is not b), min(len(one), len(two)))

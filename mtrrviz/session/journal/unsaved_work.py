"""Unsaved work that a program left when it died, read from its journal."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.file_kinds import file_itself
from mtrrviz.core.policies import policy_ids
from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import plural
from mtrrviz.scenario.files.data_files.recorded import load_recording
from mtrrviz.scenario.files.loader import original_of, parse_scenario
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.session.journal.kept_events import KeptBlock, kept_text
from mtrrviz.session.journal.read_blocks import ReadBlocks
from mtrrviz.session.journal.record_file import read_records
from mtrrviz.session.journal.records import OpenedRecord, most_states, path_of, unpacked
from mtrrviz.session.undo_history import UndoStep, WantedStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mtrrviz.scenario.files.data_files.recorded import RecordedData
    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.model import Recording, Scenario
    from mtrrviz.scenario.view import View
    from mtrrviz.session.document import Document
    from mtrrviz.session.journal.folders import JournalFolder
    from mtrrviz.session.journal.kept_events import KeptEvents
    from mtrrviz.session.journal.records import Record as JournalRecord
    from mtrrviz.session.undo_history import AnyStep
    from mtrrviz.session.wanted.wanted_edits import Wanted


class KeptState(Record):
    """A scenario's text and the wanted map after a step of undo, which ``label`` names.

    ``step`` is its place among them, 0 of what the first began with. Data files lie in
    ``directory``, beside the journal if that is None. ``events`` are those of a long scenario.
    """

    step: int
    label: str
    text: str
    directory: Path | None
    wanted: Wanted | None
    events: KeptEvents | None = None


class UnsavedWork(Record):
    """What a journal tells without its data being read.

    ``path`` is the file that was open, None for a new scenario; ``edits`` is how many were not
    saved, ``time_s`` when the last was kept, in seconds of the epoch. With ``is_damaged`` there may
    have been more. ``states`` are those that undo leads through, the newest last; none where
    nothing can be read.
    """

    folder: JournalFolder
    name: str
    path: Path | None
    edits: int
    time_s: float
    is_damaged: bool
    states: tuple[KeptState, ...] = ()
    original: bytes | None = None
    view: View | None = None
    is_modified: bool = True
    blocks: tuple[KeptBlock, ...] = ()

    @property
    def size_words(self) -> str:
        """How much there is."""
        return _size_words(self.edits, self.states[-1].wanted if self.states else None)


class RestoredState(Record):
    """A scenario and a wanted map, and the name of the edit that led to them."""

    label: str
    scenario: Scenario
    wanted: Wanted | None


class RestoredWork(Record):
    """What undo leads through, the newest last, and the file as it was before.

    ``lost`` has the problems of what was newer and cannot be read, the newest first.
    """

    states: tuple[RestoredState, ...]
    original: Original | None
    work: UnsavedWork
    lost: tuple[ScenarioError, ...] = ()

    @property
    def edits(self) -> int:
        """How many edits were not saved, without those that are lost."""
        return max(0, self.work.edits - len(self.lost))

    @property
    def size_words(self) -> str:
        """How much there is."""
        return _size_words(self.edits, self.states[-1].wanted)

    @property
    def scenario(self) -> Scenario:
        """The scenario after the last edit that was kept."""
        return self.states[-1].scenario

    def show_in(self, document: Document) -> None:
        """Open it as it was: undo takes back the edits that were made, under their names."""
        if self.original is None:
            document.open(self.states[0].scenario, None, is_saved=False)
        else:
            document.open(self.original.scenario, self.work.path, original=self.original)
        first = replace(self.states[0], label="Restore the wanted map")
        states = (replace(first, wanted=None), first, *self.states[1:])
        steps = [step for pair in pairwise(states) for step in _steps_between(*pair)]
        if steps:
            document.take_up(steps, self.scenario, self.states[-1].wanted)
        if self.work.is_modified and not document.is_modified:
            document.mark_unsaved()
        view = self.work.view
        if view is not None:
            _look(document, view)


def _size_words(edits: int, wanted: Wanted | None) -> str:
    """Count edits of the scenario, else say what is unsaved without one."""
    if edits or wanted is None:
        return plural(edits, "edit") if edits else "no edit, but its file was removed or changed"
    return "edits of the wanted map"


def read_unsaved(folder: JournalFolder) -> UnsavedWork:
    """Return what a journal tells up to any damage. Raises OSError."""
    found = UnsavedWork(folder, "", None, 0, folder.edits.stat().st_mtime, is_damaged=False)
    try:
        for content in read_records(folder.edits):
            found = _after(found, unpacked(content))
    except ValueError:
        return replace(found, is_damaged=True)
    return found


def restored(work: UnsavedWork) -> RestoredWork:
    """Return what a journal tells. Raises ScenarioError, as where data are gone.

    Of steps whose scenario cannot be read any longer nothing is left, nor of those before.
    """
    if not work.states:
        raise ScenarioError(str(work.folder.edits), "", "it is damaged", "a journal of edits")
    reader = _StateReader(work)
    states: list[RestoredState] = []
    lost: list[ScenarioError] = []
    for kept in reversed(work.states):
        try:
            states.insert(0, reader.state(kept))
        except ScenarioError as error:
            if states:
                break
            lost.append(error)
    if not states:
        raise lost[0]
    original = reader.original()
    if original is not None:
        end = len(work.states) - len(lost)
        states = _from_file(states, work.states[end - len(states) : end], original)
    return RestoredWork(tuple(states), original, work, tuple(lost))


def _from_file(
    states: Sequence[RestoredState], kept: Sequence[KeptState], original: Original
) -> list[RestoredState]:
    """Return the states with one that the file held: among them, else before them."""
    text, events = kept_text(original.scenario), original.scenario.events
    held = [
        one.text == text and state.scenario.events == events
        for one, state in zip(kept, states, strict=True)
    ]
    if any(held):
        return [
            replace(state, scenario=original.scenario) if is_held else state
            for state, is_held in zip(states, held, strict=True)
        ]
    first = replace(states[0], label="Restore unsaved work")
    return [RestoredState("", original.scenario, None), first, *states[1:]]


class _StateReader:
    """Reads the scenarios of a journal, and data that several of them have once."""

    def __init__(self, work: UnsavedWork) -> None:
        self._work = work
        self._known: dict[tuple[Recording, float], RecordedData] = {}
        self._scenarios: dict[tuple[str, Path | None, KeptEvents | None], Scenario] = {}
        self._blocks = ReadBlocks(work.folder.path, work.blocks)

    def state(self, kept: KeptState) -> RestoredState:
        """Return a state with its scenario. Raises ScenarioError."""
        place = (kept.text, kept.directory, kept.events)
        if place not in self._scenarios:  # edits of the wanted map leave it as it was
            self._scenarios[place] = self._scenario(kept)
        return RestoredState(kept.label, self._scenarios[place], kept.wanted)

    def original(self) -> Original | None:
        """Return the file as it was; None if there was none, or it cannot be read any longer."""
        work = self._work
        if work.original is None or work.path is None:
            return None
        try:
            folder = file_itself(work.path).parent
            return original_of(work.original, str(work.path), folder, self._data)
        except ScenarioError:  # as where its data are gone: what was edited is there all the same
            return None

    def _scenario(self, kept: KeptState) -> Scenario:
        work = self._work
        directory = kept.directory or work.folder.path
        scenario = parse_scenario(kept.text, f"{work.name}.toml", directory, self._data)
        if kept.directory is None:  # the journal goes: its data are to be saved with the scenario
            scenario = replace(scenario, recording=None)
        if kept.events is not None:
            scenario = replace(scenario, events=self._blocks.events(kept.events))
        return replace(scenario, name=work.name)

    def _data(
        self, recording: Recording, duration_s: float, source: ScenarioSource
    ) -> RecordedData:
        key = (recording, duration_s)
        if key not in self._known:
            data = load_recording(recording, duration_s, source)
            for (other, other_s), known in self._known.items():
                same = replace(other, events=recording.events, phases=recording.phases)
                if recording.touches and (same, other_s) == key:
                    data = replace(data, touches=known.touches, observed=known.observed)
            self._known[key] = data
        return self._known[key]


def _steps_between(before: RestoredState, after: RestoredState) -> Iterator[AnyStep]:
    """Give the steps of undo that lie between two states, mostly one."""
    label = after.label
    if before.wanted != after.wanted:
        yield WantedStep(label, before.wanted, after.wanted)
    if before.scenario is not after.scenario:
        yield UndoStep(label, before.scenario, after.scenario, 0)


def _after(found: UnsavedWork, record: JournalRecord) -> UnsavedWork:
    """Return what is known after one more record; ValueError if it does not fit."""
    if isinstance(record, KeptBlock):
        return replace(found, blocks=(*found.blocks, record))
    if isinstance(record, OpenedRecord):
        path = path_of(record.path)
        return replace(found, name=record.name, path=path, original=record.original)
    text = record.change.of(found.states[-1].text if found.states else "")
    directory = path_of(record.directory)
    state = KeptState(record.step, record.label, text, directory, record.wanted, record.events)
    states = (*(state for state in found.states if state.step < record.step), state)
    return replace(
        found,
        states=states[-most_states(text) :],
        edits=record.edits,
        view=record.view,
        is_modified=record.is_modified,
    )


def _look(document: Document, view: View) -> None:
    with document.batch():
        known = policy_ids()  # those of a plug-in may be gone
        if view.policy in known:
            document.set_policy(view.policy)
        if view.compared in known:
            document.set_compared_policy(view.compared)
        if view.map_mode is not None:
            document.set_map_mode(view.map_mode)
        document.set_playhead(view.time_ns or 0)
        document.select_page(view.gfn)
        document.select_vcpu(view.vcpu or 0)

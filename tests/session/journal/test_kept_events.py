"""Edits of long scenarios are kept as pieces of blocks, each written once; damage is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.scenario import Scenario, ScenarioError, event_pieces
from mtrrviz.scenario.event_columns import KIND_CODES, EventColumns
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.files.data_files.column_file import packed_columns, plain_columns
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.files.saver import save_scenario, scenario_text
from mtrrviz.scenario.touches import no_touches
from mtrrviz.session.document import Document
from mtrrviz.session.edits import add_event, move_events, paste_events, remove_events
from mtrrviz.session.journal import kept_events, records
from mtrrviz.session.journal import written_journal as keeping
from mtrrviz.session.journal.folders import JournalFolder, left_in
from mtrrviz.session.journal.keeper import Keeper
from mtrrviz.session.journal.kept_events import KeptBlock, KeptPiece
from mtrrviz.session.journal.read_blocks import ReadBlocks
from mtrrviz.session.journal.record_file import RecordFile, read_records
from mtrrviz.session.journal.records import EditedRecord, Record, unpacked
from mtrrviz.session.journal.sayings_file import write_sayings
from mtrrviz.session.journal.unsaved_work import RestoredWork, read_unsaved, restored
from mtrrviz.session.runs import at_once
from tests.session.booting import MS, boot
from tests.session.edits.test_random_walk import Walker, never

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COUNT = 9000
COLUMNS = EventColumns.of(
    [
        Event(at * MS, EventKind.WRMSR, at % 2, 0x277, at % 5, ("kernel", "user")[at % 2], "a note")
        for at in range(COUNT)
    ]
)


class Window:
    """A document whose edits are kept, until the program dies."""

    def __init__(self, root: Path, scenario: Scenario) -> None:
        self.root = root
        self.errors: list[OSError] = []
        self.document = Document(scenario, executor=never, is_saved=False)
        self.keeper = Keeper(self.document, root, at_once, self.errors.append)

    def add(self, time_ns: int) -> None:
        event = Event(time_ns, EventKind.MOV_CR0, 1, 0, 0x8000_0011, "user", "typed")
        self.document.apply(add_event(self.document.scenario, event))

    @property
    def folder(self) -> JournalFolder:
        assert self.keeper._journal is not None
        return self.keeper._journal.folder

    def blocks(self) -> list[str]:
        return sorted(file.name for file in self.folder.path.glob("events-*"))

    def after_death(self) -> RestoredWork:
        self.keeper.leave()
        (folder,) = left_in(self.root)
        found = restored(read_unsaved(folder))
        folder.release()
        return found


@pytest.fixture
def window(tmp_path: Path) -> Window:
    made = replace(boot(), events=EventList.of_columns(COLUMNS))
    return Window(tmp_path / "journal", made)


def assert_same(found: Scenario, expected: Scenario) -> None:
    assert found.events == expected.events
    assert found.duration_ns == expected.duration_ns
    plain = (scenario_text(replace(one, recording=None)) for one in (found, expected))
    assert next(plain) == next(plain)


def test_an_edit_of_a_long_scenario_is_a_short_record_and_its_block_is_written_once(
    window: Window,
) -> None:
    window.add(3 * MS)
    before = window.folder.edits.stat().st_size
    for at in range(5):
        window.add((5 + at) * MS)
    assert window.folder.edits.stat().st_size - before < 5 * 1000
    assert window.blocks() == ["events-1.npz"]
    assert window.errors == []
    assert_same(window.after_death().scenario, window.document.scenario)


def told(window: Window) -> list[Record]:
    return list(map(unpacked, read_records(window.folder.edits)))


def test_events_of_a_text_or_a_paste_go_to_blocks_as_well(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    save_scenario(replace(boot(), events=EventList.of_columns(COLUMNS)), path)
    window = Window(tmp_path / "journal", load_original(path).scenario)
    document = window.document
    assert document.scenario.events.pieces[0].block.kept is not None
    window.add(3 * MS)
    document.apply(paste_events(document.scenario, list(COLUMNS.events(0, 100)), COUNT * MS))
    before = window.folder.edits.stat().st_size
    for at in range(5):
        window.add((5 + at) * MS)
    assert window.folder.edits.stat().st_size - before < 5 * 1000
    assert window.blocks() == ["events-1.npz", "events-2.npz"]
    assert_same(window.after_death().scenario, document.scenario)


def test_texts_of_events_are_written_once(window: Window) -> None:
    window.add(MS)
    document = window.document
    texts = [replace(e, text=f"{e.time_ns} \udcff") for e in COLUMNS.events(0, COUNT)]
    document.open(replace(boot(), events=EventList.of_columns(EventColumns.of(texts))), None)
    for _ in range(3):
        document.apply(move_events(document.scenario, range(0, COUNT, 2), 1))
    sayings = sorted(file.name for file in window.folder.path.glob("sayings-*"))
    assert (len(window.blocks()), len(sayings)) == (4, 1)
    assert window.folder.edits.stat().st_size < 5000
    found = window.after_death().scenario.events
    assert [event.text for event in found] == [
        event.text.replace("\udcff", "\ufffd") for event in document.scenario.events
    ]


@pytest.mark.parametrize("pattern", ["events-*", "sayings-*", "*-*"])
def test_files_that_somebody_removed_are_written_again(window: Window, pattern: str) -> None:
    window.add(MS)
    for file in window.folder.path.glob(pattern):
        file.unlink()
    window.add(2 * MS)
    assert window.errors == []
    assert_same(window.after_death().scenario, window.document.scenario)


def test_a_short_scenario_is_kept_as_a_text(tmp_path: Path) -> None:
    window = Window(tmp_path / "journal", boot())
    window.add(3 * MS)
    assert [one.events for one in told(window) if isinstance(one, EditedRecord)] == [None, None]
    assert window.blocks() == []


def test_a_journal_that_is_written_anew_tells_of_its_blocks_again(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.add(MS)
    monkeypatch.setattr(keeping, "MAX_BYTES", 2000)
    monkeypatch.setattr(records, "_MOST_STEPS", 4)
    sizes: list[int] = []
    for at in range(40):
        window.add((2 + at) * MS)
        sizes.append(window.folder.edits.stat().st_size)
        assert sum(isinstance(one, KeptBlock) for one in told(window)) == 1
    assert sizes != sorted(sizes)
    assert window.blocks() == ["events-1.npz"]
    assert_same(window.after_death().scenario, window.document.scenario)


def test_a_block_counts_once_for_the_size_of_a_journal(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MAX_BYTES", 100_000)  # less than the block has
    anew: list[int] = []
    write = RecordFile.write

    def counted(file: RecordFile, contents: Sequence[bytes]) -> None:
        anew.append(len(contents))
        write(file, contents)

    monkeypatch.setattr(RecordFile, "write", counted)
    for at in range(5):
        window.add((2 + at) * MS)
    assert len(anew) == 1


def test_after_saving_blocks_are_written_anew(window: Window, tmp_path: Path) -> None:
    window.add(MS)
    window.document.mark_saved(window.document.scenario, tmp_path / "saved.toml")
    assert window.blocks() == []
    window.add(2 * MS)
    assert window.blocks() != []
    assert_same(window.after_death().scenario, window.document.scenario)


def test_undo_leads_back_through_long_scenarios_that_share_their_blocks(window: Window) -> None:
    document = window.document
    window.add(COUNT * 2 * MS)  # which makes it last longer
    document.apply(remove_events(document.scenario, range(100, 5000)))
    document.apply(move_events(document.scenario, range(4000), 50 * MS))
    window.add(7 * MS)
    found = window.after_death()
    shown = Document(found.scenario, executor=never)
    found.show_in(shown)
    while document.undo_label:
        assert shown.undo_label == document.undo_label
        assert_same(shown.scenario, document.scenario)
        document.undo()
        shown.undo()
    assert_same(shown.scenario, document.scenario)
    blocks = [state.scenario.events.pieces[0].block for state in found.states[:2]]
    assert blocks[0] is blocks[1]


@pytest.mark.parametrize("is_in_text", [True, False])
def test_edits_of_a_file_lead_back_to_the_file(
    tmp_path: Path, is_in_text: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtrrviz.scenario.files.saver.MOST_TEXT_EVENTS", COUNT if is_in_text else 1)
    path = tmp_path / "long.toml"
    save_scenario(replace(boot(), events=EventList.of_columns(COLUMNS)), path)
    original = load_original(path)
    document = Document(original.scenario, executor=never, path=path, original=original)
    root = tmp_path / "journal"
    errors: list[OSError] = []
    keeper = Keeper(document, root, at_once, errors.append)
    document.apply(remove_events(document.scenario, [8]))
    expected = document.scenario
    keeper.leave()
    assert errors == []
    (folder,) = left_in(root)
    found = restored(read_unsaved(folder))
    assert_same(found.scenario, expected)
    shown = Document(found.scenario, executor=never)
    found.show_in(shown)
    assert shown.undo_label == "Remove wrmsr at 0.008000 s"
    shown.undo()
    assert not shown.is_modified
    assert shown.undo_label is None


def test_a_long_file_of_which_all_events_were_removed_is_left_without_them(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    save_scenario(replace(boot(), events=EventList.of_columns(COLUMNS)), path)
    original = load_original(path)
    document = Document(original.scenario, executor=never, path=path, original=original)
    keeper = Keeper(document, tmp_path / "journal", at_once, _raise)
    document.apply(remove_events(document.scenario, range(COUNT)))
    keeper.leave()
    (folder,) = left_in(tmp_path / "journal")
    shown = Document(boot(), executor=never)
    restored(read_unsaved(folder)).show_in(shown)
    assert len(shown.scenario.events) == 0
    assert shown.is_modified
    shown.undo()
    assert shown.scenario.events == original.scenario.events
    assert not shown.is_modified


def test_each_edit_of_a_file_of_events_alone_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtrrviz.scenario.files.saver.MOST_TEXT_EVENTS", 1)
    path = tmp_path / "long.toml"
    bare = replace(boot(), recorded=no_touches(), recording=None)
    save_scenario(replace(bare, events=EventList.of_columns(COLUMNS)), path)
    original = load_original(path)
    document = Document(original.scenario, executor=never, path=path, original=original)
    keeper = Keeper(document, tmp_path / "journal", at_once, _raise)
    document.apply(remove_events(document.scenario, range(0, COUNT, 3)))
    document.apply(remove_events(document.scenario, [8]))
    keeper.leave()
    (folder,) = left_in(tmp_path / "journal")
    found = restored(read_unsaved(folder))
    shown = Document(found.scenario, executor=never)
    found.show_in(shown)
    for _ in range(2):
        assert shown.undo_label == document.undo_label
        shown.undo()
        document.undo()
        assert_same(shown.scenario, document.scenario)
    assert not shown.is_modified


def _raise(error: OSError) -> None:
    raise error


def test_blocks_that_no_edit_needs_any_longer_are_removed(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MAX_BYTES", 1 << 18)
    monkeypatch.setattr(keeping, "_MOST_BLOCK_BYTES", 1 << 19)
    document = window.document
    for _ in range(8):  # each makes a block of its own of nearly all
        document.apply(move_events(document.scenario, range(0, COUNT, 2), 1))
    assert len(window.blocks()) < 5
    assert window.errors == []
    assert_same(window.after_death().scenario, document.scenario)


def test_what_could_not_be_written_is_told_with_the_next_edit(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = window.document
    window.add(MS)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        document.apply(move_events(document.scenario, range(0, COUNT, 2), 1))
    assert [error.errno for error in window.errors] == [28]
    window.add(2 * MS)
    assert_same(window.after_death().scenario, document.scenario)


def test_random_work_is_kept_in_pieces_as_it_is_in_a_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_events, "SHORT", 0)
    window = Window(tmp_path / "journal", boot())
    walker = Walker(11)
    for step in range(80):
        walker.step(window.document)
        if step % 10 == 9 and window.keeper.kept is not None:
            assert_same(restored(read_unsaved(window.folder)).scenario, window.document.scenario)
    assert window.errors == []


def test_a_scenario_whose_blocks_are_gone_is_told(window: Window) -> None:
    window.add(MS)
    (window.folder.path / "events-1.npz").unlink()
    with pytest.raises(ScenarioError, match=r"events-1\.npz"):
        window.after_death()


def test_edits_before_one_that_cannot_be_read_are_restored(window: Window) -> None:
    document = window.document
    window.add(MS)
    window.add(2 * MS)
    expected = document.scenario
    document.apply(move_events(document.scenario, range(0, COUNT, 2), 1))
    document.apply(move_events(document.scenario, range(0, COUNT, 2), 1))
    (window.folder.path / "events-2.npz").unlink()
    (window.folder.path / "events-3.npz").write_bytes(b"damaged")
    found = window.after_death()
    assert_same(found.scenario, expected)
    assert [error.file.rpartition("/")[2] for error in found.lost] == [
        "events-3.npz",
        "events-2.npz",
    ]
    assert (found.edits, found.work.edits, found.size_words) == (2, 4, "2 edits")
    assert len(found.states) == 3


def columns_with(**changes: object) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    columns = {
        "time_ns": np.array([1, 2]),
        "kind": np.full(2, KIND_CODES[EventKind.WRMSR]),
        "vcpu": np.array([0, 1]),
        "register": np.array([0x2FF, 0x277]),
        "value": np.array([3, 4]),
        "said": np.array([0, 0]),
    }
    return columns | {name: np.array(value) for name, value in changes.items()}


@pytest.mark.parametrize(
    "changes",
    [
        {"time_ns": [2, 1]}, {"time_ns": [-1, 1]}, {"kind": [0, 99]}, {"vcpu": [0, 1 << 15]},
        {"register": [0x2FF, 0x100]}, {"said": [0, 1]}, {"value": [1]},
        {"kind": [KIND_CODES[EventKind.INIT]] * 2},
    ],
)  # fmt: skip
def test_blocks_that_hold_what_no_event_has_are_refused(
    tmp_path: Path, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_pieces, "SHORT", 1)  # no objects are made, which check by themselves
    told = [KeptBlock("events-1.npz", 2, "sayings-2.json")]
    write_sayings(tmp_path / "sayings-2.json", (("kernel", ""),))
    events = (KeptPiece("events-1.npz", 0, 2),)
    file = tmp_path / "events-1.npz"
    file.write_bytes(plain_columns(columns_with()))
    read = ReadBlocks(tmp_path, told).events(events)
    assert [event.register for event in read] == [0x2FF, 0x277]
    file.write_bytes(plain_columns(columns_with(**changes)))
    with pytest.raises(ScenarioError):
        ReadBlocks(tmp_path, told).events(events)


@pytest.mark.parametrize(
    "piece",
    [
        KeptPiece("events-1.npz", 0, 3), KeptPiece("events-1.npz", -1, 1),
        KeptPiece("events-1.npz", 2, 1), KeptPiece("events-2.npz", 0, 1),
        KeptPiece("../events-1.npz", 0, 1), KeptPiece("events-3.npz", 0, 1),
        KeptPiece("events-4.npz", 0, 1), KeptPiece("events-5.npz", 0, 1),
        KeptPiece("events-6.npz", 0, 1),
        KeptPiece(rows=((0, "wrmsr", 0, 1, 0, "", ""),)),
        KeptPiece(rows=((0, "", 0, 0, 0, "", ""),)),
        KeptPiece(rows=((-1, "init", 0, 0, 0, "", ""),)),
    ],
)  # fmt: skip
def test_pieces_that_there_cannot_be_are_refused(tmp_path: Path, piece: KeptPiece) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    for place in (tmp_path, folder):
        (place / "events-1.npz").write_bytes(plain_columns(columns_with()))
        write_sayings(place / "sayings-2.json", (("", ""),))
    (folder / "sayings-3.json").write_text('[["", 3]]')
    whole = (folder / "events-1.npz").read_bytes()
    for name in ("events-3.npz", "events-4.npz", "events-5.npz"):
        (folder / name).write_bytes(whole)
    os.mkfifo(folder / "events-6.npz")
    told = [
        KeptBlock("events-1.npz", 2, "sayings-2.json"),
        KeptBlock("../events-1.npz", 2, "sayings-2.json"),
        KeptBlock("events-3.npz", 1, "sayings-2.json"),
        KeptBlock("events-4.npz", 2, "sayings-3.json"),
        KeptBlock("events-5.npz", 2, "../sayings-2.json"),
        KeptBlock("events-6.npz", 2, "sayings-2.json"),
    ]
    with pytest.raises(ScenarioError):
        ReadBlocks(folder, told).events((piece,))


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        ([KeptPiece("events-1.npz", 0, 2)] * 2, "event 0 is in two pieces"),
        ([KeptPiece("events-1.npz", 1, 2), KeptPiece("events-1.npz", 0, 2)], "event 1 is in two"),
        ([KeptPiece()] * 257, "257 pieces .expected at most 256"),
    ],
)
def test_pieces_that_say_events_again_and_again_are_refused(
    tmp_path: Path, pieces: list[KeptPiece], problem: str
) -> None:
    with pytest.raises(ScenarioError, match=problem):
        ReadBlocks(tmp_path, ()).events(tuple(pieces))


def test_no_memory_is_taken_for_a_file_that_is_packed(tmp_path: Path) -> None:
    zeros = {name: np.zeros(100_000, np.int64) for name in columns_with()}
    (tmp_path / "events-1.npz").write_bytes(packed_columns(zeros))
    told = [KeptBlock("events-1.npz", 100_000, "sayings-1.json")]
    with pytest.raises(ScenarioError, match="it is too short for 100000 events"):
        ReadBlocks(tmp_path, told).events((KeptPiece("events-1.npz", 0, 1),))

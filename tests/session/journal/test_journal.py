"""Unsaved edits survive the program, to the last that was finished; damage is told."""

from __future__ import annotations

import errno
import gzip
import os
import random
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.memtype import MemoryType
from mtrrviz.scenario.files import saver
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.files.saver import save_scenario, scenario_text
from mtrrviz.scenario.library import find
from mtrrviz.scenario.observed import ObservedLeaves
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import no_touches
from mtrrviz.session.document import Document
from mtrrviz.session.edits import add_event, attach_dma, remove_events
from mtrrviz.session.journal import records
from mtrrviz.session.journal import written_journal as keeping
from mtrrviz.session.journal.folders import left_in
from mtrrviz.session.journal.keeper import Keeper
from mtrrviz.session.journal.record_file import RecordFile, read_records
from mtrrviz.session.journal.unsaved_work import read_unsaved, restored
from mtrrviz.session.runs import at_once
from mtrrviz.session.wanted.wanted_edits import change_rest, paint
from tests.narrow import there
from tests.scenario.files import write_recorded, write_scenario
from tests.session.booting import boot
from tests.session.edits.test_random_walk import Walker, never


def raised(error):
    raise error


class Window:
    """A document whose edits are kept, until the program dies."""

    def __init__(self, root, original, path):
        self.document = Document(original.scenario, executor=never, path=path, original=original)
        self.errors = []
        self.keeper = Keeper(self.document, root, at_once, self.errors.append)

    def edit(self):
        self.document.apply(attach_dma(self.document.scenario, 0))

    def die(self):
        self.keeper.leave()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "settings" / "journal"


@pytest.fixture
def window(root, tmp_path):
    path = write_scenario(tmp_path)
    return Window(root, load_original(path), path)


def work_in(root):
    """Return the work of the one window that died."""
    (folder,) = left_in(root)
    work = read_unsaved(folder)
    folder.release()
    return work


def plain(scenario):
    return scenario_text(replace(scenario, recording=None))


def test_each_edit_is_kept_with_the_file_and_the_view(window, root, tmp_path):
    window.document.set_playhead(1_000)
    for _ in range(2):
        window.edit()
    window.document.undo()
    window.edit()
    window.die()
    work = work_in(root)
    assert (work.path, work.edits, work.is_damaged) == (window.document.path, 2, False)
    found = restored(work)
    shown = Document(found.scenario, executor=never)
    found.show_in(shown)
    assert plain(shown.scenario) == plain(window.document.scenario)
    assert shown.path == window.document.path
    assert there(shown.original).data == there(window.document.original).data
    assert shown.view == window.document.view
    assert shown.is_modified


def test_restored_work_is_shown_at_the_time_of_its_last_edit(window, root):
    window.document.apply(attach_dma(window.document.scenario, 1_000))
    window.die()
    assert shown_again(root).playhead_ns == 1_000


def labels(document):
    """Return what undo takes back, newest first, and the texts that it leads through."""
    found = []
    while document.undo_label:
        found.append((document.undo_label, plain(document.scenario), document.edited_wanted))
        document.undo()
    return [*found, plain(document.scenario)]


def shown_again(root):
    """Return a document that shows what the one window left that died."""
    found = restored(work_in(root))
    document = Document(found.scenario, executor=never)
    found.show_in(document)
    return document


def test_undo_takes_back_what_was_done_before_each_edit_under_its_name(window, root):
    document = window.document
    first = next(iter(document.scenario.events))
    window.edit()
    document.apply(add_event(document.scenario, replace(first, time_ns=first.time_ns + 1)))
    document.want(paint(document.wanted, [(1 << 20, 2 << 20)], MemoryType.WC))
    document.apply(add_event(document.scenario, replace(first, time_ns=first.time_ns + 2)))
    document.undo()
    window.edit()
    window.die()
    shown = shown_again(root)
    assert shown.edit_count == 3
    again = labels(shown)
    assert again == labels(document)
    assert len(again) == 5
    assert not shown.is_modified
    assert shown.scenario is there(shown.original).scenario


def test_undo_leads_back_beyond_the_last_save(window, root):
    document = window.document
    for _ in range(2):
        window.edit()
    saved = save_scenario(document.scenario, document.path, document.original)
    document.mark_saved(saved.scenario, document.path, saved)
    window.edit()
    window.die()
    shown = shown_again(root)
    shown.undo()
    assert not shown.is_modified
    shown.undo()
    assert shown.is_modified
    assert labels(shown) == labels(document)[2:]


def test_edits_of_what_is_in_no_file_are_taken_back_too(root):
    document = Document(load_original(find("small-machine")).scenario, executor=never)
    keeper = Keeper(document, root, at_once, raised)
    for _ in range(3):
        document.apply(attach_dma(document.scenario, 0))
    keeper.leave()
    assert labels(shown_again(root)) == labels(document)


def test_edits_that_come_faster_than_they_are_written_are_taken_back_singly(root):
    waiting = []
    document = Document(load_original(find("small-machine")).scenario, executor=never)
    keeper = Keeper(document, root, lambda work, then: waiting.append((work, then)), raised)
    for _ in range(3):
        document.apply(attach_dma(document.scenario, 0))
    for other_time_ns in (0, 1000):
        document.undo()
        document.apply(attach_dma(document.scenario, other_time_ns))
        ((work, then),) = waiting
        waiting.clear()
        then(work())
    keeper.leave()
    assert labels(shown_again(root)) == labels(document)


def test_of_long_texts_the_last_steps_are_kept_and_the_file(window, root, monkeypatch):
    monkeypatch.setattr(records, "_MOST_CHARS", 3 * len(plain(window.document.scenario)))
    document = window.document
    for _ in range(5):
        window.edit()
    window.die()
    shown = shown_again(root)
    again, before = labels(shown), labels(document)
    assert again[0] == before[0]
    assert [label for label, *_ in again[:-1]][-1] == "Restore unsaved work"
    assert len(again) < len(before)
    assert again[-1] == before[-1]
    assert not shown.is_modified


def test_restored_work_has_its_data_once(root, tmp_path):
    path = write_recorded(tmp_path)
    window = Window(root, load_original(path), path)
    document = window.document
    document.apply(add_event(document.scenario, next(iter(document.scenario.events))))
    window.edit()
    window.die()
    shown = shown_again(root)
    data = {id(shown.scenario.recorded)}
    while shown.undo_label:
        shown.undo()
        data.add(id(shown.scenario.recorded))
    assert not shown.is_modified
    assert len(data) == 1


def test_work_is_kept_as_it_was_by_the_next_window_too(root, tmp_path):
    path = write_recorded(tmp_path)
    window = Window(root, load_original(path), path)
    document = window.document
    for _ in range(2):
        document.apply(add_event(document.scenario, next(iter(document.scenario.events))))
    window.die()
    work = work_in(root)
    next_root = tmp_path / "next"
    following = Window(next_root, load_original(path), path)
    restored(work).show_in(following.document)
    following.keeper.begin_restored(work.edits)
    following.edit()
    before = labels(following.document)
    while following.document.redo_label:
        following.document.redo()
    folder = there(following.keeper._journal).folder.path
    assert sorted(file.name for file in folder.iterdir()) == ["edits", "lock"]
    following.die()
    assert labels(shown_again(next_root)) == before


def of_files(tmp_path, monkeypatch, *, touches):
    """Return a scenario file with events, and phases, in data files of their own."""
    monkeypatch.setattr(saver, "MOST_TEXT_EVENTS", 1)
    path = tmp_path / "boot.toml"
    made = boot() if touches else replace(boot(), recorded=no_touches())
    save_scenario(made, path)
    return path


def test_what_a_file_held_before_it_was_read_again_is_kept(root, tmp_path, monkeypatch):
    path = of_files(tmp_path, monkeypatch, touches=False)
    (data,) = tmp_path.glob("*.events.csv.gz")
    named = data.rename(tmp_path / "by-hand.csv.gz")
    path.write_text(path.read_text().replace(data.name, named.name))
    window = Window(root, load_original(path), path)
    rows = gzip.decompress(named.read_bytes()).splitlines(keepends=True)
    named.write_bytes(gzip.compress(b"".join(rows[:-2])))
    document = window.document
    document.reload(load_original(path))
    window.edit()
    window.die()
    shown = shown_again(root)
    counts = {id(one): [len(one.scenario.events)] for one in (document, shown)}
    for one in (document, shown):
        while one.undo_label:
            one.undo()
            counts[id(one)].append(len(one.scenario.events))
    assert counts[id(shown)] == counts[id(document)]
    assert len(set(counts[id(shown)])) == 3


def test_touches_that_changed_on_disk_are_kept_as_they_were(root, tmp_path):
    path = write_recorded(tmp_path)
    window = Window(root, load_original(path), path)
    document = window.document
    recorded = document.scenario.recorded
    columns = {name: getattr(recorded, name)[-1:] for name in recorded.__struct_fields__}
    fewer = replace(document.scenario, recorded=replace(recorded, **columns), recording=None)
    save_scenario(fewer, tmp_path / "fewer.toml")
    (data,) = tmp_path.glob("fewer.*.touches.npz")
    (tmp_path / "boot.touches.npz").write_bytes(data.read_bytes())
    document.reload(load_original(path))
    document.undo()
    window.edit()
    window.die()
    assert len(document.scenario.recorded) != len(fewer.recorded)
    assert len(shown_again(root).scenario.recorded) == len(document.scenario.recorded)


def test_undo_leads_back_beyond_a_save_that_removed_the_data_of_before(root, tmp_path, monkeypatch):
    path = of_files(tmp_path, monkeypatch, touches=True)
    window = Window(root, load_original(path), path)
    document = window.document
    document.apply(remove_events(document.scenario, [0]))
    scenario = document.scenario
    saved = save_scenario(scenario, path, document.original)
    document.mark_saved(saved.scenario, path, saved, written=scenario)
    document.apply(remove_events(document.scenario, [0]))
    folder = there(window.keeper._journal).folder.path
    assert sorted(file.name for file in folder.iterdir()) == ["edits", "lock"]
    window.die()
    assert labels(shown_again(root)) == labels(document)


@pytest.mark.parametrize("gone", ["edits", "all", "root"])
def test_a_journal_that_somebody_removed_is_begun_again(window, root, gone):
    window.edit()
    folder = window.keeper._journal.folder.path
    if gone == "edits":
        (folder / "edits").unlink()
    else:
        shutil.rmtree(folder if gone == "all" else root)
    window.edit()
    assert window.errors == []
    assert window.keeper.kept is window.document.scenario
    window.die()
    assert len(list(root.iterdir())) == 1
    assert labels(shown_again(root)) == labels(window.document)


def test_nothing_is_told_where_a_journal_is_gone_that_is_to_be_cleared(window, root):
    window.edit()
    shutil.rmtree(root)
    window.document.undo()
    assert window.errors == []
    assert window.keeper.kept is None
    window.edit()
    assert window.errors == []
    window.die()
    assert len(list(root.iterdir())) == 1


def test_what_could_not_be_kept_is_known_whatever_the_reason(window, monkeypatch):
    assert window.keeper.holds_all
    with monkeypatch.context() as patch:
        patch.setattr(keeping.WrittenJournal, "keep", lambda *_: raised(MemoryError()))
        with pytest.raises(MemoryError):
            window.edit()
    assert not window.keeper.holds_all
    window.edit()
    assert window.keeper.holds_all


def test_a_full_disk_leaves_no_folder_and_no_open_file_behind(window, root, monkeypatch):
    with monkeypatch.context() as patch:
        for name in ("write", "fsync"):
            full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            patch.setattr(f"os.{name}", lambda *_, full=full: raised(full))
        window.edit()
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            window.edit()
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert len(window.errors) == 6
    assert list(root.iterdir()) == []
    window.edit()
    assert len(window.errors) == 6
    window.die()
    assert labels(shown_again(root)) == labels(window.document)


def test_what_no_journal_writes_is_left_where_it_lies(window, root):
    foreign = root / ("0" * 16)
    (foreign / "events-1.npz").mkdir(parents=True)
    (foreign / "precious.txt").write_text("mine")
    elsewhere = root.parent / "elsewhere"
    linked = root / ("1" * 16)
    linked.mkdir()
    (linked / "lock").symlink_to(elsewhere)
    assert left_in(root) == []
    assert (foreign / "precious.txt").read_text() == "mine"
    assert not elsewhere.exists()
    window.edit()
    (window.keeper._journal.folder.path / "precious.txt").write_text("mine")
    (window.keeper._journal.folder.path / "events-9.npz").mkdir()
    window.document.undo()
    window.keeper.remove()
    assert window.errors == []
    assert len(list(root.glob("*/precious.txt"))) == 2


def test_a_policy_that_is_known_no_longer_is_not_looked_at(window, root):
    window.document.set_policy("per-vm")
    window.edit()
    file = window.keeper._journal.folder.edits
    contents = [one.replace(b'"per-vm"', b'"gone"') for one in read_records(file)]
    RecordFile(file).write(contents)
    window.die()
    shown = shown_again(root)
    assert shown.policy != "gone"
    assert plain(shown.scenario) == plain(window.document.scenario)


def test_nothing_is_kept_without_edits_and_after_saving(window, root):
    assert not root.exists()
    window.edit()
    document = window.document
    saved = save_scenario(document.scenario, document.path, document.original)
    document.mark_saved(saved.scenario, document.path, saved)
    assert window.keeper.kept is None
    window.die()
    assert left_in(root) == []
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("with_edit", [False, True])
def test_the_wanted_map_is_kept_also_without_an_edit_of_the_scenario(window, root, with_edit):
    document = window.document
    document.want(paint(document.wanted, [(1 << 20, 2 << 20)], MemoryType.WC))
    if with_edit:
        window.edit()
    document.want(change_rest(document.wanted, MemoryType.WP))
    wanted = document.wanted
    window.die()
    found = restored(work_in(root))
    shown = Document(found.scenario, executor=never)
    found.show_in(shown)
    assert shown.wanted == wanted
    assert found.work.size_words == ("1 edit" if with_edit else "edits of the wanted map")
    assert shown.is_modified is with_edit
    assert plain(shown.scenario) == plain(document.scenario)


def test_a_wanted_map_that_was_undone_is_not_kept(window, root):
    document = window.document
    document.want(paint(document.wanted, [(1 << 20, 2 << 20)], MemoryType.WC))
    document.undo()
    window.die()
    assert left_in(root) == []


def test_what_was_undone_to_the_file_is_not_kept(window, root):
    window.edit()
    window.document.undo()
    window.die()
    assert left_in(root) == []


def test_edits_after_saving_are_kept_with_what_was_saved(window, root):
    window.edit()
    document = window.document
    saved = save_scenario(document.scenario, document.path, document.original)
    document.mark_saved(saved.scenario, document.path, saved)
    window.edit()
    window.die()
    assert work_in(root).original == saved.data
    assert work_in(root).edits == 2


def test_windows_are_kept_apart_and_living_ones_left_alone(root, tmp_path):
    windows = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        path = write_scenario(tmp_path / name)
        windows.append(Window(root, load_original(path), path))
        windows[-1].edit()
    assert left_in(root) == []
    windows[0].die()
    windows[2].die()
    folders = left_in(root)
    names = [there(read_unsaved(folder).path).parent.name for folder in folders]
    assert names == ["one", "three"]
    folders[0].remove()
    folders[1].release()
    assert len(left_in(root)) == 1


@pytest.mark.parametrize("name", ["small-machine", "seabios-8vcpu-2g"])
def test_random_work_is_kept_whole_at_each_step(root, name):
    original = load_original(find(name))
    window = Window(root, original, None)
    walker = Walker(7)
    for step in range(60):
        walker.step(window.document)
        if step % 20 == 19 and window.keeper.kept is not None:
            found = restored(read_unsaved(there(window.keeper._journal).folder))
            assert plain(found.scenario) == plain(window.document.scenario)
    assert window.errors == []


def test_data_that_are_in_no_file_are_kept_too(root, tmp_path):
    scenario = replace(load_original(write_recorded(tmp_path)).scenario, recording=None)
    document = Document(scenario, executor=never, is_saved=False)
    keeper = Keeper(document, root, at_once, raised)
    for _ in range(2):
        document.apply(attach_dma(document.scenario, 0))
    keeper.leave()
    found = restored(work_in(root)).scenario
    assert len(found.recorded) == len(scenario.recorded) > 0
    assert found.recording is None
    assert plain(found) == plain(document.scenario)


@pytest.mark.parametrize("kept", ["recorded", "observed", "neither"])
def test_only_data_with_rows_go_beside_the_journal(root, tmp_path, kept):
    rows = there(load_original(write_recorded(tmp_path)).scenario.recorded)
    one, byte = np.ones(1, np.int64), np.ones(1, np.uint8)
    seen = ObservedLeaves(
        one, 5 * one, one.astype(np.uint64), byte, byte, 8 * byte, one.astype(np.uint32)
    )
    scenario = load_original(write_scenario(tmp_path)).scenario
    scenario = replace(scenario, recorded=rows if kept == "recorded" else scenario.recorded)
    scenario = replace(scenario, observed=seen if kept == "observed" else scenario.observed)
    document = Document(scenario, executor=never, is_saved=False)
    keeper = Keeper(document, root, at_once, lambda _error: None)
    document.apply(attach_dma(document.scenario, 0))
    keeper.leave()
    work = work_in(root)
    beside = [one for one in work.folder.path.iterdir() if one.suffix == ".npz"]
    assert len(beside) == (kept != "neither")
    found = restored(work).scenario
    assert (len(found.recorded), len(found.observed)) == (
        len(scenario.recorded),
        len(scenario.observed),
    )


@pytest.mark.parametrize("content", [b"{}", b"[", b'{"type": "edited"}', b"[" * 100_000])
def test_a_record_that_is_whole_but_tells_nothing_is_damage(window, root, content):
    window.edit()
    file = RecordFile(window.keeper._journal.folder.edits)
    kept = list(read_records(window.keeper._journal.folder.edits))
    window.die()
    file.write([*kept, content, kept[-1]])
    work = work_in(root)
    assert (work.is_damaged, work.edits) == (True, 1)
    assert plain(restored(work).scenario) == plain(window.document.scenario)


def test_a_torn_record_leaves_the_edits_before_it(window, root):
    window.edit()
    kept = plain(window.document.scenario)
    size = (file := window.keeper._journal.folder.edits).stat().st_size
    window.edit()
    whole = file.read_bytes()
    window.die()
    for cut in (size + 1, size + 8, (size + len(whole)) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        work = work_in(root)
        assert (work.is_damaged, work.edits) == (True, 1)
        assert plain(restored(work).scenario) == kept


def test_any_damage_is_told_and_never_an_error(window, root):
    for _ in range(4):
        window.edit()
    file = window.keeper._journal.folder.edits
    whole = file.read_bytes()
    window.die()
    chance = random.Random(1)
    for _ in range(60):
        place = chance.randrange(len(whole))
        broken = bytes([whole[place] ^ (1 << chance.randrange(8))])
        file.write_bytes(whole[:place] + broken + whole[place + 1 :])
        work = work_in(root)
        assert work.is_damaged
        assert work.edits < 4
        if work.states:
            assert restored(work).scenario
        else:
            with pytest.raises(ScenarioError, match="damaged"):
                restored(work)


def test_a_full_disk_is_told_and_the_next_edit_is_kept(window, root, monkeypatch):
    window.edit()

    def full(handle, data, place):
        write(handle, data[: len(data) // 2], place)
        raise OSError(errno.ENOSPC, "No space left on device")

    write = os.pwrite
    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        window.edit()
    assert [error.errno for error in window.errors] == [errno.ENOSPC]
    assert window.keeper.kept is not window.document.scenario
    folder = window.keeper._journal.folder
    torn = read_unsaved(folder)
    assert (torn.edits, torn.is_damaged) == (1, True)
    window.edit()
    window.die()
    work = work_in(root)
    assert (work.edits, work.is_damaged) == (3, False)
    assert plain(restored(work).scenario) == plain(window.document.scenario)


def test_a_long_journal_is_written_anew(window, root, monkeypatch):
    monkeypatch.setattr(keeping, "MAX_BYTES", 3000)
    monkeypatch.setattr(records, "_MOST_STEPS", 4)
    sizes = []
    for _ in range(40):
        window.edit()
        sizes.append(window.keeper._journal.folder.edits.stat().st_size)
    assert max(sizes) < 6000
    assert sizes != sorted(sizes)
    window.die()
    assert plain(restored(work_in(root)).scenario) == plain(window.document.scenario)


def test_names_that_are_no_text_survive(root, tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.toml")
    path.write_bytes(write_scenario(tmp_path).read_bytes())
    window = Window(root, load_original(path), path)
    window.edit()
    window.die()
    found = restored(work_in(root))
    assert found.work.path == path
    assert found.original is not None


def test_each_edit_is_synced_before_it_counts_as_kept(window, root, monkeypatch):
    synced = []
    sync = os.fsync

    def note(handle):
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        synced.append((kind, Path(f"/proc/self/fd/{handle}").readlink(), window.keeper.kept))
        sync(handle)

    monkeypatch.setattr("os.fsync", note)
    window.edit()
    first = window.document.scenario
    folder = window.keeper._journal.folder.path
    places = [(kind, path) for kind, path, _ in synced]
    assert ("folder", root) in places
    assert ("folder", folder) in places
    assert {kept for *_, kept in synced} == {None}
    synced.clear()
    window.edit()
    assert [(kind, path.name, kept) for kind, path, kept in synced] == [("file", "edits", first)]
    assert window.keeper.kept is window.document.scenario


@pytest.mark.parametrize("first", ["0" * 15, "e" * 15])
def test_what_else_is_among_journals_is_left_and_hides_none(root, window, tmp_path, first):
    window.edit()
    window.die()
    (folder,) = root.iterdir()
    folder.rename(root / (first + "9"))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    made = [theirs / "photo", root / "photos" / "photo", root / "a file"]
    (root / "photos").mkdir()
    for file in made:
        file.write_bytes(b"x")
    for number, make in enumerate(KINDS):
        (root / f"{number:016x}").mkdir()
        make(root / f"{number:016x}")
    (root / f"{len(KINDS):016x}").symlink_to(theirs)
    before = set(root.rglob("*"))
    (left,) = left_in(root)
    assert read_unsaved(left).edits == 1
    assert before <= set(root.rglob("*"))
    assert all(file.read_bytes() == b"x" for file in made)


KINDS = (
    lambda folder: (folder / "lock").mkdir(),  # which cannot be locked
    lambda folder: os.mkfifo(folder / "edits"),
    lambda folder: (folder / "edits").symlink_to("/dev/zero"),
    lambda folder: (folder / "edits").mkdir(),
)


def test_a_journal_without_end_is_damaged(root, window):
    window.edit()
    window.die()
    (folder,) = root.iterdir()
    os.truncate(folder / "edits", 1 << 40)
    found = read_unsaved(left_in(root)[0])
    assert (found.edits, found.is_damaged) == (1, True)

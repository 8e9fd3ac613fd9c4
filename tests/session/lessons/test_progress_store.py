"""What a learner did is kept, also where this program cannot read it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.progress import KeptSituation
from mtrrviz.lessons.reading.read_lesson import read_lesson
from mtrrviz.session.lessons.progress_store import ProgressStore


@pytest.fixture(scope="module")
def lesson():
    return read_lesson(lesson_paths()["memory-types"])


@pytest.fixture
def store(tmp_path):
    return ProgressStore(tmp_path / "lessons")


def test_progress_is_kept_and_found(store, lesson):
    progress, problem = store.load(lesson)
    assert problem == ""
    store.keep(lesson, progress.answered("x", "42"))
    assert ProgressStore(store.path_of(lesson).parent).load(lesson) == (
        progress.answered("x", "42"),
        "",
    )


@pytest.mark.parametrize("theirs", [b"damaged", b'{"a newer program": 1}', b""])
def test_a_file_that_cannot_be_used_gets_another_name(store, lesson, theirs):
    path = store.path_of(lesson)
    path.parent.mkdir()
    for number in (1, 2):
        path.write_bytes(theirs)
        progress, problem = store.load(lesson)
        assert problem.startswith("The lesson begins anew.")
        assert path.read_bytes() == theirs
        store.keep(lesson, progress)
        store.keep(lesson, progress.answered("x", "42"))
        aside = path.with_name(f"memory-types.unreadable-{number}.json")
        assert aside.read_bytes() == theirs
    assert len(list(path.parent.iterdir())) == 3
    assert store.load(lesson) == (progress.answered("x", "42"), "")


def test_a_folder_on_a_disk_that_is_gone_counts_as_none(store, lesson, monkeypatch):
    path, stat = store.path_of(lesson), Path.stat

    def stale(file, **options):
        if file == path:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return stat(file, **options)

    monkeypatch.setattr(Path, "stat", stale)
    assert store.load(lesson)[1] == ""


def test_what_two_windows_do_in_a_lesson_is_kept(store, lesson):
    other = ProgressStore(store.path_of(lesson).parent)
    (mine, _), (theirs, _) = store.load(lesson), other.load(lesson)
    mine, number = mine.answered("a", "1").keeping("mine")
    mine = mine.done("a", KeptSituation(scenario=number, policy="per-vm"))
    store.keep(lesson, mine)
    theirs, number = theirs.keeping("theirs")
    theirs = theirs.answered("b", "2").done("b", KeptSituation(scenario=number, policy="per-vcpu"))
    other.keep(lesson, theirs)
    mine = mine.answered("c", "3")
    store.keep(lesson, mine)
    kept, problem = ProgressStore(store.path_of(lesson).parent).load(lesson)
    assert problem == ""
    assert {name: step.answers for name, step in kept.steps.items()} == {
        "a": ("1",),
        "b": ("2",),
        "c": ("3",),
    }
    places = {name: kept.of(name).situation for name in "ab"}
    where = {name: kept.scenarios[place.scenario] for name, place in places.items() if place}
    assert where == {"a": "mine", "b": "theirs"}


def test_a_lesson_that_is_begun_afresh_forgets_what_was_done(store, lesson):
    progress, _ = store.load(lesson)
    store.keep(lesson, progress.done("a"))
    store.keep(lesson, progress.restarted())
    again = ProgressStore(store.path_of(lesson).parent)
    progress, _ = again.load(lesson)
    assert progress.steps == {}
    store.keep(lesson, progress.done("a"))
    progress, _ = again.load(lesson)
    again.keep(lesson, progress.restarted().done("b"))
    assert list(store.load(lesson)[0].steps) == ["b"]


def test_a_step_that_is_done_here_is_not_undone_by_another_window(store, lesson):
    other = ProgressStore(store.path_of(lesson).parent)
    progress, _ = store.load(lesson)
    store.keep(lesson, progress.answered("a", "1").done("a"))
    other.keep(lesson, progress.answered("a", "2"))
    kept = store.load(lesson)[0].of("a")
    assert (kept.is_done, kept.answers) == (True, ("1",))


def test_a_step_that_another_window_keeps_again_in_a_file_that_was_gone_stays(store, lesson):
    other = ProgressStore(store.path_of(lesson).parent)
    done = store.load(lesson)[0].done("a")
    store.keep(lesson, done)
    store.path_of(lesson).unlink()
    mine, _ = store.load(lesson)
    other.keep(lesson, done)
    store.keep(lesson, mine.done("b"))
    assert sorted(store.load(lesson)[0].steps) == ["a", "b"]


@pytest.mark.parametrize(
    "texts", [["x" * ((4 << 20) + 1)], [n + "x" * ((4 << 20) - 1) for n in "12345"]]
)
def test_what_could_not_be_read_again_is_not_written(store, lesson, texts):
    progress, _ = store.load(lesson)
    store.keep(lesson, progress.done("a"))
    for text in texts:
        progress, _ = progress.keeping(text)
    with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        store.keep(lesson, progress)
    assert list(store.load(lesson)[0].steps) == ["a"]

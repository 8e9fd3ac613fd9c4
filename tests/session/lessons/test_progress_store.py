"""What a learner did is kept, also where this program cannot read it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mtrrviz.lessons.lesson_library import lesson_paths
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

"""`mtrrviz lesson list` and `check`: what they print, and their exit codes."""

from __future__ import annotations

from mtrrviz.cli import main
from mtrrviz.lessons.lesson_library import shipped_lessons
from tests.lessons.conftest import SHOW, lesson_text


def test_list_names_every_lesson_in_the_order_of_the_course(capsys):
    assert main(["lesson", "list"]) == 0
    printed = capsys.readouterr().out
    places = [printed.index(lesson.title) for lesson in shipped_lessons()]
    assert places == sorted(places)


def test_check_tells_all_faults_by_line(tmp_path, capsys):
    bad = tmp_path / "bad.md"
    bad.write_text(lesson_text("name = 1", 'name = "b"\nx = 2'), encoding="utf-8")
    assert main(["lesson", "check", "variable-ranges", str(bad)]) == 2
    out, err = capsys.readouterr()
    assert "variable-ranges: good" in out
    assert [line.split(": ")[0] for line in err.splitlines()] == [f"{bad}:9", f"{bad}:16"]


def test_check_plays_the_lesson(tmp_path, capsys):
    bad = tmp_path / "bad.md"
    block = f'name = "d"\n{SHOW}[[do]]\nask = "dma"\nis = 1\n[solution]'
    bad.write_text(lesson_text(block), encoding="utf-8")
    assert main(["lesson", "check", str(bad)]) == 2
    assert f"{bad}:8: step 'd': it is done before" in capsys.readouterr().err


def test_a_lesson_that_is_not_there_is_told(capsys):
    assert main(["lesson", "check", "nowhere", "a\0b", "x" * 5000]) == 2
    assert capsys.readouterr().err.count("no such lesson") == 3


def test_without_an_action_the_usage_is_told(capsys):
    assert main(["lesson"]) == 2
    assert "lesson --help" in capsys.readouterr().err

"""What learners did is judged again: the file's own word counts for nothing."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import structs
from msgspec.structs import replace

from mtrrviz.cli import main
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.grading import grade
from mtrrviz.lessons.keeping import done_in, kept_scenario
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.opening import opened
from mtrrviz.lessons.progress import (
    MAX_ANSWERS,
    LessonProgress,
    StepProgress,
    parse_progress,
    progress_text,
    read_progress,
)
from mtrrviz.lessons.reading.read_lesson import read_lesson
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from tests.lessons.conftest import SHOW, lesson_of
from tests.lessons.played import played


@pytest.fixture(scope="module")
def lesson():
    return read_lesson(lesson_paths()["variable-ranges"])


@pytest.fixture(scope="module")
def progress(lesson):
    return played(lesson, wrong_first=True)


def test_a_lesson_that_was_done_is_done_after_a_trip_through_its_file(lesson, progress):
    again = parse_progress(progress_text(progress).encode(), "ann.json")
    assert again == progress
    graded = grade(again, lesson)
    assert graded.learner == "Ann"
    assert graded.done == len(graded.steps) == lesson.task_count
    assert {step.step: step.tries for step in graded.steps}["mask"] == 5
    assert {step.step: step.hints for step in graded.steps}["mask"] == 4


@pytest.mark.parametrize("name", lesson_paths())
def test_what_was_done_in_a_shipped_lesson_is_judged_done_again(name):
    lesson = read_lesson(lesson_paths()[name])
    again = parse_progress(progress_text(played(lesson)).encode(), "ann.json")
    assert [step.note for step in grade(again, lesson).steps if not step.is_done] == []


def changed(progress, step, **what):
    return structs.replace(
        progress, steps={**progress.steps, step: structs.replace(progress.steps[step], **what)}
    )


def only(graded, name):
    return next(step for step in graded.steps if step.step == name)


def test_a_claim_without_a_right_answer_is_not_believed(lesson, progress):
    forged = changed(progress, "mask", answers=("1",), is_done=True)
    found = only(grade(forged, lesson), "mask")
    assert not found.is_done
    assert "no answer is right" in found.note


def test_a_claim_to_have_done_something_is_looked_at(lesson, progress):
    kept = progress.steps["mask"].situation
    found = only(grade(changed(progress, "write-pair", situation=kept), lesson), "write-pair")
    assert not found.is_done
    assert "UC" in found.note


def test_an_answer_counts_at_what_the_step_shows_not_where_the_file_says():
    lesson = lesson_of(
        f'name = "a"\n{SHOW}at = 0.96\nvcpu = 0\npage = 0x200_0000\n'
        '[predict]\nquestion = "Q"\nask = "type"\nsource = "mtrr"'
    )
    progress = played(lesson)
    assert only(grade(progress, lesson), "a").answer == "WT"
    kept = progress.steps["a"].situation
    assert kept is not None
    elsewhere = structs.replace(kept, vcpu=1, gfns=(1, 2), time_ns=0)
    forged = changed(changed(progress, "a", situation=elsewhere), "a", answers=("UC",))
    assert not only(grade(forged, lesson), "a").is_done
    honest = changed(progress, "a", situation=elsewhere)
    assert only(grade(honest, lesson), "a").is_done


def test_another_machine_is_refused(lesson, progress):
    forged = structs.replace(
        progress,
        scenarios=tuple(text.replace("vcpus = 4", "vcpus = 5") for text in progress.scenarios),
    )
    graded = grade(forged, lesson)
    assert graded.done == 0
    assert "another machine" in graded.steps[0].note


def test_a_scenario_that_is_not_there_or_is_none_is_told(lesson, progress):
    for scenarios in ((), ("x = ",) * 100):
        graded = grade(structs.replace(progress, scenarios=scenarios), lesson)
        assert graded.done == 0
        assert all(step.note for step in graded.steps)


def test_a_result_of_another_lesson_is_refused(lesson):
    with pytest.raises(MtrrvizError, match="other"):
        grade(LessonProgress(lesson="other"), lesson)


def test_answers_beyond_the_most_replace_the_last_one():
    progress = LessonProgress(lesson="x")
    for number in range(MAX_ANSWERS + 20):
        progress = progress.answered("a", str(number))
    answers = progress.of("a").answers
    assert len(answers) == MAX_ANSWERS
    assert (answers[0], answers[-1]) == ("0", str(MAX_ANSWERS + 19))


def test_scenarios_of_steps_that_were_done_again_are_dropped(lesson, progress):
    step, again = lesson.steps[0], progress
    for vcpus in (2, 3):
        scenario = open_scenario("sandbox")
        scenario = replace(scenario, machine=replace(scenario.machine, vcpus=vcpus))
        again = done_in(again, lesson, step, opened(scenario))
    assert len(again.scenarios) == len(progress.scenarios) + 1  # "base" was done in the first
    kept = again.of(step.name).situation
    assert kept is not None
    assert "vcpus = 3" in again.scenarios[kept.scenario]
    assert not any("vcpus = 2" in text for text in again.scenarios)
    unchanged = [found for found in grade(again, lesson).steps if found.is_done]
    assert len(unchanged) == lesson.task_count - 1
    assert progress.restarted() == LessonProgress(lesson=lesson.name, learner="Ann")


def test_a_recorded_boot_is_kept_with_edits_and_made_again(lesson):
    boot = opened(open_scenario("ovmf-8vcpu-2g"))
    write = Event(1_000_000_000, EventKind.WRMSR, 0, 0x2FF, 0xC06)
    edited = boot.of(boot.scenario.inserting(write))
    progress = done_in(LessonProgress(lesson=lesson.name), lesson, lesson.steps[0], edited)
    again = kept_scenario(parse_progress(progress_text(progress).encode(), "x"), 0, lesson)
    assert (again.name, again.events) == ("ovmf-8vcpu-2g", edited.scenario.events)
    assert len(again.touches) == len(boot.scenario.touches)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"lesson": "../x"}',
        b'{"lesson": "x", "version": 2}',
        b'{"lesson": "x", "step": -1}',
        b'{"lesson": "x", "more": 1}',
        b'{"lesson": "x", "steps": {"a": {"hints": 99}}}',
        b'{"lesson": "x", "learner": "\xff"}',
        b"[" * 100_000,
    ],
)
def test_hostile_files_are_told_in_one_line(data):
    with pytest.raises(MtrrvizError) as error:
        parse_progress(data, "x.json")
    assert str(error.value).startswith("x.json: ")
    assert "\n" not in str(error.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b" " * (17 << 20))
    with pytest.raises(MtrrvizError, match=r"x\.json: .* too large \(expected at most 16 MiB\)"):
        read_progress(path)


def test_hostile_situations_are_refused(lesson, progress):
    kept = progress.steps["write-pair"].situation
    for what in (
        {"vcpu": 200},
        {"gfns": (5, 5)},
        {"gfns": (0, 1 << 51)},
        {"policy": "x"},
        {"register": 3},
        {"scenario": 99},
    ):
        forged = changed(progress, "write-pair", situation=structs.replace(kept, **what))
        found = only(grade(forged, lesson), "write-pair")
        assert not found.is_done, what
        assert "expected" in found.note or "x" in found.note


def test_the_command_tells_each_result_and_the_exit_code(tmp_path, capsys, progress):
    good, bad = tmp_path / "ann.json", tmp_path / "bob.json"
    good.write_text(progress_text(progress), encoding="utf-8")
    assert main(["lesson", "grade", str(good)]) == 0
    assert "7 of 7 steps done" in capsys.readouterr().out
    forged = structs.replace(progress, steps={"mask": StepProgress(is_done=True)})
    bad.write_bytes(msgspec.json.encode(forged))
    assert main(["lesson", "grade", str(good), str(bad)]) == 1
    assert "0 of 7 steps done" in capsys.readouterr().out
    bad.write_text("{", encoding="utf-8")
    assert main(["lesson", "grade", str(bad)]) == 2
    assert "bob.json" in capsys.readouterr().err

"""A lesson in a learner's hands: steps, what they open, what is judged, what is kept."""

from __future__ import annotations

import pytest

from mtrrviz.lessons.judging import UNREADABLE
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.progress import LessonProgress
from mtrrviz.lessons.reading.read_lesson import parse_lesson, read_lesson
from mtrrviz.scenario.library import builtin_paths, open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import add_event
from mtrrviz.session.lessons.course import CourseStage, course, next_entry
from mtrrviz.session.lessons.document_situation import Look
from mtrrviz.session.lessons.open_lesson import CANNOT_SHOW, Classroom, OpenLesson
from mtrrviz.session.lessons.progress_store import ProgressStore
from mtrrviz.session.runs import at_once
from tests.narrow import there

TEXT = """+++
title = "T"
goal = "G"
minutes = 1
+++

```step
name = "look"
[show]
scenario = "sandbox"
page = 0x1000
vcpu = 2
at = 1
```

```step
name = "write"
hints = ["One.", "Two."]
[[do]]
ask = "dma"
is = 0
[[wrong]]
name = "two"
say = "One more, not less."
when = [{ ask = "dma", is = 2 }]
[[wrong.play]]
t = 0.0
kind = "dma-attach"
[solution]
[[solution.event]]
t = 0.0
kind = "dma-detach"
```

```step
name = "say"
[number]
question = "How many?"
ask = "dma"
```

```step
name = "other"
[show]
scenario = "small-machine"
```
"""


class Class:
    """A lesson with what is around it, all at once and noted."""

    def __init__(self, progress=None, *, consents=True, text=TEXT):
        self.lesson = parse_lesson(text, "t.md", "t")
        self.document = Document(open_scenario("small-machine"))
        self.kept, self.told, self.asked, self.panels = [], [], [], []
        self.consents = consents
        self.look = Look()
        room = Classroom(
            executor=at_once,
            keep=self.kept.append,
            tell=self.told.append,
            look=lambda: self.look,
            show_panel=self.panels.append,
            may_discard=self._ask,
        )
        progress = progress or LessonProgress(lesson="t")
        self.open = OpenLesson(self.lesson, self.document, progress, room)

    def _ask(self):
        self.asked.append(True)
        return self.consents

    def begun(self, steps=0):
        assert self.open.begin()
        for _ in range(steps):
            assert self.open.next()
        return self

    def edit(self, event):
        self.document.apply(add_event(self.document.scenario, event))
        self.open.look_again()

    def detach(self):
        (event,) = there(self.lesson.steps[1].solution).events
        self.edit(event)


def test_a_step_opens_a_copy_and_shows_what_it_names():
    now = Class().begun()
    document = now.document
    assert document.scenario.name == "sandbox"
    assert document.path is None
    assert not document.is_modified
    assert (document.gfn, document.vcpu, document.playhead_ns) == (1, 2, 1_000_000_000)
    assert now.open.is_done  # it asks for nothing


def test_what_is_to_be_done_is_judged_as_the_learner_works():
    now = Class().begun(1)
    assert not now.open.is_done
    assert any("it should be 0" in line for line in there(now.open.verdict).lines)
    now.detach()
    assert now.open.is_done
    assert "Done." in now.told
    assert now.kept[-1].of("write").situation is not None
    now.document.undo()
    now.open.look_again()
    assert now.open.is_done  # once done it stays so


def test_hints_come_one_after_the_other():
    now = Class().begun(1)
    assert [now.open.give_hint() for _ in range(3)] == ["One.", "Two.", ""]
    assert now.open.hints == ("One.", "Two.")
    assert now.kept[-1].of("write").hints == 2


def test_an_answer_is_judged_by_the_learners_own_scenario():
    now = Class().begun(1)
    now.detach()
    assert now.open.next()
    now.open.check("many")
    assert there(now.open.verdict).wrong == UNREADABLE
    now.open.check("1")
    assert not now.open.is_done
    now.open.check("0")
    assert now.open.is_done
    assert now.kept[-1].of("say").answers == ("many", "1", "0")


def test_edits_stay_from_step_to_step_and_back():
    now = Class().begun(1)
    now.detach()
    scenario = now.document.scenario
    assert now.open.next()
    assert now.open.back()
    assert now.open.back()
    assert now.document.scenario is scenario


def test_a_step_can_be_shown_again_without_the_edits():
    now = Class().begun(1)
    now.detach()
    assert now.open.show_again()
    assert len(now.document.scenario.events) == len(open_scenario("sandbox").events)
    assert not now.asked  # the lesson's own scenario may go


def test_unsaved_work_from_before_is_asked_about():
    now = Class(consents=False)
    event = there(parse_lesson(TEXT, "t.md", "t").steps[1].solution).events[0]
    now.document.apply(add_event(now.document.scenario, event))
    scenario = now.document.scenario
    assert not now.open.begin()
    assert now.asked
    assert now.document.scenario is scenario


def test_the_learner_may_look_at_something_else_and_come_back():
    now = Class().begun(1)
    now.document.open(open_scenario("small-machine"), builtin_paths()["small-machine"])
    assert now.open.is_elsewhere
    now.open.look_again()
    assert not now.open.is_done  # what is open does not count
    assert now.open.show_again()
    assert not now.open.is_elsewhere
    assert now.document.scenario.name == "sandbox"


def test_one_comes_back_to_where_one_was_with_what_one_did():
    first = Class().begun(1)
    first.detach()
    assert first.open.next()
    first.open.leave()
    again = Class(first.kept[-1]).begun()
    assert again.open.index == 2
    assert there(again.document.state).machine.noncoherent_dma == 0
    again.open.check("0")
    assert again.open.is_done


def test_restart_forgets_what_was_done():
    now = Class().begun(1)
    now.detach()
    assert now.open.restart()
    assert now.open.index == 0
    assert now.open.done_count == 0
    assert not now.kept[-1].steps


def test_a_wrong_turn_is_told():
    now = Class().begun(1)
    now.edit(now.lesson.steps[1].wrong[0].play[0])
    assert there(now.open.verdict).wrong == "two"
    assert "not less" in there(now.open.verdict).advice


def test_what_cannot_be_shown_is_told_and_nothing_is_opened():
    now = Class(text=TEXT.replace('"sandbox"', '"nowhere"'))
    assert now.open.begin()
    assert there(now.open.verdict).wrong == CANNOT_SHOW
    assert "nowhere" in now.told[-1]
    assert now.document.scenario.name == "small-machine"


def test_after_leaving_nothing_is_heard():
    now = Class().begun()
    now.open.leave()
    told = len(now.told)
    now.document.open(open_scenario("small-machine"), None)
    assert len(now.told) == told


@pytest.fixture
def shipped():
    return read_lesson(lesson_paths()["variable-ranges"])


def test_progress_is_kept_and_a_damaged_file_begins_anew(tmp_path, shipped):
    store = ProgressStore(tmp_path / "lessons")
    assert store.load(shipped) == (LessonProgress(lesson=shipped.name), "")
    progress = LessonProgress(lesson=shipped.name).hinted("mask").at(3)
    store.keep(shipped, progress)
    assert store.load(shipped) == (progress, "")
    store.path_of(shipped).write_text("{")
    found, problem = store.load(shipped)
    assert found == LessonProgress(lesson=shipped.name)
    assert str(store.path_of(shipped)) in problem
    other = LessonProgress(lesson="another")
    store.keep(shipped, other)
    assert "another" in store.load(shipped)[1]


def test_a_lesson_of_the_same_name_elsewhere_has_progress_of_its_own(tmp_path, shipped):
    copy = tmp_path / "variable-ranges.md"
    copy.write_text(TEXT)
    (tmp_path / "elsewhere").mkdir()
    third = tmp_path / "elsewhere" / "variable-ranges.md"
    third.write_text(TEXT)
    store = ProgressStore(tmp_path / "kept")
    lessons = [shipped, read_lesson(copy), read_lesson(third)]
    for place, lesson in enumerate(lessons):
        assert store.touched_ns(lesson) == 0
        store.keep(lesson, LessonProgress(lesson=lesson.name).at(place))
        assert store.touched_ns(lesson) > 0
    assert [store.load(lesson)[0].step for lesson in lessons] == [0, 1, 2]
    assert {store.path_of(lesson).parent for lesson in lessons} == {tmp_path / "kept"}


@pytest.mark.parametrize("stem", ["n" * 200, "My lesson", "Übung_1", ".hidden", "caf\udce9"])
def test_a_lesson_may_have_any_file_name_and_keep_its_progress(tmp_path, stem):
    file = tmp_path / f"{stem}.md"
    file.write_text(TEXT)
    lesson = read_lesson(file)
    store = ProgressStore(tmp_path / "kept")
    store.keep(lesson, LessonProgress(lesson=lesson.name).at(1))
    progress, problem = store.load(lesson)
    assert (progress.step, problem) == (1, "")
    assert len(store.path_of(lesson).name) < 100


def test_the_course_tells_how_far_one_is(tmp_path, shipped):
    store = ProgressStore(tmp_path)
    assert {entry.stage for entry in course(store)} == {CourseStage.NEW}
    progress = LessonProgress(lesson=shipped.name).done(shipped.steps[0].name)
    store.keep(shipped, progress)
    entry = next(entry for entry in course(store) if entry.lesson.name == shipped.name)
    assert (entry.stage, entry.done) == (CourseStage.STARTED, 1)
    assert next_entry(course(store)) == entry
    for step in shipped.steps:
        progress = progress.done(step.name)
    store.keep(shipped, progress)
    entry = next(entry for entry in course(store) if entry.lesson.name == shipped.name)
    assert entry.stage is CourseStage.DONE


def test_a_step_that_opens_another_scenario_does_so_after_what_was_done_in_the_one_before():
    first = Class().begun(2)
    first.open.check("1")
    assert first.open.next()
    first.open.leave()
    kept = first.kept[-1]
    assert kept.of("say").situation is not None
    again = Class(kept).begun()
    assert again.open.index == 3
    assert again.document.scenario.name == "small-machine"

"""A lecture without a window: its moments, what is said, how long it lasts, what is drawn."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.importers import import_texts
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from mtrrviz.session.edits import add_bookmark, remove_events
from mtrrviz.session.lecture.cues import CueKind, cues_of, next_cue, present_cue, previous_cue
from mtrrviz.session.lecture.drawing import Drawing
from mtrrviz.session.lecture.lecture_course import LectureCourse
from mtrrviz.session.lecture.speech import speech_at
from mtrrviz.session.lecture.stopwatch import Stopwatch
from mtrrviz.session.lecture.twin import Twin
from mtrrviz.session.runs import at_once
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from tests.importers.helpers import SAMPLES
from tests.session.booting import MS, boot

MARKS = (
    Bookmark(100 * MS, "on", "MTRRs are on", 17),
    Bookmark(900 * MS, "kernel", "Look at vCPU 1"),
    Bookmark(900 * MS, "the same moment"),
)


@pytest.fixture
def document() -> Document:
    return Document(replace(boot(), bookmarks=MARKS, description="A small boot"))


def test_moments_are_bookmarks_or_else_notes_or_else_phases(document):
    scenario = document.scenario
    assert [cue.kind for cue in cues_of(scenario)] == [CueKind.BOOKMARK] * 3
    without_marks = replace(scenario, bookmarks=())
    assert [cue.name for cue in cues_of(without_marks)] == ["nothing more"]
    silent = [event for event in scenario.events if event.kind is not EventKind.NOTE]
    phases = cues_of(replace(without_marks, events=tuple(silent)))
    assert [cue.name for cue in phases] == [phase.name for phase in scenario.phases]


def test_notes_without_words_are_no_moments(document):
    empty = Event(1900 * MS, EventKind.NOTE)
    scenario = replace(document.scenario, bookmarks=())
    assert cues_of(replace(scenario, events=(*scenario.events, empty))) == cues_of(scenario)


def test_moments_around_a_time(document):
    cues = cues_of(document.scenario)
    assert present_cue(cues, 0) is None
    assert previous_cue(cues, 0) is None
    assert next_cue(cues, 0) is cues[0]
    assert present_cue(cues, 500 * MS) is cues[0]
    assert previous_cue(cues, 500 * MS) is cues[0]  # its beginning
    assert next_cue(cues, 500 * MS) is cues[1]
    assert next_cue((), 0) is None


def test_moments_at_the_same_time_are_gone_through(document):
    cues = cues_of(document.scenario)
    time_ns = 900 * MS
    assert present_cue(cues, time_ns, cues[1]) is cues[1]
    assert next_cue(cues, time_ns, cues[1]) is cues[2]
    assert next_cue(cues, time_ns, cues[2]) is None
    assert previous_cue(cues, time_ns, cues[2]) is cues[1]
    assert previous_cue(cues, time_ns, cues[0]) is cues[0]  # shown elsewhere: by the time
    gone = replace(cues[1], name="that is there no longer")
    assert present_cue(cues, time_ns, gone) in cues


def test_a_course_goes_there_and_says_where(document):
    course = LectureCourse(document)
    document.playback.play()
    assert course.go_on() == "Bookmark 1 of 3: on, 0.100 s"
    assert (document.playhead_ns, document.gfn) == (100 * MS, 17)
    assert not document.playback.playing
    said = [course.go_on() for _ in range(3)]
    assert said[:2] == [
        "Bookmark 2 of 3: kernel, 0.900 s",
        "Bookmark 3 of 3: the same moment, 0.900 s",
    ]
    assert "last" in said[2]
    assert document.gfn == 17  # a bookmark without a page leaves it
    assert course.go_back().startswith("Bookmark 2")
    assert course.go_back().startswith("Bookmark 1")
    assert "no moment before" in course.go_back()
    assert document.playhead_ns == 100 * MS


def test_a_course_follows_the_scenario(document):
    course = LectureCourse(document)
    course.go_on()
    document.apply(add_bookmark(document.scenario, Bookmark(400 * MS, "new")))
    assert course.following is not None
    assert course.following.name == "new"


def test_the_speaker_says_the_bookmarks_note_and_the_story(document):
    speech = speech_at(document.scenario, 100 * MS)
    assert speech.where == "Bookmark 1 of 3: on, 0.100 s"
    assert speech.paragraphs == ("MTRRs are on", "reset: before anything")
    assert speech.following == "kernel"
    last = speech_at(document.scenario, 1600 * MS)
    assert "nothing more" in last.paragraphs[-1]
    assert "last" in last.following


def test_before_the_first_moment_the_description_is_said(document):
    speech = speech_at(document.scenario, 0)
    assert speech.paragraphs[0] == "A small boot"
    assert "0.000 s" in speech.where
    assert speech.following == "on"


def test_a_stopwatch_counts_from_its_reset():
    now = [100.0]
    watch = Stopwatch(lambda: now[0])
    assert watch.words == "0:00:00"
    now[0] += 3600 + 7 * 60 + 42.9
    assert watch.words == "1:07:42"
    watch.reset()
    now[0] += 5
    assert watch.words == "0:00:05"


def test_strokes_are_drawn_taken_back_and_cleared():
    drawing = Drawing()
    drawing.draw_to((9, 9))
    assert drawing.strokes == ()
    drawing.begin((1, 1))
    drawing.draw_to((1, 1))
    drawing.draw_to((2, 3))
    drawing.end()
    drawing.draw_to((5, 5))
    drawing.colour = 2
    drawing.begin((7, 7))
    assert [(s.colour, s.points) for s in drawing.strokes] == [
        (0, [(1, 1), (2, 3)]),
        (2, [(7, 7)]),
    ]
    assert drawing.undo()
    assert not drawing.is_open
    assert len(drawing.strokes) == 1
    assert drawing.clear()
    assert not drawing.clear()
    assert not drawing.undo()


def twin_of(document):
    """Return a twin that fails the test if it simulates anything by itself."""

    def fail(_work, _finished):
        pytest.fail("a run is made twice")

    return Twin(document, fail)


def zaps_of(document):
    assert document.run is not None
    return len(document.run.zaps)


def test_a_twin_shows_the_same_and_changes_nothing(document):
    document.set_playhead(300 * MS)
    document.select_page(3)
    document.select_vcpu(1)
    twin = twin_of(document)
    assert twin.view == document.view
    assert twin.run is document.run
    assert twin.costs == document.costs
    before, view = document.scenario, document.view
    LectureCourse(twin).go_on()
    twin.select_vcpu(2)
    assert document.scenario is before
    assert document.view == view
    own = Twin(document, at_once)
    own.apply(add_bookmark(own.scenario, Bookmark(400 * MS, "new")))
    assert document.scenario is before


def test_a_twin_follows_edits_undo_policies_and_constants_at_its_own_time(document):
    twin, told = twin_of(document), []
    twin.set_playhead(1_100 * MS)
    twin.subscribe(told.append)
    zaps = zaps_of(twin)
    document.apply(remove_events(document.scenario, [1, 2]))
    assert twin.scenario is document.scenario
    assert zaps_of(twin) < zaps
    assert twin.playhead_ns == 1_100 * MS
    document.undo()
    assert zaps_of(twin) == zaps
    document.redo()
    document.set_policy("kvm-6.7")
    assert (twin.policy, twin.compared_policy) == (document.policy, document.compared_policy)
    assert twin.run is document.run
    document.set_map_mode(MapMode.SIDE_BY_SIDE)
    assert twin.map_mode is MapMode.SIDE_BY_SIDE
    told.clear()
    document.set_costs(DEFAULT_COSTS.with_values({"own": 500}))
    assert twin.costs == document.costs
    assert twin.run is document.run
    assert {Change.COSTS, Change.FIGURES} <= set().union(*told)
    told.clear()
    document.set_playhead(0)
    document.select_page(7)
    assert told == []


def test_a_twin_follows_to_another_file_with_its_place_and_without_old_edits(document):
    twin = Twin(document, at_once)
    twin.apply(add_bookmark(twin.scenario, Bookmark(400 * MS, "new")))
    document.open(open_scenario("range-moved"), None)
    assert twin.scenario is document.scenario
    assert twin.run is document.run
    assert twin.view == document.view
    assert twin.undo_label is None


def test_a_twin_of_a_real_machine_simulates_nothing_either():
    name = "k04-map-line.txt"
    host = Document(import_texts([(name, SAMPLES / "field" / name)]).scenario)
    assert twin_of(host).run is host.run


def test_a_twin_shows_a_change_when_its_run_is_finished(document):
    waiting = []
    first = Document(
        document.scenario, executor=lambda work, done: waiting.append(lambda: done(work()))
    )
    twin = twin_of_finished(first, waiting)
    before = twin.run
    first.apply(remove_events(first.scenario, [1]))
    assert twin.run is before
    waiting.pop()()
    assert twin.run is before  # that of the policy compared with is being made
    waiting.pop()()
    assert twin.run is first.run is not before
    twin.leave()
    first.undo()
    assert twin.run is not first.run


def twin_of_finished(first, waiting):
    while waiting:
        waiting.pop()()
    return twin_of(first)

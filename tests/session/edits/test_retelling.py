"""All that a scenario tells, changed by one edit: what stays, what moves, what it is called."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario import EventKind, Phase
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import Event
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import View
from mtrrviz.session.document import Document
from mtrrviz.session.edits import ToldNote, retell, telling_of
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr


def note(time_ns: int, text: str) -> Event:
    return Event(time_ns, EventKind.NOTE, text=text)


@pytest.fixture
def made():
    events = (note(5, "first"), wrmsr(5, DEFTYPE, ON_WB), note(5, "second"), wrmsr(5000, 0x277, 0))
    return replace(scenario(machine(), events, (1, 5)), title="Made")


def test_telling_the_same_changes_nothing(made) -> None:
    edit = retell(made, telling_of(made))
    assert edit.scenario.events is made.events
    assert edit.scenario.phases is made.phases
    assert edit.since_ns > made.duration_ns


def test_a_recording_keeps_its_files_when_only_its_title_changes() -> None:
    recorded = open_scenario("seabios-8vcpu-2g")
    edit = retell(recorded, replace(telling_of(recorded), title="Another"))
    assert edit.scenario.recording is recorded.recording
    assert edit.scenario.title == "Another"


def test_a_changed_note_keeps_its_place_among_events_of_its_time(made) -> None:
    telling = telling_of(made)
    first = replace(telling.notes[0], event=note(5, "changed"))
    edit = retell(made, replace(telling, notes=(first, telling.notes[1])))
    assert [e.text for e in edit.scenario.events] == ["changed", "", "second", ""]
    assert edit.since_ns == 5


def test_notes_are_added_moved_and_removed_and_nothing_else_is(made) -> None:
    telling = telling_of(made)
    moved = replace(telling.notes[1], event=note(6000, "second"))
    new = ToldNote(note(100, "new"))
    edit = retell(made, replace(telling, notes=(moved, new)))
    assert [(e.time_ns, e.text) for e in edit.scenario.events] == [
        (5, ""),
        (100, "new"),
        (5000, ""),
        (6000, "second"),
    ]
    assert edit.scenario.duration_ns >= 6000


def test_the_length_is_changed_down_to_the_last_that_happens(made) -> None:
    telling = telling_of(made)
    edit = retell(made.lasting(9000), replace(telling, duration_ns=5000))
    assert edit.scenario.duration_ns == 5000
    assert edit.label == "Change the length"
    assert retell(made, replace(telling, duration_ns=10**9)).scenario.duration_ns == 10**9
    with pytest.raises(MtrrvizError, match="too short"):
        retell(made, replace(telling, duration_ns=4999))
    late = (Phase(7000, "Late"),)
    with pytest.raises(MtrrvizError, match="too short"):
        retell(made, replace(telling, duration_ns=6999, phases=late))


def test_the_length_is_not_changed_to_before_a_bookmark(made) -> None:
    marked = replace(made.lasting(9000), bookmarks=(Bookmark(8000, "here"),))
    telling = telling_of(marked)
    assert retell(marked, replace(telling, duration_ns=8000)).scenario.duration_ns == 8000
    with pytest.raises(MtrrvizError, match="too short"):
        retell(marked, replace(telling, duration_ns=7999))


def test_the_length_of_a_recording_stays() -> None:
    recorded = open_scenario("seabios-8vcpu-2g")
    longer = replace(telling_of(recorded), duration_ns=recorded.duration_ns + 1)
    with pytest.raises(MtrrvizError, match="recording"):
        retell(recorded, longer)


def test_phases_go_in_order_and_what_follows_is_simulated_anew(made) -> None:
    phases = (Phase(3000, "Late"), Phase(100, "Early"))
    edit = retell(made, replace(telling_of(made), phases=phases))
    assert [phase.name for phase in edit.scenario.phases] == ["Early", "Late"]
    assert edit.since_ns == 100


def test_the_label_names_all_that_is_different(made) -> None:
    telling = replace(telling_of(made), title="New", tags=("a",), view=View(time_ns=3))
    edit = retell(made, telling)
    assert edit.label == "Change the title, tags and opening view"
    assert edit.done.startswith("Changed")
    assert edit.scenario.view == View(time_ns=3)
    assert edit.scenario.tags == ("a",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "title"),
        ({"notes": (ToldNote(note(7, "")),)}, "note at 0.000000"),
        ({"phases": (Phase(7, ""),)}, "name"),
        ({"phases": (Phase(-7, "Early"),)}, "before the start"),
    ],
)
def test_what_no_scenario_can_tell_is_refused(made, change, words: str) -> None:
    with pytest.raises(MtrrvizError, match=words):
        retell(made, replace(telling_of(made), **change))


def test_all_of_it_is_one_step_to_undo(made) -> None:
    document = Document(made)
    telling = replace(
        telling_of(made),
        title="New",
        description="About",
        notes=(ToldNote(note(1, "only")),),
        phases=(Phase(2, "P"),),
    )
    document.apply(retell(made, telling))
    document.undo()
    assert document.scenario is made

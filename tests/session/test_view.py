"""How a scenario is seen first: what it wishes for, what the user chose, what it tells."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.policies import DEFAULT_COMPARED_ID, DEFAULT_POLICY_ID
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode, View
from mtrrviz.session import Document
from mtrrviz.session.changes import Change
from mtrrviz.session.edits import open_here
from mtrrviz.session.story import has_story, moment_words
from tests.narrow import there
from tests.session.booting import MS, boot

WISH = View("kvm-6.7", "kvm-6.11", 300 * MS, 0x200, 2, MapMode.DIFFERENCE)


def wishing(view=WISH):
    return replace(boot(), view=view)


def shown(document):
    return document.policy, document.compared_policy, document.map_mode


@pytest.mark.parametrize("by", ["made", "opened"])
def test_a_scenario_is_shown_as_it_wishes(by):
    document = Document(wishing() if by == "made" else boot())
    if by == "opened":
        document.open(wishing(), None)
    assert document.view == WISH
    assert (there(document.run).policy.id, there(document.compared_run).policy.id) == (
        "kvm-6.7",
        "kvm-6.11",
    )


def test_the_next_scenario_is_shown_as_the_user_chose():
    document = Document(boot())
    document.set_policy("self-snoop")
    chosen = shown(document)
    document.set_map_mode(MapMode.DIFFERENCE)
    document.open(wishing(), None)
    assert shown(document) != chosen
    document.open(boot(), None)
    assert shown(document) == chosen
    assert (document.playhead_ns, document.gfn, document.vcpu) == (0, None, 0)


def test_what_the_user_chooses_in_between_stays():
    document = Document(wishing())
    document.set_compared_policy("cd-toggle")
    document.open(boot(), None)
    assert shown(document) == ("kvm-6.7", "cd-toggle", MapMode.ONE)


def test_a_wish_for_the_compared_policy_swaps_the_two():
    document = Document(wishing(View(policy=DEFAULT_COMPARED_ID)))
    assert document.policy == DEFAULT_COMPARED_ID
    assert document.compared_policy == DEFAULT_POLICY_ID


def test_what_is_shown_can_become_the_wish_and_be_taken_back():
    document = Document(boot())
    document.set_playhead(700 * MS)
    document.select_page(9)
    before = document.view
    document.apply(open_here(document.scenario, document.view))
    assert document.scenario.view == before == document.view
    assert not document.is_simulating
    assert len(there(document.run).zaps) == 5
    document.undo()
    assert document.scenario.view == View()


def test_a_moment_is_told_by_phase_and_latest_note():
    scenario = open_scenario("lagging-ap")
    at = {event.time_ns: event.text for event in scenario.events if event.kind == "note"}
    first, second = sorted(at)
    assert moment_words(scenario, 0) == "reset: every vCPU has its MTRRs off"
    assert moment_words(scenario, first).endswith(f" \N{EN DASH} {at[first]}")
    assert at[first] not in moment_words(scenario, second)
    assert at[second] in moment_words(scenario, second)


@pytest.mark.parametrize("name", ["ovmf-8vcpu-2g", "sandbox", "small-machine"])
def test_what_only_describes_itself_has_no_story(name):
    assert not has_story(open_scenario(name))


@pytest.mark.parametrize(
    ("description", "note", "view", "is_story"),
    [
        ("what happens", "a note", View(), True),
        ("what happens", "", View(), False),
        ("what happens", "", View(gfn=1), True),
        ("", "a note", View(gfn=1), False),
    ],
)
def test_a_story_has_a_description_and_a_note_or_a_moment(description, note, view, is_story):
    events = (Event(0, EventKind.NOTE, 0, text=note), Event(5, EventKind.MOV_CR0, 0, 0, 0x11))
    scenario = replace(open_scenario("sandbox"), description=description, events=events, view=view)
    assert has_story(scenario) == is_story


def test_observers_are_told_of_another_mode_of_the_map_and_of_the_same_not():
    document = Document(open_scenario("small-machine"))
    told = []
    document.subscribe(told.append)
    for mode in (document.map_mode, *MapMode):
        before, count = document.map_mode, len(told)
        document.set_map_mode(mode)
        assert document.map_mode is mode
        assert told[count:] == [frozenset({Change.MAP_MODE})] * (mode is not before)

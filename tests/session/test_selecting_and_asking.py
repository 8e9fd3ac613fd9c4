"""What is selected stays within the scenario, and what takes long is asked aside and kept."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session import Document
from mtrrviz.session.changes import Change
from mtrrviz.session.playing.stopping import Stopping
from mtrrviz.session.pointing import Selection
from mtrrviz.session.wanted.machines_wanted import MachinesWanted
from tests.narrow import there
from tests.session.booting import EVENTS, SECOND, boot
from tests.session.slow_executor import SlowExecutor


@pytest.fixture(scope="module")
def shared():
    return Document(boot())


@pytest.fixture
def document(shared):
    shared.set_playhead(0)
    shared.select_vcpu(0)
    shared.select_page(None)
    shared.point_at(None)
    shared.choose_events(())
    return shared


@pytest.mark.parametrize("before", [0, 1, 2])
@pytest.mark.parametrize(("asked", "found"), [(-1, 0), (0, 0), (1, 1), (2, 2), (3, 2), (99, 2)])
def test_a_vcpu_of_the_machine_is_selected_and_told_if_it_is_another(
    document, before, asked, found
):
    document.select_vcpu(before)
    told = []
    document.subscribe(told.append)
    document.select_vcpu(asked)
    assert document.vcpu == found
    assert told == ([{Change.VCPU}] if found != before else [])


@pytest.mark.parametrize(
    ("asked", "found"),
    [(-1, 0), (0, 0), (1, 1), (2 * SECOND - 1, 2 * SECOND - 1), (2 * SECOND, 2 * SECOND),
     (2 * SECOND + 1, 2 * SECOND)],
)  # fmt: skip
def test_times_are_kept_within_the_scenario(document, asked, found):
    document.set_playhead(asked)
    document.set_marker("A", asked)
    assert (document.playhead_ns, document.marker("A")) == (found, found)
    document.set_marker("A", None)
    assert document.marker("A") is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [([], []), ([0], [0]), ([-1, 0, 1], [0, 1]), ([len(EVENTS) - 1], [len(EVENTS) - 1]),
     ([len(EVENTS)], [])],
)  # fmt: skip
def test_only_events_that_there_are_can_be_chosen(document, asked, found):
    document.choose_events(asked)
    assert document.chosen_events == frozenset(found)


def test_another_page_drops_what_was_pointed_at(document):
    told = []
    document.subscribe(told.append)
    document.select_page(7)
    document.point_at(Selection(event=1))
    document.select_page(7)
    assert document.selection == Selection(event=1)
    document.select_page(0)
    assert (document.gfn, document.selection) == (0, None)
    document.point_at(None)
    assert told == [
        {Change.SELECTION},
        {Change.SELECTED_ITEM},
        {Change.SELECTION, Change.SELECTED_ITEM},
    ]


def test_each_choice_is_told_once_and_only_if_it_is_another(document):
    told = []
    document.subscribe(told.append)
    for work in (
        lambda: document.set_playhead(5), lambda: document.choose_events([1, 2]),
        lambda: document.set_marker("B", 7), lambda: document.select_vcpu(2),
    ):  # fmt: skip
        work()
        work()
    changes = [Change.PLAYHEAD, Change.CHOSEN, Change.MARKERS, Change.MARKERS, Change.VCPU]
    assert told == [{change} for change in changes]


# Asked aside


@pytest.mark.parametrize("kind", [StopKind.ZAP, StopKind.POLICIES_DIFFER])
@pytest.mark.parametrize("too_few", [0, 1])
def test_what_is_small_is_answered_at_once(monkeypatch, kind, too_few):
    document = Document(replace(boot(), stops=(StopCondition(kind),)))
    runs = 2 if kind is StopKind.POLICIES_DIFFER else 1
    size = runs * len(there(document.run).leaves) + len(EVENTS)
    assert (document.comparison is not None) >= (runs == 2)
    monkeypatch.setattr("mtrrviz.session.playing.stopping._AT_ONCE", size - too_few)
    executor = SlowExecutor()
    stopping = Stopping(document, executor)
    assert (stopping.times_ns is None) == bool(too_few)
    assert len(executor.waiting) == too_few
    executor.finish_all()
    assert stopping.times_ns is not None


def test_without_conditions_there_is_nothing_to_look_through(monkeypatch):
    monkeypatch.setattr("mtrrviz.session.playing.stopping._AT_ONCE", 0)
    executor = SlowExecutor()
    assert Stopping(Document(boot()), executor).times_ns == ()
    assert not executor.waiting


def test_before_a_run_is_there_nothing_is_known_of_any_condition():
    stops = (StopCondition(StopKind.ZAP), StopCondition(StopKind.NOTE))
    document = Document(replace(boot(), stops=stops), executor=SlowExecutor())
    assert document.stopping.counts == (None, None)
    assert document.stopping.next_stop(0) is None


# Kept


@pytest.mark.parametrize("kind", MachineKind)
def test_what_a_machine_asks_for_is_worked_out_once(kind):
    spec = replace(boot().machine, kind=kind, noncoherent_dma=0)
    first, kept = replace(boot(), machine=spec), MachinesWanted()
    wanted = kept.of(first)
    assert wanted.ranges
    assert kept.of(replace(first, events=())) is wanted
    other = replace(first, machine=replace(spec))
    assert kept.of(other) is not wanted
    assert kept.of(other) == wanted

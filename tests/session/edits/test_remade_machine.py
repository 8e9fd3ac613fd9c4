"""Another machine keeps what still makes sense and says what does not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario import Event, EventKind, Sweep
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.scenario.vcpu_name import VcpuName
from mtrrviz.scenario.view import View
from mtrrviz.session.document import Document
from mtrrviz.session.edits import remake_machine
from tests.session.booting import boot
from tests.session.slow_executor import SlowExecutor


@pytest.fixture
def made():
    return replace(
        boot(),
        sweeps=(Sweep(5, 2, 3, 1), Sweep(6, 0, 1 << 20, 1)),
        stops=(StopCondition(StopKind.WRITE, vcpu=2), StopCondition(StopKind.ZAP)),
        bookmarks=(Bookmark(1, "far", gfn=1 << 20),),
        view=View(vcpu=2, gfn=1 << 20),
    )


def test_the_same_machine_with_other_settings_loses_nothing(made):
    remade = remake_machine(made, replace(made.machine, has_mtrr=False))
    assert remade.lost == ()
    assert remade.edit.scenario.events is made.events
    assert remade.edit.scenario.recorded is made.recorded
    assert remade.edit.since_ns == 0


def test_what_vcpus_did_that_are_gone_goes_and_is_named(made):
    remade = remake_machine(made, replace(made.machine, vcpus=2))
    scenario = remade.edit.scenario
    assert {event.vcpu for event in scenario.events} == {0, 1}
    assert "1 event of vCPU 2" in remade.lost
    assert [sweep.vcpu for sweep in scenario.sweeps] == [0]
    assert set(scenario.recorded.vcpu.tolist()) == {0, 1}
    gone = len(made.recorded) - len(scenario.recorded)
    assert any(words.startswith(f"{gone} recorded touches") for words in remade.lost)
    assert [stop.kind for stop in scenario.stops] == [StopKind.ZAP]
    assert scenario.view.vcpu is None
    assert len(remade.lost) == 4


def test_without_self_snoop_no_event_disables_the_pat_quirk(made):
    kinds = (EventKind.DISABLE_CD_NW_QUIRK, EventKind.DISABLE_IGNORE_GUEST_PAT)
    told = made.with_events((*made.events, *(Event(10**10, kind) for kind in kinds)))
    remade = remake_machine(told, replace(told.machine, self_snoop=False))
    assert [event.kind for event in remade.edit.scenario.events[-2:]] != list(kinds)
    assert remade.edit.scenario.events[-1].kind is kinds[0]
    assert any("1 event" in words and "IGNORE_GUEST_PAT" in words for words in remade.lost)


def test_addresses_that_are_out_of_reach_go_too(made):
    small = tuple(replace(region, end=min(region.end, 1 << 32)) for region in made.machine.regions)
    remade = remake_machine(made, replace(made.machine, maxphyaddr=32, regions=small))
    scenario = remade.edit.scenario
    assert [sweep.first_gfn for sweep in scenario.sweeps] == [3]
    assert scenario.bookmarks[0].gfn is None
    assert scenario.view.gfn is None


def test_a_machine_that_cannot_be_is_refused(made):
    with pytest.raises(MtrrvizError, match="expected 1 to 255"):
        remake_machine(made, replace(made.machine, vcpus=300))


def test_names_of_vcpus_that_are_gone_go_too(made):
    names = (VcpuName(0, "boot"), VcpuName(2, "late"))
    remade = remake_machine(replace(made, vcpu_names=names), replace(made.machine, vcpus=2))
    assert remade.edit.scenario.vcpu_names == names[:1]
    assert "1 name of vCPUs that are not there" in remade.lost


def test_a_selected_vcpu_that_goes_is_selected_no_longer_also_by_undo(made):
    document = Document(made)
    more = replace(made.machine, vcpus=made.machine.vcpus + 4)
    document.apply(remake_machine(made, more).edit)
    document.select_vcpu(more.vcpus - 1)
    document.undo()
    assert document.vcpu == made.machine.vcpus - 1
    document.redo()
    document.select_vcpu(more.vcpus - 1)
    document.apply(remake_machine(document.scenario, made.machine).edit)
    assert document.vcpu == made.machine.vcpus - 1


def test_no_run_of_a_machine_that_lacks_what_can_be_selected_is_shown(made):
    executor = SlowExecutor()
    document = Document(made, executor=executor)
    executor.finish_all()
    assert document.state is not None
    for other in ({"vcpus": made.machine.vcpus + 1}, {"maxphyaddr": made.machine.maxphyaddr + 1}):
        document.apply(remake_machine(made, replace(made.machine, **other)).edit)
        assert document.state is None
        document.undo()
        assert document.state is not None
    document.apply(remake_machine(made, replace(made.machine, has_mtrr=False)).edit)
    assert document.state is not None, "what is selected is there in the run before, too"

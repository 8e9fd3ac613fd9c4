"""Another machine keeps what still makes sense and says what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario import Sweep
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.scenario.view import View
from mtrrviz.session.edits import remake_machine
from tests.session.booting import boot


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

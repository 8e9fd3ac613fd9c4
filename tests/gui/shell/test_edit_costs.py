"""What one edit costs, in calls: the write is checked, the run made and the map painted once."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from mtrrviz.core.msr import register_rules
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.policies import policy_ids
from mtrrviz.geometry.map.leaf_index import LeafIndex
from mtrrviz.geometry.map.map_image import FLASH_STEPS
from mtrrviz.geometry.timeline import timeline_faults
from mtrrviz.gui.documents.open_save import Files
from mtrrviz.gui.map.map_canvas import MapCanvas
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.model import USER
from mtrrviz.session import runs
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite
from mtrrviz.session.registers import register_writes

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

#: The package has a function of this name.
simulating = sys.modules["mtrrviz.sim.simulate"]
pytestmark = pytest.mark.gui


@pytest.fixture
def bench(qtbot: QtBot, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A window whose runs are made beside it, DEF_TYPE open in the register panel."""
    monkeypatch.setattr(Files, "may_discard", lambda _files: True)
    window = MainWindow(settings)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    worker = Worker(window)
    document = Document(open_scenario("small-machine"), executor=worker.run)
    made = Workbench(window, document, worker, settings)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: not document.is_simulating and document.compared_run is not None)
    document.set_playhead(1_100_000_000)
    made.views.registers.open_register(DEFTYPE)
    settle()
    return made


def count(monkeypatch: pytest.MonkeyPatch, counts: Counter[str], owner: Any, name: str) -> None:
    """Count the calls of a function or method."""
    inner = getattr(owner, name)

    def counted(*args: Any, **named: Any) -> Any:
        counts[name] += 1
        counts[f"{owner.__name__}.{name}"] += 1
        return inner(*args, **named)

    monkeypatch.setattr(owner, name, counted)


def answer(bench: Workbench, qtbot: QtBot) -> None:
    """Let runs be made, and all else that follows, until the window shows them."""
    document = bench.document
    qtbot.waitUntil(lambda: not document.is_simulating and document.compared_run is not None)
    bench.finish_work()
    settle()


def test_an_edit_checks_simulates_and_paints_once(
    bench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[str] = Counter()
    count(monkeypatch, counts, MtrrState, "check_write")
    count(monkeypatch, counts, MtrrState, "write")
    count(monkeypatch, counts, runs, "simulate")
    count(monkeypatch, counts, simulating, "Engine")
    count(monkeypatch, counts, simulating, "new_machine")
    count(monkeypatch, counts, MapCanvas, "_make_frame")
    count(monkeypatch, counts, MapCanvas, "paint_map")
    count(monkeypatch, counts, timeline_faults, "FaultTimes")
    count(monkeypatch, counts, LeafIndex, "_gfns_of_living")
    count(monkeypatch, counts, LeafIndex, "_dropped_in")
    document = bench.document
    assert bench.views.registers.detail.writer.write()
    answer(bench, qtbot)
    shown = len({document.policy, document.compared_policy})
    assert counts["simulate"] == counts["Engine"] == shown
    assert counts["new_machine"] == 0  # it goes on from a copy of the one before
    assert counts["paint_map"] == counts["_make_frame"] == 1
    # Beside the window, at the time that it shows: the picture finds all of it.
    assert counts["FaultTimes"] == counts["_gfns_of_living"] == shown
    assert counts["_dropped_in"] == shown * FLASH_STEPS
    # One each by what writes; before the edit is made; for the draft and preview that follow it.
    assert counts["check_write"] == counts["write"] + 3


def test_the_picture_of_another_policy_is_prepared_beside_the_window(
    bench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[str] = Counter()
    count(monkeypatch, counts, LeafIndex, "_gfns_of_living")
    document = bench.document
    shown = (document.policy, document.compared_policy)
    document.set_policy(next(policy for policy in policy_ids() if policy not in shown))
    answer(bench, qtbot)
    assert counts["_gfns_of_living"] == 1  # at the time that it shows


def test_each_write_is_checked_once_by_the_rules(
    bench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[tuple[int, int]] = []
    accepts = register_rules._WriteLimits.accepts

    def noted(rule: register_rules._WriteLimits, value: int) -> bool:
        judged.append((id(rule), value))
        return accepts(rule, value)

    monkeypatch.setattr(register_rules._WriteLimits, "accepts", noted)
    register_rules.refusal.cache_clear()
    document = bench.document
    assert bench.views.registers.detail.writer.write()
    answer(bench, qtbot)
    (event,) = (one for one in document.scenario.events if one.origin == USER)
    assert event.register == DEFTYPE
    assert [value for _, value in judged].count(event.value) == 1
    assert len(set(judged)) == len(judged)  # those before it that are replayed as well


def test_a_plan_for_all_vcpus_is_checked_once(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[str] = Counter()
    state = bench.document.state
    assert state is not None
    count(monkeypatch, counts, MtrrState, "check_write")
    spec, vcpus = bench.document.scenario.machine, tuple(range(state.machine.vcpus))
    assert len(vcpus) > 1
    plan = register_writes.WritePlan(vcpus, (RegisterWrite(DEFTYPE, 0xC00),))
    register_writes.preview(state.machine, spec, plan)
    assert counts["check_write"] == 1 + len(vcpus)  # the plan's, and what each vCPU writes


def test_the_map_is_not_painted_for_a_run_that_it_does_not_show(
    bench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[str] = Counter()
    count(monkeypatch, counts, MapCanvas, "_make_frame")
    document = bench.document
    shown = (document.policy, document.compared_policy)
    document.set_compared_policy(next(policy for policy in policy_ids() if policy not in shown))
    answer(bench, qtbot)
    assert counts["_make_frame"] == 0
    document.set_playhead(document.playhead_ns + 100_000_000)
    settle()
    assert counts["_make_frame"] == 1

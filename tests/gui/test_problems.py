"""The problems panel: what the rules find, where they point, and that it follows the playhead."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.gui.bridge import Bridge
from mtrrviz.gui.problems import ProblemsPanel
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui

MOVED_NS = 1_200_000_000


@pytest.fixture
def bridge() -> Bridge:
    bridge = Bridge(Document(open_scenario("small-machine")))
    bridge.document.set_playhead(MOVED_NS)
    return bridge


@pytest.fixture
def panel(bridge: Bridge, qtbot) -> ProblemsPanel:
    panel = ProblemsPanel(bridge)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def row_of(panel: ProblemsPanel, rule: str) -> int:
    return next(i for i, problem in enumerate(panel.problems) if problem.rule == rule)


def test_it_lists_what_the_rules_find(bridge, panel) -> None:
    state = bridge.document.state
    assert state is not None
    assert panel.problems == check(state, 0)
    assert panel.list.topLevelItemCount() == len(panel.problems)
    assert "warning" in panel.summary.text()


def test_selecting_a_problem_selects_its_page_and_tells_how_to_mend_it(bridge, panel) -> None:
    row = row_of(panel, "stale-leaves")
    panel.list.setCurrentItem(panel.list.topLevelItem(row))
    problem = panel.problems[row]
    assert problem.where.gfns is not None
    assert bridge.document.gfn == problem.where.gfns[0]
    assert problem.remedy in panel.story.toPlainText()


def test_it_follows_the_playhead_once_it_rests(bridge, panel, qtbot) -> None:
    before = list(panel.problems)
    bridge.document.set_playhead(50_000_000)
    assert panel.problems == before
    qtbot.waitUntil(lambda: panel.problems != before)


def test_activating_a_problem_goes_to_the_event_that_made_it(bridge, panel) -> None:
    row = next(i for i, p in enumerate(panel.problems) if p.where.since_ns not in (None, MOVED_NS))
    item = panel.list.topLevelItem(row)
    panel.list.setCurrentItem(item)
    panel.list.itemActivated.emit(item, 0)
    assert bridge.document.playhead_ns == panel.problems[row].where.since_ns

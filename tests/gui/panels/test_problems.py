"""The problems panel: what the rules find, where they point, and that it follows the playhead."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QUrl

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.checks.problem import Severity
from mtrrviz.gui.common.looks.theme import LIGHT
from mtrrviz.gui.problems.problem_words import summary_words
from mtrrviz.gui.problems.problems_panel import ProblemsPanel
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.worker import Worker
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
def panel(bridge: Bridge, qtbot):
    worker = Worker()
    panel = ProblemsPanel(bridge, worker)
    panel.resize(1000, 240)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.problems))
    yield panel
    panel.hide()
    worker.wait()


def select(panel: ProblemsPanel, rule: str):
    row = next(i for i, problem in enumerate(panel.problems) if problem.rule == rule)
    panel.list.setCurrentIndex(panel.list.model().index(row, 0))
    return panel.problems[row]


def test_it_lists_what_the_rules_find_on_all_vcpus(bridge, panel) -> None:
    state = bridge.document.state
    assert state is not None
    assert panel.problems == check(state)
    items = [panel.list.topLevelItem(row) for row in range(panel.list.topLevelItemCount())]
    assert [(i.text(0), i.text(1)) for i in items] == [
        (problem.severity.value, problem.title) for problem in panel.problems
    ]
    count = Counter(problem.severity for problem in panel.problems)
    assert count[Severity.ERROR] == 1
    words = f"1 error, {count[Severity.WARNING]} warnings, {count[Severity.NOTE]} notes"
    assert panel.summary.text().startswith(f"At 1.200 s, on all vCPUs: {words}")


def test_selecting_a_problem_selects_its_page_and_tells_how_to_mend_it(bridge, panel) -> None:
    problem = select(panel, "stale-leaves")
    assert problem.where.gfns is not None
    assert bridge.document.gfn == problem.where.gfns[0]
    assert problem.remedy in panel.story.toPlainText()
    assert problem.source in panel.story.toPlainText()


def test_selecting_a_problem_selects_its_vcpu_and_asks_for_its_register(bridge, panel) -> None:
    asked: list[int] = []
    panel.register_requested.connect(asked.append)
    problem = select(panel, "vcpus-disagree")
    assert bridge.document.vcpu == problem.where.vcpus[0] == 1
    assert asked == [problem.where.msrs[0]]


def test_it_follows_the_playhead_once_it_rests(bridge, panel, qtbot) -> None:
    before = list(panel.problems)
    bridge.document.set_playhead(50_000_000)
    assert panel.problems == before
    qtbot.waitUntil(lambda: panel.problems != before)


def test_a_selected_problem_stays_selected_while_it_lasts(bridge, panel, qtbot) -> None:
    select(panel, "vcpus-disagree")
    before = list(panel.problems)
    bridge.document.set_playhead(MOVED_NS - 500_000_000)
    qtbot.waitUntil(lambda: panel.problems != before)
    assert panel.list.currentItem().text(1).startswith("vCPU 1 differs")
    assert "vCPU 1 differs" in panel.story.toPlainText()


def test_activating_a_problem_goes_to_the_event_that_made_it(bridge, panel) -> None:
    problem = select(panel, "vcpus-disagree")
    panel.list.itemActivated.emit(panel.list.currentItem(), 0)
    assert bridge.document.playhead_ns == problem.where.since_ns != MOVED_NS


def test_the_link_in_the_story_goes_there_too(bridge, panel) -> None:
    problem = select(panel, "vcpus-disagree")
    assert f'href="time:{problem.where.since_ns}"' in panel.story.toHtml()
    panel.story.anchorClicked.emit(QUrl(f"time:{problem.where.since_ns}"))
    assert bridge.document.playhead_ns == problem.where.since_ns


def test_severities_have_the_colours_of_the_theme(bridge, panel) -> None:
    bridge.set_theme(LIGHT)
    first = panel.list.topLevelItem(0)
    assert (first.text(0), first.foreground(0).color().name()) == ("error", LIGHT.error.lower())


def test_words_without_problems() -> None:
    assert summary_words([], 0).endswith("no problems found.")


def test_what_registers_can_mend_leads_to_mending(panel, qtbot) -> None:
    qtbot.waitUntil(panel.solve_button.isEnabled)
    with qtbot.waitSignal(panel.solve_requested):
        panel.solve_button.click()

"""Real machines in the panels that judge: problems, the inspector, mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.solve import solution_text
from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.inspector import Inspector
from mtrrviz.gui.problems.problems_panel import ProblemsPanel
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.gui.solve import SolvePanel
from mtrrviz.importers import import_texts
from mtrrviz.session.document import Document
from mtrrviz.session.wanted.wanted_edits import paint
from tests.importers.helpers import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.solve.solve_view import SolveView

pytestmark = pytest.mark.gui


def bridge_of(name: str) -> Bridge:
    path = SAMPLES / "field" / f"{name}.txt"
    return Bridge(Document(import_texts([(path.name, path)]).scenario))


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.wait()


@pytest.fixture
def solve_view(worker: Worker, qtbot: QtBot) -> Callable[[Bridge], SolveView]:
    """Return a function that shows the view of a document, solved."""
    kept: list[SolvePanel] = []

    def show(bridge: Bridge) -> SolveView:
        shell = SolvePanel(bridge, worker)
        kept.append(shell)
        qtbot.addWidget(shell)
        shell.resize(1264, 200)
        shell.show()
        qtbot.waitUntil(lambda: shell.view is not None)
        view = shell.view
        assert view is not None
        qtbot.waitUntil(lambda: view.solving.is_current)
        return view

    return show


def test_problems_show_a_kernels_complaint_with_its_line(worker, qtbot) -> None:
    panel = ProblemsPanel(bridge_of("k06-lost-ram"), worker)
    qtbot.addWidget(panel)
    panel.resize(1000, 240)
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.problems))
    item = panel.list.topLevelItem(0)
    assert item is not None
    assert "losing 1024MB of RAM" in item.text(1)
    assert "CPU 0; " in item.text(2)
    assert item.text(2).endswith("k06-lost-ram.txt: line 11")
    panel.hide()


def test_the_inspector_tells_the_type_of_a_hole_and_all_of_the_pat(qtbot) -> None:
    inspector = Inspector(bridge_of("k05-outside-ram"))
    qtbot.addWidget(inspector)
    inspector.show()
    inspector.bridge.document.select_page(0xF0000)
    assert inspector.facts.words["MTRR type"] == "UC"
    decider = "variable range 0 (2 GiB at 0x8000_0000, UC)"
    assert inspector.facts.words["Decided by"] == decider
    assert [inspector.pat.index(row, 2).data() for row in range(8)] == [
        "UC", "WC", "UC", "UC", "UC", "UC", "UC", "UC",
    ]  # fmt: skip
    assert inspector.pat_table.isVisible()
    assert "is not known" in inspector.pat_notes.text()


def test_mend_offers_the_pairs_of_the_machine_and_keeps_what_is_reserved(solve_view, qtbot) -> None:
    bridge = bridge_of("k09-ten-pairs")
    view = solve_view(bridge)
    solution = view.solving.solution
    assert solution is not None
    assert solution.is_exact
    assert view.options.pairs.currentText() == "10"
    assert view.vcpus.itemText(0) == "the one CPU"
    assert "For a real machine with 10 variable pairs." in solution_text(solution, "wrmsr")
    text = view.verdict.toPlainText()
    assert "by the SDM" in text
    assert "KVM" not in text
    view.apply()
    state = bridge.document.state
    assert state is not None
    assert not [problem for problem in check(state) if problem.rule.startswith("host-")]
    bridge.close()


def test_mend_refuses_a_machine_of_which_too_little_is_told(solve_view, qtbot) -> None:
    text = (
        "[    0.000000] Booting paravirtualized kernel on bare hardware\n"
        "[    0.000000] MTRRs disabled by BIOS\n"
        "[    0.000000] last_pfn = 0xbf000 max_arch_pfn = 0x400000000\n"
    )
    bridge = Bridge(Document(import_texts([("off.txt", text.encode())]).scenario))
    view = solve_view(bridge)
    assert "no memory map says where RAM is" in view.verdict.toPlainText()
    assert not view.apply_button.isEnabled()
    assert not view.take_button.isEnabled()
    bridge.close()


def test_mend_says_what_nobody_told_as_the_command_line_does(solve_view, qtbot) -> None:
    bridge = bridge_of("k13-xen-dom0")
    view = solve_view(bridge)
    words = "what is reserved, and what no map names, becomes UC: its present type is not known"
    assert words in view.verdict.toPlainText()
    assert view.apply_button.isEnabled()
    bridge.close()


def test_mend_gives_no_registers_that_cache_a_device(solve_view, qtbot) -> None:
    bridge = bridge_of("k01-uc-hole-over-wb")
    view = solve_view(bridge)
    assert view.apply_button.isEnabled()
    before = bridge.document.scenario
    bridge.want(lambda: paint(bridge.document.wanted, [(0xE000_0000, 0xE400_0000)], MemoryType.WB))
    qtbot.waitUntil(lambda: view.solving.is_current)
    assert "no registers are given" in view.verdict.toPlainText().lower()
    assert "0xe000_0000-0xe3ff_ffff" in view.verdict.toPlainText()
    assert not view.apply_button.isEnabled()
    assert view.registers.rows == []
    view.apply()
    assert bridge.document.scenario is before
    bridge.document.undo()
    qtbot.waitUntil(lambda: view.solving.is_current)
    assert view.apply_button.isEnabled()
    bridge.close()

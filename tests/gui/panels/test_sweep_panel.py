"""The sweep panel: what is typed is swept in the background, drawn, tabulated and saved."""

from __future__ import annotations

import csv
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from mtrrviz.analysis.sweep import SweepRow, sweep
from mtrrviz.core.policies import policy_ids
from mtrrviz.gui.common.looks.theme import LIGHT
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.sweep import SweepPanel, sweep_job
from mtrrviz.gui.sweep.policy_marks import symbol_of
from mtrrviz.session.document import Document
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from tests.session.booting import boot

pytestmark = pytest.mark.gui


@pytest.fixture
def bridge():
    return Bridge(Document(boot()))


@pytest.fixture
def panel(bridge, qtbot):
    panel = SweepPanel(bridge)
    panel.resize(1200, 260)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.stop()


@pytest.fixture
def here(monkeypatch):
    """Work points out in the thread itself: starting processes takes seconds."""
    asked = []

    def in_turn(*arguments, **options):
        asked.append((arguments, options))
        return sweep(*arguments, **options, processes=1)

    monkeypatch.setattr(sweep_job, "sweep", in_turn)
    return asked


@pytest.fixture
def swept(panel, here, qtbot):
    panel.form.vcpus.setText("1,8,32")
    panel.form.memory.setText("2,16")
    run(panel, qtbot)
    return panel


def run(panel, qtbot):
    panel.start()
    qtbot.waitUntil(lambda: not panel.job.is_running, timeout=60_000)


def marks(plot, *, hollow):
    """Return the mark and the places of all points that are hollow, or that are not."""
    return [
        (item.opts["symbol"], places(item))
        for item in plot.listDataItems()
        if item.opts["symbol"] is not None and (item.opts["symbolBrush"] is None) == hollow
    ]


def places(item):
    x, _ = item.getOriginalDataset()
    return [] if x is None else list(x)


def check_all(panel, state):
    for number in range(panel.form.policies.count()):
        panel.form.policies.item(number).setCheckState(state)


def test_it_begins_with_the_policies_of_the_document_and_nothing_to_take_away(panel):
    assert panel.form.chosen == ["per-vcpu", "per-vm"]
    assert panel.form.policies.count() == len(policy_ids())
    assert not panel.save.isEnabled()
    assert not panel._plots.widget.isVisible()
    assert panel._empty.isVisible()


def test_switches_of_a_policy_leave_the_policy_checked(qtbot):
    document = Document(boot())
    document.set_policy("kvm-6.16")
    document.set_compared_policy("per-vcpu:sdm-lookup")
    bridge = Bridge(document)
    panel = SweepPanel(bridge)
    qtbot.addWidget(panel)
    assert panel.form.chosen == ["per-vcpu", "kvm-6.16"]


def test_no_two_policies_have_one_mark():
    assert len({symbol_of(policy) for policy in policy_ids()}) == len(policy_ids())


def test_what_is_asked_for_is_swept_on_all_cpus_at_the_constants_in_force(
    panel, bridge, qtbot, monkeypatch
):
    asked = []

    def answer(*arguments, **options):
        asked.append((arguments[:4], options))
        return []

    monkeypatch.setattr(sweep_job, "sweep", answer)
    costs = DEFAULT_COSTS.with_values({"turn": 1.0})
    bridge.document.set_costs(costs)
    panel.form.firmware.setCurrentText("seabios")
    panel.form.vcpus.setText("1,2,4,...,255")
    qtbot.keyClick(panel.form.vcpus, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not panel.job.is_running)
    vcpus = (1, 2, 4, 8, 16, 32, 64, 128, 255)
    assert asked == [(("seabios", vcpus, (2.0,), ("per-vcpu", "per-vm")), {"costs": costs})]


def test_rows_are_those_of_the_command_line(swept):
    expected = sweep("ovmf", [1, 8, 32], [2, 16], ["per-vcpu", "per-vm"], processes=1)
    assert swept.rows == expected
    assert swept.table.rowCount() == 12
    cells = [swept.table.item(1, column).text() for column in range(7)]
    assert cells[:4] == ["per-vcpu", "2", "8", "84"]
    assert swept.table.item(2, 6).text() == "extrapolated"
    assert "extrapolated, beyond 16 vCPUs" in swept.words.text()
    assert swept._plots.widget.isVisible()


def test_a_real_sweep_in_processes_leaves_the_window_alive(panel, qtbot):
    ticks = []
    panel.startTimer(10)
    panel.timerEvent = lambda event: ticks.append(time.monotonic())
    panel.form.vcpus.setText("64,128")  # smaller ones are made in one process
    seen = []
    panel.job.progressed.connect(lambda done, total: seen.append((done, total)))
    run(panel, qtbot)
    assert len(panel.rows) == 4
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert len(ticks) > 5
    assert panel.form.start.isEnabled()
    assert not panel.form.progress.isVisible()


@pytest.mark.parametrize(("field", "text"), [("vcpus", "1,x"), ("vcpus", "300"), ("memory", "")])
def test_what_cannot_be_swept_is_told_and_nothing_starts(panel, here, field, text):
    getattr(panel.form, field).setText(text)
    panel.start()
    assert panel.words.objectName() == "error"
    assert panel.words.text()
    assert not panel.job.is_running
    assert here == []


def test_without_a_policy_there_is_nothing_to_sweep(panel, here):
    check_all(panel, Qt.CheckState.Unchecked)
    panel.start()
    assert "no policy is chosen" in panel.words.text()


def test_a_cancelled_sweep_shows_what_it_has(panel, here, qtbot):
    panel.form.vcpus.setText("1,2,4,...,255")
    panel.job.progressed.connect(lambda done, _: panel.cancel() if done == 2 else None)
    run(panel, qtbot)
    assert 2 <= len(panel.rows) < 18
    assert "Cancelled after" in panel.words.text()
    assert panel.table.rowCount() == len(panel.rows)
    assert panel.form.start.isEnabled()


def test_closing_while_sweeping_waits_for_no_more_than_has_begun(panel, here, qtbot):
    panel.form.vcpus.setText("1,2,4,...,255")
    check_all(panel, Qt.CheckState.Checked)
    panel.start()
    qtbot.waitUntil(lambda: bool(here))
    panel.stop()
    assert panel.job.is_cancelled


def test_a_failure_is_told(panel, qtbot, monkeypatch):
    def fail(*_arguments, **_options):
        raise OSError("no more processes")

    monkeypatch.setattr(sweep_job, "sweep", fail)
    run(panel, qtbot)
    assert "no more processes" in panel.words.text()
    assert panel.form.start.isEnabled()


def test_there_are_curves_for_each_policy_and_rings_where_measurements_were_published(swept):
    plot = swept._plots.plots["zap_count"]
    both = [symbol_of("per-vcpu"), symbol_of("per-vm")]
    assert marks(plot, hollow=False) == [(symbol, [1, 8, 32]) for symbol in both for _ in "ab"]
    assert {symbol for symbol, x in marks(plot, hollow=True) if x} == set(both)
    styles = [item.opts["pen"].style() for item in plot.listDataItems() if item.opts["pen"]]
    assert Qt.PenStyle.DashLine in styles


def test_it_can_be_drawn_against_memory_and_one_figure_at_a_time(swept):
    swept.axis.setCurrentIndex(swept.axis.findText("GiB of memory"))
    swept.figures.setCurrentIndex(swept.figures.findText("boot s"))
    plots = swept._plots
    shown = [plot for plot in plots.plots.values() if plot.scene() is not None]
    assert shown == [plots.plots["boot_s"]]
    assert [x for _, x in marks(shown[0], hollow=False)] == [[2, 16]] * 6


def test_the_current_row_is_ringed_and_a_point_picks_its_row(swept):
    swept.table.selectRow(1)
    x, y = swept._plots._rings["zap_count"].getOriginalDataset()
    assert (list(x), list(y)) == ([8], [84])
    swept._pick(swept.rows[4])
    assert swept.table.currentRow() == 4


def test_zero_cycles_have_no_place_on_a_logarithmic_axis(panel, here, qtbot):
    check_all(panel, Qt.CheckState.Unchecked)
    item = panel.form.policies.findItems("kvm-6.11", Qt.MatchFlag.MatchExactly)[0]
    item.setCheckState(Qt.CheckState.Checked)
    panel.form.vcpus.setText("1,2")
    run(panel, qtbot)
    panel.table.selectRow(0)
    assert [row.zap_mcycles for row in panel.rows] == [0, 0]
    cycles, zaps = (panel._plots._rings[name] for name in ("zap_mcycles", "zap_count"))
    assert (places(cycles), places(zaps)) == ([], [1])


def test_rows_are_saved_as_the_command_line_does_and_copied(swept, tmp_path, qtbot):
    path = tmp_path / "sweep.csv"
    swept.save_csv(str(path))
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(SweepRow.__struct_fields__)
    assert len(rows) == 12
    swept.table.selectRow(0)
    swept.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:5] == ["policy", "GiB", "vCPUs", "zaps", "zap Mcycles (modelled)"]
    assert len(lines) == 2


def test_a_file_that_cannot_be_written_is_told(swept, bridge, tmp_path, qtbot):
    with qtbot.waitSignal(bridge.refused) as told:
        swept.save_csv(str(tmp_path / "none" / "sweep.csv"))
    assert "none" in told.args[0]


def test_rows_at_changed_constants_say_so(panel, bridge, here, qtbot, tmp_path):
    bridge.document.set_costs(DEFAULT_COSTS.with_values({"turn": 1.0}))
    panel.form.vcpus.setText("1")
    run(panel, qtbot)
    assert "Constants changed: turn=1" in panel.words.text()
    assert "constants changed" in panel.table.horizontalHeaderItem(4).text()
    path = tmp_path / "sweep.csv"
    panel.save_csv(str(path))
    assert "changed_constants" in path.read_text()
    bridge.document.set_costs(DEFAULT_COSTS)
    assert "start again" in panel.words.text()
    bridge.document.set_costs(DEFAULT_COSTS.with_values({"turn": 1.0}))
    assert "start again" not in panel.words.text()


def test_another_theme_recolours_plots_and_marks(swept, bridge):
    bridge.set_theme(LIGHT)
    assert swept._plots.widget.backgroundBrush().color().name() == LIGHT.panel.lower()
    assert not swept.form.policies.item(0).icon().isNull()


def test_lines_are_named_by_their_size_where_it_matters(swept):
    named = {
        figure: {item.toPlainText().strip() for item in plot.items if hasattr(item, "toPlainText")}
        for figure, plot in swept._plots.plots.items()
    }
    assert named == {"zap_count": set(), "zap_mcycles": set(), "boot_s": {"2 GiB", "16 GiB"}}

"""Exporting from the window: the dialog's choices, files written beside its work, and refusals."""

from __future__ import annotations

import itertools
import json
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QProgressDialog,
    QPushButton,
    QWidget,
)

from mtrrviz.exporters.kinds import KINDS
from mtrrviz.gui.export.exports import ExportDialog, Exports
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from tests.session.slow_executor import SlowExecutor

pytestmark = pytest.mark.gui

POLICIES = ("per-vcpu", "per-vm")


@pytest.fixture
def exports(qtbot):
    window, view, worker = QWidget(), QLabel("words"), Worker()
    qtbot.addWidget(window)
    qtbot.addWidget(view)
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    made = Exports(document, worker, {"map": view}, window)
    yield made
    made.stop()


@pytest.fixture
def dialog(qtbot):
    made = ExportDialog(POLICIES)
    qtbot.addWidget(made)
    made.show()
    return made


def test_of_a_real_machine_only_what_applies_is_offered(qtbot):
    made = ExportDialog(POLICIES, is_host=True)
    qtbot.addWidget(made)
    made.show()
    words = [made.kinds.item(row).text() for row in range(made.kinds.count())]
    assert [text.split(":")[0] for text in words] == ["events", "ranges", "report"]
    assert not [text for text in words if "zap" in text or "polic" in text]
    assert not made.policies.isVisible()
    for row in range(made.kinds.count()):
        made.kinds.setCurrentRow(row)
        assert made.chosen_policies == 1
        assert made.formats.count()


@pytest.fixture
def choosing(monkeypatch):
    """Return a function after which the file dialog answers with a path."""

    def choose(path, chosen=""):
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", staticmethod(lambda *_args: (str(path), chosen))
        )

    return choose


def items(combo):
    return [combo.itemText(row) for row in range(combo.count())]


@pytest.mark.parametrize(("row", "kind"), list(enumerate(KINDS.values())), ids=list(KINDS))
def test_each_kind_offers_its_formats_and_policies(dialog, row, kind):
    dialog.kinds.setCurrentRow(row)
    assert dialog.kind is kind
    assert items(dialog.formats) == [form.upper() for form in kind.formats]
    assert dialog.policies.count() == 1 + kind.most - kind.least
    assert dialog.chosen_policies == kind.least


def test_a_report_can_be_of_both_policies(dialog):
    assert dialog.kind.name == "report"
    assert items(dialog.policies) == ["per-vcpu", "per-vcpu and per-vm"]
    dialog.policies.setCurrentIndex(1)
    assert dialog.chosen_policies == 2


def test_the_dialog_is_worked_by_keys(dialog):
    dialog.kinds.setFocus()
    QTest.keyClick(dialog.kinds, Qt.Key.Key_Home)
    assert dialog.kind.name == "events"
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.result() == 1


def test_cancel_exports_nothing(dialog):
    box = dialog.findChild(QDialogButtonBox)
    QTest.mouseClick(box.button(QDialogButtonBox.StandardButton.Cancel), Qt.MouseButton.LeftButton)
    assert dialog.result() == 0


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_every_kind_reaches_its_file(qtbot, exports, tmp_path, kind):
    for form in kind.formats:
        path = tmp_path / f"x.{form}"
        with qtbot.waitSignal(exports.done, timeout=60_000) as told:
            exports.export(kind.name, form, kind.most, path)
        assert told.args == [f"Exported: {path}"]
        assert path.stat().st_size > 0


def test_ranges_are_those_of_the_playhead(qtbot, exports, tmp_path):
    with qtbot.waitSignal(exports.done):
        exports.export("ranges", "json", 1, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())["time_s"] == 1.1


def test_the_dialog_leads_to_the_file(qtbot, exports, choosing, tmp_path):
    choosing(tmp_path / "boot")
    exports.ask_export()
    dialog = exports.parent().findChild(ExportDialog)
    dialog.kinds.setCurrentRow(1)
    with qtbot.waitSignal(exports.done):
        dialog.accept()
    assert (tmp_path / "boot.csv").read_text().startswith("zap,")


def test_a_file_the_dialog_has_not_asked_about_stays(exports, choosing, tmp_path):
    (tmp_path / "x.png").write_text("old")
    said = []
    exports.refused.connect(said.append)
    choosing(tmp_path / "x", "PNG pictures (*.png)")
    exports.ask_picture("map")
    assert "exists already" in said[0]
    assert (tmp_path / "x.png").read_text() == "old"


def test_a_picture_has_the_format_that_was_chosen(exports, choosing, tmp_path):
    choosing(tmp_path / "x", "SVG pictures (*.svg)")
    exports.ask_picture("map")
    assert (tmp_path / "x.svg").read_bytes().startswith(b"<?xml")
    choosing(tmp_path / "y.PNG", "SVG pictures (*.svg)")
    exports.ask_picture("map")
    assert not QImage(str(tmp_path / "y.PNG")).isNull()


def test_no_file_chosen_writes_nothing(exports, choosing, tmp_path):
    choosing("")
    exports.ask_picture("map")
    exports.ask_export()
    exports.parent().findChild(ExportDialog).accept()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told(qtbot, exports, tmp_path):
    with qtbot.waitSignal(exports.refused) as told:
        exports.export("zaps", "csv", 1, tmp_path / "nowhere" / "x.csv")
    assert "nowhere" in told.args[0]
    with qtbot.waitSignal(exports.refused) as told:
        exports.save_picture("map", tmp_path / "nowhere" / "x.png")
    assert "x.png" in told.args[0]


def test_an_export_tells_how_far_it_is_and_can_be_stopped(qtbot, exports, tmp_path, monkeypatch):
    path, begun = tmp_path / "x.csv", threading.Event()

    def endless(*_args):
        while True:
            begun.set()
            yield "row\n"

    monkeypatch.setattr("mtrrviz.session.exchange.exporting.export_parts", endless)
    path.write_text("old")
    exports.export("leaves", "csv", 1, path)
    assert begun.wait(10)
    dialog = exports.parent().findChild(QProgressDialog)
    qtbot.waitUntil(lambda: dialog.labelText() == "Exporting x.csv")
    with qtbot.waitSignal(exports.done) as said:
        dialog.findChild(QPushButton).click()
    assert said.args == ["The export was stopped; nothing was written."]
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]
    assert exports.writing is None


def test_closing_stops_an_export(exports, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "mtrrviz.session.exchange.exporting.export_parts", lambda *_args: itertools.repeat("row")
    )
    exports.export("leaves", "csv", 1, tmp_path / "x.csv")
    exports.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_picture_goes_to_the_clipboard(exports):
    said = []
    exports.done.connect(said.append)
    exports.copy_picture("map")
    assert QGuiApplication.clipboard().image().size() == exports._views["map"].size()
    assert said == ["Copied: a picture of the map"]


def test_a_view_without_size_is_refused(exports):
    said = []
    exports.refused.connect(said.append)
    exports._views["map"].resize(0, 0)
    exports.copy_picture("map")
    assert "no size" in said[0]


def test_before_the_first_run_there_is_nothing_to_export(qtbot):
    window, worker = QWidget(), Worker()
    qtbot.addWidget(window)
    document = Document(open_scenario("small-machine"), executor=SlowExecutor())
    said = []
    exports = Exports(document, worker, {}, window)
    exports.refused.connect(said.append)
    exports.ask_export()
    exports.export("zaps", "csv", 1, Path("x.csv"))
    worker.wait()
    assert "nothing to export yet" in said[0]
    assert "still being simulated" in said[1]


def test_runs_before_and_after_an_edit_are_not_compared(qtbot, tmp_path):
    window, worker, executor = QWidget(), Worker(), SlowExecutor()
    qtbot.addWidget(window)
    document = Document(open_scenario("small-machine"), executor=executor)
    executor.finish_all()
    exports = Exports(document, worker, {}, window)
    document.apply(attach_dma(document.scenario, 1000))
    executor.finish()
    with qtbot.waitSignal(exports.refused) as told:
        exports.export("report", "html", 2, tmp_path / "x.html")
    worker.wait()
    assert "still being simulated" in told.args[0]
    assert list(tmp_path.iterdir()) == []

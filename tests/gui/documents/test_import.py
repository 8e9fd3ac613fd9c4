"""What machines print, brought into the window: opened, dropped, pasted, imported again."""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QProgressDialog

from mtrrviz.gui.documents import open_save
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.documents.import_dialog import ImportDialog
from mtrrviz.gui.documents.open_save import Files
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.start.startup import Startup
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.importers import ImportCancelledError
from mtrrviz.importers.opening import (
    OpenRequest,
    open_request,
    request_for,
    this_machine_request,
)
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from tests.cli.test_import import FAULTS
from tests.importers.helpers import SAMPLES
from tests.importers.machine.machine_tree import intel_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui

DUMP = "0x2ff c06\n0x200 80000000\n0x201 ff80000800\nwhat is this?\n"
IOMEM = "00000000-0009ffff : System RAM\n00100000-3fffffff : System RAM\n"
Answer = QMessageBox.StandardButton


@pytest.fixture
def window(qtbot: QtBot, settings: Settings) -> MainWindow:
    window = MainWindow(settings)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def files(window: MainWindow, settings: Settings) -> Files:
    """Return the File menu's work, of a document that lives in a window without views."""
    document = Document(open_scenario("small-machine"))
    return Files(document, settings, window)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.txt"
    path.write_text(DUMP)
    return path


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what message boxes say, answering none of them."""
    texts: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: texts.append(box.text()))
    return texts


def dialog_of(qtbot: QtBot, window: MainWindow) -> ImportDialog:
    """Wait for the report of an import."""
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(ImportDialog)))
    return next(one for one in window.findChildren(ImportDialog) if one.isVisible())


def test_a_dump_is_shown_though_its_disk_went_meanwhile(
    files: Files, window: MainWindow, dump: Path, settings: Settings, monkeypatch, qtbot: QtBot
) -> None:
    read, stat = open_request(request_for([dump])), Path.stat

    def stale(file: Path, **options: bool) -> os.stat_result:
        if file == dump:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return stat(file, **options)

    monkeypatch.setattr(Path, "stat", stale)
    files.show_opened(read, [dump])
    assert "[rdmsr]" in dialog_of(qtbot, window).report.toPlainText()
    assert settings.recent == []


def test_a_dump_opens_with_its_report_and_is_not_saved(
    files: Files, window: MainWindow, dump: Path, settings: Settings, qtbot: QtBot
) -> None:
    files.open(str(dump))
    dialog = dialog_of(qtbot, window)
    assert not dialog.isModal()
    text = dialog.report.toPlainText()
    assert "[rdmsr]" in text
    assert "line 4: what is this?" in text
    assert "assumed: " in text
    assert files.document.scenario.name == "dump"
    assert files.document.is_modified
    assert files.document.path is None
    assert settings.recent == [dump.resolve()]
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == text


def test_other_answers_import_again(files: Files, window: MainWindow, dump: Path, qtbot: QtBot):
    files.open(str(dump))
    form = dialog_of(qtbot, window).options
    form.vcpus.setValue(3)
    form.memory.setText("many")
    dialog_of(qtbot, window).again_button.click()
    assert "'many' is not a size" in form.problem.text()
    assert files.document.scenario.machine.vcpus == 1
    form.memory.setText("3 GiB")
    form.default_type.setCurrentText("WC")
    dialog_of(qtbot, window).again_button.click()
    qtbot.waitUntil(lambda: files.document.scenario.machine.vcpus == 3)
    assert files.document.scenario.machine.memory_bytes == 3 << 30
    qtbot.waitUntil(lambda: dialog_of(qtbot, window).options is not form)
    form = dialog_of(qtbot, window).options
    answers = form.vcpus.value(), form.memory.text(), form.default_type.currentText()
    assert answers == (3, "3145728 KiB", "WC")


def test_another_format_is_tried(files: Files, window: MainWindow, dump: Path, qtbot: QtBot):
    files.open(str(dump))
    dialog = dialog_of(qtbot, window)
    dialog.options.format.setCurrentIndex(dialog.options.format.findData("rdmsr"))
    dialog.again_button.click()
    qtbot.waitUntil(lambda: dialog_of(qtbot, window) is not dialog)
    assert "chosen by the user" in dialog_of(qtbot, window).report.toPlainText()


def test_edits_since_the_import_are_asked_about(
    files: Files, window: MainWindow, dump: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.open(str(dump))
    dialog = dialog_of(qtbot, window)
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or Answer.Cancel)
    files.document.apply(attach_dma(files.document.scenario, 0))
    edited = files.document.scenario
    dialog.again_button.click()
    assert len(asked) == 1
    assert files.document.scenario is edited


def test_saving_an_import_keeps_its_touches(
    files: Files, window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trace.txt").write_text(FAULTS)
    files.open(str(tmp_path / "trace.txt"))
    dialog_of(qtbot, window)
    files.document.apply(attach_dma(files.document.scenario, 0))
    target = tmp_path / "mine.toml"
    monkeypatch.setattr(
        "mtrrviz.gui.documents.open_save.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
    )
    assert files.save()
    assert files.saving.finish()
    assert not files.document.is_modified
    assert len(load_scenario(target).touches) == 19


def test_several_chosen_files_make_one_machine(
    files: Files, window: MainWindow, dump: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = dump.with_name("iomem.txt")
    other.write_text(IOMEM)
    names = [str(dump), str(other)]
    monkeypatch.setattr(
        "mtrrviz.gui.documents.open_save.QFileDialog.getOpenFileNames", lambda *_: (names, "")
    )
    files.ask_open()
    assert "iomem.txt" in dialog_of(qtbot, window).report.toPlainText()
    assert files.document.scenario.machine.memory_bytes == 1 << 30


def test_pasting_imports_the_clipboard(
    files: Files, window: MainWindow, told: list[str], qtbot: QtBot
) -> None:
    QGuiApplication.clipboard().setText(" ")
    files.paste()
    assert told == ["There is no text on the clipboard."]
    QGuiApplication.clipboard().setText(DUMP)
    files.paste()
    assert "pasted text" in dialog_of(qtbot, window).report.toPlainText()


@pytest.mark.parametrize(("text", "reason"), [("hello\n", "nothing in it is known"), ("", "")])
def test_what_cannot_be_read_leaves_the_document(
    files: Files, dump: Path, told: list[str], text: str, reason: str, qtbot: QtBot
) -> None:
    before = files.document.scenario
    dump.write_text(text)
    files.open(str(dump))
    qtbot.waitUntil(lambda: bool(told))
    assert len(told) == 1
    assert str(dump) in told[0]
    assert reason in told[0]
    assert files.document.scenario is before
    assert not files.document.is_modified


def test_reading_can_be_stopped(window: MainWindow, dump: Path, qtbot: QtBot) -> None:
    failed: list[Exception] = []
    reading = Reading(window)
    reading._stop.set()
    reading.start(Worker(window), partial(open_request, request_for([dump])), print, failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], ImportCancelledError)


def test_dropped_and_pasted_in_the_whole_window(
    qtbot: QtBot, settings: Settings, dump: Path, window: MainWindow
) -> None:
    document = Document(open_scenario("small-machine"))
    bench = Workbench(window, document, Worker(window), settings)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(dump))])
    copy, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), copy, data, button, none))
    assert "dump.txt" in dialog_of(qtbot, window).report.toPlainText()
    document.mark_saved(document.scenario, Path("forgotten.toml"))
    QGuiApplication.clipboard().setText(DUMP)
    bench.actions["paste_dump"].trigger()
    qtbot.waitUntil(lambda: document.scenario.name == "pasted text")
    assert window.isWindowModified()
    document.mark_saved(document.scenario, Path("forgotten.toml"))


def test_the_window_starts_with_all_dumps_of_a_machine(
    settings: Settings, qtbot: QtBot, tmp_path: Path
) -> None:
    dumps = {
        "iomem.txt": "00001000-0009fbff : System RAM\n00100000-7fffffff : System RAM\n",
        "mtrr.txt": "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n",
    }
    paths = [tmp_path / name for name in dumps]
    for path in paths:
        path.write_text(dumps[path.name])
    startup = Startup([str(path) for path in paths], settings)
    with qtbot.waitSignal(startup.ready, timeout=20_000):
        startup.begin()
    assert startup.window is not None
    assert startup.workbench is not None
    document = startup.workbench.document
    assert document.scenario.machine == open_request(request_for(paths)).scenario.machine
    assert sorted(settings.recent) == sorted(path.resolve() for path in paths)
    document.mark_saved(document.scenario, Path("forgotten.toml"))
    startup.window.close()


def test_the_window_starts_with_a_dump(settings: Settings, qtbot: QtBot) -> None:
    startup = Startup([str(SAMPLES / "perf-script.txt")], settings)
    with qtbot.waitSignal(startup.ready, timeout=20_000):
        startup.begin()
    assert startup.window is not None
    assert startup.workbench is not None
    document = startup.workbench.document
    assert document.is_modified
    assert "[perf-script]" in dialog_of(qtbot, startup.window).report.toPlainText()
    document.mark_saved(document.scenario, Path("forgotten.toml"))
    startup.window.close()


def test_a_cancel_when_all_was_just_read_still_counts(
    window: MainWindow, dump: Path, qtbot: QtBot
) -> None:
    outcomes: list[object] = []
    reading = Reading(window)
    reading.start(
        Worker(window),
        lambda told, stop: open_request(request_for([dump]), told, None),
        outcomes.append,
        outcomes.append,
    )
    [progress] = window.findChildren(QProgressDialog)
    progress.cancel()
    qtbot.waitUntil(lambda: bool(outcomes))
    assert isinstance(outcomes[0], ImportCancelledError)


def test_this_machine_opens_with_its_report_and_can_be_read_again(
    files: Files, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    root = intel_host(tmp_path / "root").root
    monkeypatch.setattr(open_save, "this_machine_request", lambda: this_machine_request(root))
    files.read_this_machine()
    dialog = dialog_of(qtbot, window)
    assert files.document.scenario.title == "This machine: ACME Anvil 9"
    assert files.document.is_modified
    assert "the CPUs' registers" in dialog.report.toPlainText()
    dialog.options.vcpus.setValue(4)
    dialog.again_button.click()
    qtbot.waitUntil(lambda: files.document.scenario.machine.vcpus == 4)


def test_this_machine_without_registers_is_told_and_changes_nothing(
    files: Files,
    told: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    before = files.document.scenario
    monkeypatch.setattr(open_save, "this_machine_request", lambda: this_machine_request(tmp_path))
    files.read_this_machine()
    qtbot.waitUntil(lambda: bool(told))
    assert "`sudo modprobe msr`" in told[0]
    assert files.document.scenario is before


@pytest.fixture
def report_of(qtbot: QtBot) -> Callable[[str], ImportDialog]:
    """Return a function that shows the report of a text."""

    kept: list[ImportDialog] = []

    def show(text: str) -> ImportDialog:
        dialog = ImportDialog(open_request(OpenRequest((("log", text.encode()),))))
        kept.append(dialog)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return show


def test_a_real_machine_is_not_asked_for_devices_with_dma(
    report_of: Callable[[str], ImportDialog],
) -> None:
    bare = "Booting paravirtualized kernel on bare hardware\nMTRRs disabled by BIOS\n"
    form = report_of(bare).options
    assert not form.devices.isVisible()
    assert form.memory.isVisible()
    form.machine.setCurrentIndex(1 + list(MachineKind).index(MachineKind.GUEST))
    assert form.devices.isVisible()
    guest = report_of("Hypervisor detected: KVM\nMTRRs disabled by BIOS\n")
    assert guest.options.devices.isVisible()
    assert "event" not in report_of(bare).report.toPlainText().splitlines()[-1]


def test_the_report_is_no_larger_than_the_screen(
    report_of: Callable[[str], ImportDialog],
) -> None:
    dialog = report_of("0x2ff c06\n")
    room = dialog.screen().availableSize()
    assert dialog.size().boundedTo(room) == dialog.size()
    dialog.resize(600, 352)  # a screen of 1280x800 with text twice as large
    assert dialog.height() <= 400
    assert dialog.again_button.isVisible()

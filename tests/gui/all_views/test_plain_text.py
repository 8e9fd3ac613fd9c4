"""What a file says is shown as it is: nothing of it is taken for markup, and nothing is loaded."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QEvent, QModelIndex, QPoint
from PySide6.QtGui import QAction, QHelpEvent, QImage, Qt, QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QMenu,
    QMessageBox,
    QToolTip,
    QWidget,
)
from shiboken6 import isValid

import mtrrviz.gui
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.common.plain_text import (
    Label,
    OwnWords,
    menu_text,
    message_box,
    plain_tip,
    window_title,
)
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.documents.import_dialog import ImportDialog
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.importers.opening import open_request, request_for
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui

GUI = Path(mtrrviz.gui.__file__).parent
PLAIN = "common/plain_text.py"
#: The about box, of this program's own text.
RICH = {"shell/dialogs.py"}
#: They show the HTML that a module beside them makes of escaped text.
HTML_OF_OTHERS = {
    *("problems/problems_panel.py", "solve/solve_view.py"),
    # made from Markdown with tags escaped and pictures left out; the browser loads nothing
    *("lessons/page_browser.py", "lessons/worksheets.py"),
}


class Trap:
    """A picture that shows, by the time of its last access, whether it was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        picture = QImage(2, 2, QImage.Format.Format_RGB32)
        assert picture.save(str(path))
        self.reset()

    def reset(self) -> None:
        """Let the file seem never read."""
        os.utime(self.path, (1, self.path.stat().st_mtime))

    @property
    def was_read(self) -> bool:
        """Whether anybody has read the file since."""
        return self.path.stat().st_atime > 1


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    """A trap where the file system keeps times of access."""
    made = Trap(tmp_path / "picture.png")
    made.path.read_bytes()
    if not made.was_read:
        pytest.skip("this file system does not keep times of access")
    made.reset()
    return made


@pytest.fixture(autouse=True)
def boxes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer every box by Discard, after checking it; return what they said."""
    told: list[str] = []

    def read_box(box: QMessageBox) -> QMessageBox.StandardButton:
        box.grab()
        told.append(box.text())
        assert labels_that_guess(box) == []
        assert is_shown_as_it_is(box.informativeText())
        return QMessageBox.StandardButton.Discard

    monkeypatch.setattr(QMessageBox, "exec", read_box)
    return told


def hostile(trap: Trap) -> str:
    """Return a text of markup that would load the trap."""
    return f"<img src='{trap.path}'><b>bold</b> &amp; & <a href='x'>link</a>"


def hostile_scenario(directory: Path, trap: Trap) -> Path:
    """Write a scenario with such a text wherever a scenario may hold one."""
    text = hostile(trap)
    path = directory / "<img src=pipe> & co.mtrrviz.toml"
    path.write_text(f'''schema = 1
title = "{text}"
description = "{text}"
tags = ["{text}", "imported"]
duration = 4.0
[view]
policy = "per-vcpu"
compare = "per-vm"
at = 2.0
page = 0x100000
map = "side-by-side"
[machine]
vcpus = 2
maxphyaddr = 40
memory = "1 GiB"
[[machine.region]]
name = "{text}"
kind = "ram"
start = 0
end = 0x4000_0000
[[phase]]
t = 0.0
name = "{text}"
aps = "concurrent"
text = "{text}"
[[phase]]
t = 1.0
name = "{text}2"
text = "{text}"
[[event]]
t = 0.5
kind = "note"
origin = "{text}"
text = "{text}"
[[event]]
t = 1.5
kind = "wrmsr"
vcpu = 1
register = "IA32_MTRR_DEF_TYPE"
value = 0xc06
origin = "{text}"
text = "{text}"
[[event]]
t = 1.6
kind = "wrmsr"
register = "IA32_MTRR_PHYSBASE0"
value = 0x70
origin = "{text}"
text = "{text}"
[[event]]
t = 1.7
kind = "init"
vcpu = 1
origin = "{text}"
text = "{text}"
[[event]]
t = 1.8
kind = "dma-detach"
origin = "{text}"
text = "{text}"
[[event]]
t = 1.9
kind = "dma-attach"
origin = "{text}"
text = "{text}"
[[touch]]
t = 0.1
start = 0
size = "1 GiB"
''')
    return path


def opened(path: Path, settings: Settings, qtbot: QtBot) -> Workbench:
    """Open a file in a window of its own."""
    window = MainWindow(settings)
    window.resize(1400, 900)
    qtbot.addWidget(window)
    made = Workbench(window, Document(load_scenario(path)), Worker(window), settings)
    window.show()
    qtbot.waitExposed(window)
    return made


def labels_that_guess(root: QWidget) -> list[str]:
    """Return the texts of labels that Qt takes for HTML."""
    plain = Qt.TextFormat.PlainText
    texts = (label.text() for label in labels(root) if label.textFormat() != plain)
    return [text for text in texts if "<img" in text]


def labels(root: QWidget) -> list[QLabel]:
    """Return the labels in a widget, itself among them."""
    return [*([root] if isinstance(root, QLabel) else []), *root.findChildren(QLabel)]


def tips(root: QWidget) -> Iterator[str]:
    """Yield every tooltip of widgets, actions, items and headers, and those of places."""
    for widget in [root, *root.findChildren(QWidget)]:
        if isValid(widget):  # the label of a tooltip goes when the next is shown
            yield widget.toolTip()
            yield from places(widget)
    yield from (action.toolTip() for action in root.findChildren(QAction))
    for view in root.findChildren(QAbstractItemView):
        yield from model_tips(view.model(), QModelIndex())


def model_tips(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    """Yield the tooltips of a model's cells and headers."""
    role = Qt.ItemDataRole.ToolTipRole
    is_list = isinstance(model, QAbstractListModel)  # whose count of columns is private
    for column in range(1 if is_list else model.columnCount(parent)):
        yield model.headerData(column, Qt.Orientation.Horizontal, role) or ""
        for row in range(min(model.rowCount(parent), 50)):
            index = model.index(row, column, parent)
            yield model.data(index, role) or ""
            if column == 0 and not is_list and model.rowCount(index):
                yield from model_tips(model, index)


def places(widget: QWidget) -> Iterator[str]:
    """Yield what tooltips say that depend on the place, on a grid of points."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    if not widget.isVisible() or widget.findChild(PointerTips, "", direct) is None:
        return
    for x in range(4, widget.width(), 40):
        for y in range(4, widget.height(), 40):
            at = QPoint(x, y)
            event = QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at))
            QApplication.sendEvent(widget, event)
            yield QToolTip.text()


def is_shown_as_it_is(tip: str) -> bool:
    """Whether a tooltip holds no markup of a file."""
    return not Qt.mightBeRichText(tip) or not ("<img" in tip or "<a " in tip or "<b>" in tip)


def menu_texts(root: QWidget) -> Iterator[str]:
    for menu in root.findChildren(QMenu):
        menu.aboutToShow.emit()
        yield from (action.text() for action in menu.actions())


def test_a_hostile_scenario_is_shown_as_text_in_every_view(
    settings: Settings, qtbot: QtBot, tmp_path: Path, trap: Trap
) -> None:
    path = hostile_scenario(tmp_path, trap)
    settings.add_recent(path)
    bench = opened(path, settings, qtbot)
    window = bench.window
    seen = 0
    for name in (*bench.docks, "map"):
        if name in bench.docks:
            bench.bring_up(name)
        settle()
        assert labels_that_guess(window) == []
        texts = [tip for tip in tips(window) if tip]
        assert [tip for tip in texts if not is_shown_as_it_is(tip)] == []
        seen += sum("img" in tip for tip in texts)
    assert seen > 10  # the texts do get there
    assert any("img" in label.text() for label in window.findChildren(QLabel))
    assert [text for text in menu_texts(window) if "img" in text and "&&" not in text] == []
    assert not trap.was_read


def test_the_trap_notices_rich_text(qtbot: QtBot, trap: Trap) -> None:
    label = QLabel(hostile(trap))
    qtbot.addWidget(label)
    label.grab()
    assert trap.was_read
    assert labels_that_guess(label) == [hostile(trap)]


def test_a_hostile_dump_is_reported_as_text(
    settings: Settings, qtbot: QtBot, tmp_path: Path, trap: Trap
) -> None:
    text = hostile(trap)
    dump = tmp_path / "<img src=x> & dump.txt"
    dump.write_text(
        f"{text}\nreg00: base=0x000000000 (    0MB), size= 1024MB, count=1: write-back\n"
        f"00000000-3fffffff : {text}\n[    0.000000] DMI: {text}\n"
    )
    bench = opened(hostile_scenario(tmp_path, trap), settings, qtbot)
    read = open_request(request_for([dump]))
    bench.document.open(read.scenario, read.path, is_saved=False)
    bench.files.show_opened(read, [dump])
    settle()
    (dialog,) = bench.window.findChildren(ImportDialog)
    assert "<img" in dialog.report.toPlainText()
    assert labels_that_guess(bench.window) == []
    assert [tip for tip in tips(bench.window) if not is_shown_as_it_is(tip)] == []
    assert not trap.was_read


def test_boxes_and_progress_show_names_as_they_are(
    settings: Settings,
    qtbot: QtBot,
    tmp_path: Path,
    trap: Trap,
    boxes: list[str],
) -> None:
    text = hostile(trap)
    bench = opened(hostile_scenario(tmp_path, trap), settings, qtbot)
    bench.bridge.message.emit(text)
    bench.bridge.refused.emit(text)
    bench.bridge.edit(lambda: attach_dma(bench.document.scenario, 3_000_000_000))
    bench.files.open("<img src=nowhere>")
    bench.finish_work()
    settle()
    assert len(boxes) == 3  # refused, unsaved changes, no such file
    assert all("<img" in words for words in boxes)
    reading = Reading(bench.window)
    reading._show("<img src=x>", 1)
    assert labels_that_guess(bench.window) == []
    message_box(QMessageBox.Icon.Warning, text, None, more=text).exec()
    assert not trap.was_read


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_render_draws_a_hostile_scenario(ending: str, tmp_path: Path, trap: Trap) -> None:
    path = hostile_scenario(tmp_path, trap)
    picture = tmp_path / f"<b>.{ending}"
    command = [sys.executable, "-m", "mtrrviz", "render", str(path), "-o", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert picture.stat().st_size > 1000
    assert not trap.was_read


# The parts


def test_a_tip_that_is_no_markup_stays_as_it_is() -> None:
    for text in ("", "4 < 5", "A & B", "two\nlines"):
        assert plain_tip(text) == text


def test_a_tip_of_markup_shows_that_markup() -> None:
    document = QTextDocument()
    text = "<img src='x'>  two\nlines &amp; <b>bold</b>"
    document.setHtml(plain_tip(text))
    assert document.toPlainText() == text


def test_menus_and_titles_show_what_means_something_to_them() -> None:
    assert menu_text("a & b\tCtrl+Q") == "a && b Ctrl+Q"
    assert window_title("x[*].toml") == "x[*][*].toml"


def test_a_label_shows_markup(qtbot: QtBot) -> None:
    label = Label("<b>x</b>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize("words", ["<b>x</b>", "x &amp; y"])
def test_a_label_without_a_format_takes_no_markup(words: str) -> None:
    with pytest.raises(ValueError, match="x"):
        OwnWords(words)


# Nobody goes round them


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


def is_ours(argument: ast.expr) -> bool:
    """Whether a text is written here, or made plain."""
    if isinstance(argument, ast.Constant):
        return True
    if isinstance(argument, ast.IfExp):
        return is_ours(argument.body) and is_ours(argument.orelse)
    if isinstance(argument, ast.Name):
        return argument.id.isupper()
    return isinstance(argument, ast.Call) and name_of(argument) == "plain_tip"


SOURCES = sorted(path.relative_to(GUI).as_posix() for path in GUI.rglob("*.py"))


@pytest.mark.parametrize("name", [name for name in SOURCES if name != PLAIN])
def test_texts_go_through_the_plain_widgets(name: str) -> None:
    path = GUI / name
    source = path.read_text()
    assert "(QLabel):" not in source
    for call in calls(path):
        called = name_of(call)
        where = f"{name}:{call.lineno}: {ast.unparse(call)}"
        assert called != "QLabel", where
        if called.startswith("QMessageBox"):
            assert name in RICH, where
        if called.endswith((".setToolTip", ".setItemToolTip")):
            assert is_ours(call.args[-1]), where
        if called == "QToolTip.showText":
            # tip_with adds a sentence of the glossary to a tip that is plain already
            assert is_ours(call.args[1]) or name == "help/hover_help.py", where
        if called.endswith((".setHtml", ".setTextFormat")):
            assert "PlainText" in where or "escape(" in source or name in HTML_OF_OTHERS, where

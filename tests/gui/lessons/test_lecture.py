"""A lecture in the window: keys of a clicker, pen, ring, notes, and leaving all as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from mtrrviz.gui.common.looks import style
from mtrrviz.gui.common.looks.text_size import TextSize, text_scale
from mtrrviz.gui.common.looks.theme import DARK
from mtrrviz.gui.lecture.lecture import Lecture
from mtrrviz.gui.lecture.lecture_stage import LectureStage
from mtrrviz.gui.lecture.notes_window import NotesWindow
from mtrrviz.gui.lecture.pen_layer import PEN_COLOURS
from mtrrviz.gui.lecture.stage_commands import STAGE_COMMANDS, keys_in_words
from mtrrviz.gui.lecture.stage_panels import STAGE_PANELS
from mtrrviz.gui.lecture.stage_screens import other_screen
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.importers import import_texts
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import remove_events
from mtrrviz.session.lecture.twin import Twin
from mtrrviz.session.runs import at_once
from tests.importers.helpers import SAMPLES

pytestmark = pytest.mark.gui

MS = 1_000_000
MARKS = (
    Bookmark(300 * MS, "MTRRs are on", "Say why they are off at reset.", 0x2200),
    Bookmark(900 * MS, "The range moves"),
    Bookmark(900 * MS, "Look at vCPU 1", "At the same time."),
)
Key = Qt.Key


@pytest.fixture
def taught(bench):
    """The window on a scenario with bookmarks, as a teacher has arranged it."""
    bench.document.open(replace(open_scenario("small-machine"), bookmarks=MARKS), None)
    bench.document.set_playhead(1_100 * MS)
    bench.document.select_page(0x2100)
    bench.docks["history"].hide()
    bench.bring_up("zaps")
    bench.views.map.map.canvas.zoom_in(0x2100)
    settle()
    bench.views.registers.setFocus()
    yield bench
    bench.presenting.end()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(scope="module")
def document():
    return Document(replace(open_scenario("small-machine"), bookmarks=MARKS))


@pytest.fixture
def kept():
    """The panels that were chosen last."""
    return []


@pytest.fixture
def lecture(qapp, document, kept):
    """A lecture without a window behind it."""
    style.apply(DARK, qapp)
    shown = Twin(document, at_once)
    shown.set_playhead(1_100 * MS)
    bridge = Bridge(shown)
    made = Lecture(shown, bridge, [], lambda titles: kept.append(list(titles)), lambda: None)
    made.begin(qapp.primaryScreen)
    settle()
    yield made
    made.end()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def everything(bench, tmp_path, app):
    """Return all that a lecture must leave as it was."""
    window, document = bench.window, bench.document
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    docks = [(dock.objectName(), dock.isVisible()) for dock in bench.docks.values()]
    return {
        "layout": bytes(window.saveState().data()),
        "geometry": bytes(window.saveGeometry().data()),
        "settings": {key: store.value(key) for key in store.allKeys()},
        "docks": docks,
        "text": (text_scale(), app.font().toString(), app.styleSheet()),
        "theme": bench.bridge.theme,
        "focus": window.focusWidget(),
        "looked": (document.view, document.selection, document.chosen_events),
        "map": bench.views.map.map.canvas.view,
        "scenario": document.scenario,
        "undo": document.undo_label,
        "title": window.windowTitle(),
        "font": bench.views.results.font().toString(),
    }


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.windowHandle(), key, modifiers)


def give_lecture(lecture):
    """Do a little of everything."""
    keys = (Key.Key_PageUp, Key.Key_PageUp, Key.Key_PageDown)
    for key in (
        *keys,
        Key.Key_PageUp,
        Key.Key_PageUp,
        Key.Key_PageDown,
        Key.Key_D,
        Key.Key_B,
        Key.Key_N,
        Key.Key_O,
    ):
        press(lecture.stage, key)
    press(lecture.stage, Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    lecture.stage.pen.begin(lecture.stage.rect().center().toPointF())
    lecture.stage.map.canvas.fit()
    settle()
    assert lecture._document.playhead_ns != 1_100 * MS


def test_all_is_as_it_was_however_the_lecture_ends(taught, tmp_path, monkeypatch, qapp):
    before = everything(taught, tmp_path, qapp)
    presenting = taught.presenting

    def begin():
        taught.actions["present"].trigger()
        give_lecture(presenting.lecture)
        return presenting.lecture.stage

    press(begin(), Key.Key_Escape)
    assert presenting.lecture is None
    assert everything(taught, tmp_path, qapp) == before
    begin().close()  # as a window manager does
    settle()
    assert presenting.lecture is None
    assert everything(taught, tmp_path, qapp) == before
    stage = begin()
    monkeypatch.setattr(Bridge, "close", _fail)
    with pytest.raises(RuntimeError, match="of this test"):
        presenting.end()
    assert presenting.lecture is None
    assert not stage.isVisible()
    assert everything(taught, tmp_path, qapp) == before
    monkeypatch.undo()
    monkeypatch.setattr(LectureStage, "show_panels", _fail)
    with pytest.raises(RuntimeError, match="of this test"):
        presenting.begin()
    assert presenting.lecture is None
    assert everything(taught, tmp_path, qapp) == before


def test_the_stage_follows_what_is_edited_and_opened_in_the_window(taught):
    document = taught.document
    taught.presenting.begin()
    lecture = taught.presenting.lecture
    lecture._panels = ["Zaps"]
    stage = lecture.stage
    press(stage, Key.Key_PageUp)
    edited = remove_events(document.scenario, range(10))
    before = stage.results.grab().toImage()
    document.apply(edited)
    settle()
    assert stage.map.canvas.state.run is document.run
    assert stage.results.grab().toImage() != before
    document.undo()
    settle()
    assert stage.results.grab().toImage() == before
    assert lecture._document.playhead_ns == 900 * MS  # where the stage was
    document.open(open_scenario("sandbox"), None)
    assert stage.caption.accessibleName() == open_scenario("sandbox").title
    assert stage.panels["Zaps"].isVisible()
    machine = SAMPLES / "field" / "k04-map-line.txt"
    document.open(import_texts([(machine.name, machine)]).scenario, None)
    assert not stage.timeline.isVisible()
    assert not stage.panels["Zaps"].isVisible()
    assert stage.time.text() == ""
    document.open(open_scenario("sandbox"), None)
    assert stage.timeline.isVisible()
    taught.presenting.end()
    document.open(open_scenario("small-machine"), None)
    assert taught.presenting._twin.scenario.title == open_scenario("sandbox").title


def _fail(*_anything):
    raise RuntimeError("of this test")


def test_a_clicker_goes_through_the_bookmarks_and_they_are_announced(lecture, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: said.append(event.message())
    )
    document, stage = lecture._document, lecture.stage
    lecture.stage.map.canvas.setFocus()  # which has uses of its own for these keys
    document.set_playhead(0)
    press(stage, Key.Key_PageDown)
    assert (document.playhead_ns, document.gfn) == (300 * MS, 0x2200)
    press(stage, Key.Key_Right)
    press(stage, Key.Key_Space)
    assert document.playhead_ns == 900 * MS
    press(stage, Key.Key_Left)
    press(stage, Key.Key_PageUp)
    assert document.playhead_ns == 300 * MS
    names = ["MTRRs are on", "The range moves", "Look at vCPU 1", "The range moves", "MTRRs are on"]
    assert len(said) == len(names)
    assert all(name in words for name, words in zip(names, said, strict=True))
    assert stage.time.text() == "0.300 s"


def test_below_the_title_stands_the_moment_once_all_is_said(lecture):
    stage, document = lecture.stage, lecture._document
    press(stage, Key.Key_K)
    assert "pen" in stage.caption.accessibleName()
    document.set_playhead(300 * MS)
    assert "pen" in stage.caption.accessibleName()
    stage._until_where.stop()
    stage._until_where.timeout.emit()
    assert "MTRRs are on" in stage.caption.accessibleName()
    document.set_playhead(900 * MS)
    assert "Look at vCPU 1" in stage.caption.accessibleName()


def test_the_screen_goes_black_or_white_and_comes_back(lecture):
    stage, curtain = lecture.stage, lecture.stage.curtain
    for key, lightness in ((Key.Key_B, 0), (Key.Key_W, 255), (Key.Key_Period, 0)):
        press(stage, key)
        settle()
        assert curtain.isVisible()
        assert curtain.size() == stage.size()
        middle = stage.grab().toImage().pixelColor(stage.rect().center())
        assert middle.lightness() == lightness
    press(stage, Key.Key_Period)
    assert not curtain.is_drawn
    press(stage, Key.Key_B)
    press(stage, Key.Key_PageUp)
    assert not curtain.is_drawn


class Pressed(QObject):
    """Counts how often the mouse was pressed on a widget."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched, event):
        self.count += event.type() == QEvent.Type.MouseButtonPress
        return False


def test_the_pen_draws_and_strokes_vanish_with_the_moment(lecture):
    stage, pen = lecture.stage, lecture.stage.pen
    left, ctrl = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
    window = stage.windowHandle()

    canvas = stage.map.canvas
    start = canvas.mapTo(stage, canvas.rect().center())
    below = Pressed(canvas)

    def drag(modifiers=Qt.KeyboardModifier.NoModifier):
        end = start + QPoint(40, 20)
        QTest.mousePress(window, left, modifiers, start)
        QTest.mouseMove(window, end)
        QTest.mouseRelease(window, left, modifiers, end)

    drag(ctrl)
    assert len(pen.drawing.strokes) == 1
    assert pen.drawing.strokes[0].points[-1] == (start.x() + 40, start.y() + 20)
    drawn = pen.grab().toImage().pixelColor(start + QPoint(20, 10))
    assert drawn.name() == PEN_COLOURS["yellow"].lower()
    press(stage, Key.Key_D)
    press(stage, Key.Key_K)
    drag()
    assert [stroke.colour for stroke in pen.drawing.strokes] == [0, 1]
    assert below.count == 0
    press(stage, Key.Key_U)
    assert [stroke.colour for stroke in pen.drawing.strokes] == [0]
    press(stage, Key.Key_C)
    assert pen.drawing.strokes == ()
    drag()
    lecture._document.set_playhead(0)
    assert pen.drawing.strokes == ()
    press(stage, Key.Key_D)
    drag()
    assert pen.drawing.strokes == ()
    assert below.count == 1


def test_the_ring_follows_the_mouse_and_lets_it_through(lecture):
    stage, ring = lecture.stage, lecture.stage.ring
    assert lecture._document.gfn is None
    place = stage.map.canvas.mapTo(stage, stage.map.canvas.rect().center())
    QTest.mouseMove(stage.windowHandle(), place)
    assert ring.isVisible()
    assert (ring.geometry().center() - place).manhattanLength() <= 2
    QTest.mouseClick(stage.windowHandle(), Qt.MouseButton.LeftButton, pos=place)
    assert lecture._document.gfn is not None
    press(stage, Key.Key_O)
    QTest.mouseMove(stage.windowHandle(), place + QPoint(20, 0))
    assert not ring.isVisible()


def test_the_notes_say_what_to_say_and_take_the_same_keys(lecture):
    press(lecture.stage, Key.Key_N)
    notes = lecture.notes
    assert notes.isVisible()
    lecture._document.set_playhead(300 * MS)
    assert "Say why" in notes.said.text()
    assert notes.following.text() == "The range moves"
    press(notes, Key.Key_PageDown)
    press(notes, Key.Key_PageDown)
    assert "At the same time." in notes.said.text()
    assert "last" in notes.following.text()
    lecture._stopwatch._start_s -= 100
    notes.show_clocks()
    assert notes.elapsed.text().startswith("0:01:4")
    press(notes, Key.Key_R)
    assert notes.elapsed.text() == "0:00:00"
    notes.close()
    assert lecture.stage.isVisible()
    assert isinstance(notes, NotesWindow)


def test_the_menu_has_every_command_and_panels_are_kept(lecture, kept):
    press(lecture.stage, Key.Key_M)
    menu = lecture.stage.findChild(QMenu, "stage_menu")
    assert {command.id for command in STAGE_COMMANDS} <= {a.objectName() for a in menu.actions()}
    panels = menu.findChild(QMenu, "stage_panel_menu")
    assert [action.text() for action in panels.actions()] == list(STAGE_PANELS)
    panels.actions()[1].trigger()
    menu.close()
    assert lecture.stage.panels["Inspector"].isVisible()
    assert kept == [["Inspector"]]
    lecture._toggle_panel("Inspector")
    assert not lecture.stage.panels["Inspector"].isVisible()
    assert kept[-1] == []


def test_f1_shows_the_keys_and_opens_no_window_before_the_audience(taught):
    taught.actions["present"].trigger()
    lecture = taught.presenting.lecture
    for window in (lecture.stage, lecture.notes):
        press(window, Key.Key_F1)
        menu = lecture.stage.findChild(QMenu, "stage_menu")
        assert menu.isVisible()
        press(menu, Key.Key_Escape)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert lecture.stage.findChild(QMenu, "stage_menu") is None
        window.activateWindow()  # as a window manager does once a menu is gone
        press(window, Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
        assert lecture.stage.findChild(QMenu, "stage_menu") is None
    assert taught.presenting.lecture is lecture  # Esc closed the menu alone
    assert taught.desk._made is None


def test_chosen_panels_are_remembered(settings):
    assert settings.lecture_panels == []
    settings.lecture_panels = ["Inspector", "Zaps"]
    assert settings.lecture_panels == ["Inspector", "Zaps"]


def test_text_is_large_on_the_stage_alone(lecture, qapp):
    stage, plain = lecture.stage, qapp.font().pointSizeF()
    assert stage.results.font().pointSizeF() == pytest.approx(1.5 * plain)
    press(stage, Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert stage.text_size is TextSize.P175
    assert stage.map.legend.font().pointSizeF() == pytest.approx(1.75 * plain)
    assert text_scale() == 1
    assert stage.caption.accessibleName() == "Text size: 175 %"


def test_a_real_machine_has_no_timeline_on_the_stage(qapp):
    machine = SAMPLES / "field" / "k04-map-line.txt"
    shown = Document(import_texts([(machine.name, machine)]).scenario)
    made = Lecture(shown, Bridge(shown), ["Zaps"], lambda _titles: None, lambda: None)
    made.begin(qapp.primaryScreen)
    settle()
    assert made.stage.map.isVisible()
    assert not made.stage.timeline.isVisible()
    assert "Zaps" not in made.stage.panels
    made.do("go_on")
    made.end()


def test_no_key_means_two_commands():
    keys = [QKeySequence(key).toString() for command in STAGE_COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))
    assert all(keys)


class FakeScreen:
    def __init__(self, left_px: int) -> None:
        self._place = QRect(left_px, 0, 800, 600)

    def geometry(self) -> QRect:
        return self._place


def test_the_other_screen_is_one_that_shows_something_else():
    here, mirror, there = (FakeScreen(left_px) for left_px in (0, 0, 800))
    assert other_screen(here, [here, mirror, there]) is there
    assert other_screen(there, [here, mirror, there]) is here
    assert other_screen(here, [here, mirror]) is None


#: Runs where Qt believes in two screens. The second one goes, and comes back, as far as we can see.
_ON_TWO_SCREENS = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from mtrrviz.gui.lecture import stage_screens
from mtrrviz.gui.lecture.lecture import Lecture
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
document = Document(open_scenario("small-machine"))
lecture = Lecture(document, Bridge(document), [], lambda titles: None, lambda: None)
one, two = app.screens()

def tell(then=lambda: None):
    then()
    lecture._screens._follow()
    notes = lecture.notes.screen().name() if lecture.notes.isVisible() else "none"
    fits = lecture.stage.geometry() == lecture.stage.screen().geometry()
    print(lecture.stage.screen().name(), notes, fits and lecture.stage.isFullScreen())

def only(*screens):
    stage_screens.QGuiApplication.screens = staticmethod(lambda: list(screens))

lecture.begin(lambda: one)
tell()
tell(lambda: lecture.do("swap_screens"))
tell(lambda: lecture.do("swap_screens"))
tell(lambda: only(one))
tell(lambda: lecture.do("toggle_notes"))
tell(lambda: lecture.do("swap_screens"))
tell(lambda: only(one, two))
lecture.end()
"""


def test_the_stage_goes_to_the_second_screen_and_the_notes_to_the_first(tmp_path):
    config = tmp_path / "screens.json"
    place = {"y": 0, "width": 800, "height": 600, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = [{"name": "one", "x": 0, **place}, {"name": "two", "x": 800, **place}]
    config.write_text(json.dumps({"screens": screens}))
    program = [sys.executable, "-c", _ON_TWO_SCREENS]
    env = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    done = subprocess.run(program, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "two one True",
        "one two True",  # swapped
        "two one True",
        "one none True",  # without the second screen
        "one one True",  # the notes over the stage
        "one one True",  # nothing to swap
        "two one True",  # with a second screen again
    ]


def test_a_screen_that_comes_or_goes_is_noticed(lecture, qapp):
    later = lecture._screens._later
    for change in (qapp.screenAdded, qapp.screenRemoved):
        later.stop()
        change.emit(qapp.primaryScreen())
        assert later.isActive()


def test_the_manual_lists_the_keys():
    page = (Path(__file__).parents[3] / "docs" / "manual" / "presenting.md").read_text("utf-8")
    rows = [f"| {keys_in_words(command)} | {command.words} |" for command in STAGE_COMMANDS]
    assert [row for row in rows if row not in page] == []

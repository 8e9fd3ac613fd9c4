"""The whole window offscreen: actions, files, themes, layout, what it remembers."""

from __future__ import annotations

import errno
import os
from collections import Counter
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QMessageBox,
    QTextBrowser,
)

from mtrrviz.geometry.timeline.timeline_layout import Compared
from mtrrviz.gui.common.looks.theme import Palette, ThemeName
from mtrrviz.gui.inspector.address_field import AddressField
from mtrrviz.gui.registers.editors import ValueEdit
from mtrrviz.gui.shell import dialogs
from mtrrviz.gui.shell.commands.actions import ACTIONS, key_words, plain_text, shortcuts
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui

Answer = QMessageBox.StandardButton


@pytest.fixture
def make(qtbot: QtBot, settings: Settings) -> Callable[[], Workbench]:
    """Return a function that opens a window on the small machine."""

    def open_window() -> Workbench:
        window = MainWindow(settings)
        document = Document(open_scenario("small-machine"))
        qtbot.addWidget(window, before_close_func=lambda _: forget_changes(document))
        bench = Workbench(window, document, Worker(window), settings)
        window.show()
        return bench

    return open_window


def forget_changes(document: Document) -> None:
    """Let the window close without a question."""
    document.mark_saved(document.scenario, Path("forgotten.toml"))


@pytest.fixture
def bench(make: Callable[[], Workbench]) -> Workbench:
    return make()


def edit(bench: Workbench) -> None:
    bench.bridge.edit(lambda: attach_dma(bench.document.scenario, 1000))


def answering(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> list[str]:
    """Let the unsaved-changes question be answered; return what was asked."""
    asked: list[str] = []

    def question(box: QMessageBox) -> Answer:
        asked.append(box.text())
        return answer

    monkeypatch.setattr(QMessageBox, "exec", question)
    return asked


# Actions


def test_every_action_has_words_and_no_key_is_taken_twice(qapp: QApplication) -> None:
    assert qapp is not None
    keys = Counter(key.toString() for spec in ACTIONS for key in shortcuts(spec))
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(spec.tip and plain_text(spec) for spec in ACTIONS)


def test_the_shortcut_sheet_lists_every_key(bench: Workbench, qtbot: QtBot) -> None:
    bench.actions["show_shortcuts"].trigger()
    sheet = bench.window.findChild(QDialog)
    assert isinstance(sheet, QDialog)
    qtbot.waitExposed(sheet)
    browser = sheet.findChild(QTextBrowser)
    assert isinstance(browser, QTextBrowser)
    shown = browser.toPlainText()
    for spec in ACTIONS:
        assert plain_text(spec) in shown
        assert key_words(spec) in shown
    sheet.close()


def test_steps_and_ends_move_the_playhead(bench: Workbench) -> None:
    document = bench.document
    bench.actions["to_end"].trigger()
    assert document.playhead_ns == document.duration_ns
    bench.actions["previous_zap"].trigger()
    assert document.run is not None
    assert document.playhead_ns == document.run.zaps.time_ns[-1]
    bench.actions["to_start"].trigger()
    bench.actions["step_forward"].trigger()
    first_fault_ns = document.run.leaves.born_ns[document.run.leaves.born_ns > 0][0]
    assert document.playhead_ns == min(first_fault_ns, document.scenario.events[0].time_ns)


def test_mending_is_reached_by_action_and_from_the_problems(bench: Workbench) -> None:
    assert not bench.views.solve.isVisible()
    bench.actions["solve"].trigger()
    assert bench.views.solve.isVisible()
    timeline = bench.window.findChild(QDockWidget, "timeline_dock")
    assert isinstance(timeline, QDockWidget)
    timeline.raise_()
    assert not bench.views.solve.isVisible()
    bench.views.problems.solve_requested.emit()
    assert bench.views.solve.isVisible()


def test_painting_shows_the_mend_panel_and_its_action_follows(bench: Workbench) -> None:
    action = bench.actions["toggle_paint"]
    action.trigger()
    assert (bench.views.solve.isVisible(), bench.views.map.map.painting.is_on) == (True, True)
    assert action.isChecked()
    bench.views.map.map.painting.set_on(False)
    assert not action.isChecked()
    settle()
    assert bench.views.solve.view is not None
    bench.views.solve.view.paint_button.click()
    assert action.isChecked()


def test_swapping_the_policies_swaps_the_results(bench: Workbench) -> None:
    before = (bench.document.policy, bench.document.compared_policy)
    bench.actions["swap_policies"].trigger()
    assert (bench.document.compared_policy, bench.document.policy) == before
    assert bench.document.run is not None
    assert bench.document.run.policy.id == before[1]


def test_the_dma_switch_shows_the_state_at_the_playhead(bench: Workbench) -> None:
    bench.document.set_playhead(1_500_000_000)
    assert not bench.views.settings_bar.dma.isChecked()
    assert not bench.actions["toggle_dma"].isChecked()
    bench.document.set_playhead(1_900_000_000)
    assert bench.views.settings_bar.dma.isChecked()
    bench.actions["toggle_dma"].trigger()
    assert not bench.views.settings_bar.dma.isChecked()
    assert bench.document.undo_label == "Detach the non-coherent DMA device"


def test_undo_and_redo_are_named_after_what_they_do(bench: Workbench) -> None:
    assert not bench.actions["undo"].isEnabled()
    edit(bench)
    assert bench.actions["undo"].text() == "&Undo: Attach a non-coherent DMA device"
    bench.actions["undo"].trigger()
    assert bench.actions["redo"].text() == "&Redo: Attach a non-coherent DMA device"
    assert not bench.window.isWindowModified()


# Files


def test_a_wrong_file_is_told_and_the_document_stays(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("schema = 1\ntitle = 3\n")
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    scenario = bench.document.scenario

    bench.files.open(str(bad))

    qtbot.waitUntil(lambda: bool(told))
    assert str(bad) in told[0]
    assert "title" in told[0]
    assert bench.document.scenario is scenario


def test_saving_and_opening_gives_the_same_events(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    edit(bench)
    events = bench.document.scenario.events
    target = tmp_path / "mine"
    monkeypatch.setattr(
        "mtrrviz.gui.documents.open_save.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
    )
    assert bench.files.save()
    assert bench.files.saving.finish()
    saved = tmp_path / "mine.mtrrviz.toml"
    assert bench.document.path == saved
    assert not bench.document.is_modified
    assert bench.window.windowTitle().startswith("mine.mtrrviz.toml")

    bench.files.open("sandbox")
    qtbot.waitUntil(lambda: bench.document.scenario.name == "sandbox")
    bench.files.open(str(saved))
    qtbot.waitUntil(lambda: bench.document.path == saved)
    assert bench.document.scenario.events == events


def test_a_file_that_cannot_be_written_is_told(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(bench)
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    nowhere = str(tmp_path / "no-such-directory" / "x.toml")
    monkeypatch.setattr(
        "mtrrviz.gui.documents.open_save.QFileDialog.getSaveFileName", lambda *_: (nowhere, "")
    )
    assert bench.files.save()
    assert not bench.files.saving.finish()
    assert told
    assert bench.document.is_modified


def test_closing_asks_about_unsaved_changes(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, Answer.Cancel)
    edit(bench)
    assert not bench.window.close()
    assert asked
    assert bench.window.isVisible()


def test_opening_another_file_can_discard_changes(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked = answering(monkeypatch, Answer.Discard)
    edit(bench)
    bench.files.open("sandbox")
    qtbot.waitUntil(lambda: bench.document.scenario.name == "sandbox")
    assert len(asked) == 1
    assert not bench.window.isWindowModified()


def test_an_edit_made_while_a_file_is_read_is_asked_about(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, Answer.Cancel)
    bench.files.open("sandbox")
    assert asked == []
    edit(bench)
    edited = bench.document.scenario
    bench.files.reading.finish()
    QApplication.processEvents()
    assert len(asked) == 1
    assert bench.document.scenario is edited


def test_an_answer_counts_for_the_document_that_was_asked_about(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(bench)
    other = open_scenario("small-machine")
    asked: list[str] = []

    def question(box: QMessageBox) -> Answer:
        asked.append(box.text())
        if len(asked) == 1:
            bench.document.open(other, None, is_saved=False)  # as what was read meanwhile
        return Answer.Discard if len(asked) == 1 else Answer.Cancel

    monkeypatch.setattr(QMessageBox, "exec", question)
    assert not bench.files.may_discard()
    assert len(asked) == 2
    assert repr(other.title) in asked[1]


def test_dropping_a_file_opens_it(bench: Workbench, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "dropped.toml"
    path.write_text(Path(open_path("sandbox")).read_text())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    bench.window.dropEvent(QDropEvent(QPointF(9, 9), copy, data, button, none))
    qtbot.waitUntil(lambda: bench.document.path == path)


def open_path(name: str) -> Path:
    from mtrrviz.scenario.library import find

    return find(name)


def test_opened_files_are_remembered_newest_first(settings: Settings, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.toml" for number in range(12)]
    for path in paths:
        path.write_text("")
        settings.add_recent(path)
    paths[11].unlink()
    assert settings.recent == [path.resolve() for path in paths[10:1:-1]]


def test_recent_files_on_a_disk_that_is_gone_are_left_out(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, gone = tmp_path / "here", tmp_path / "gone"
    for file in (path, gone):
        file.touch()
        settings.add_recent(file)
    stat = Path.stat

    def stale(file: Path, **options: bool) -> os.stat_result:
        if file.name == "gone":
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        return stat(file, **options)

    monkeypatch.setattr(Path, "stat", stale)
    assert settings.recent == [path.resolve()]
    settings.add_recent(gone)


# Themes and layout


@pytest.mark.parametrize("name", list(ThemeName))
def test_every_theme_colours_every_view(bench: Workbench, name: ThemeName) -> None:
    bench.set_theme(name, Palette.OKABE_ITO)
    picture = bench.window.grab().toImage()
    panel = bench.bridge.theme.panel.lower()
    colours = {picture.pixelColor(x, y).name() for x in range(9, 900, 7) for y in range(9, 500, 7)}
    assert panel in colours
    assert bench.bridge.theme.type_colour(6).lower() in colours


def test_the_chosen_theme_is_remembered(make: Callable[[], Workbench], settings: Settings) -> None:
    settings.theme = ThemeName.LIGHT
    settings.palette = Palette.GREY
    assert make().bridge.theme.name is ThemeName.LIGHT
    assert settings.palette is Palette.GREY


def pick(box: QComboBox, policy: str) -> None:
    row = box.findText(policy)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_the_story_of_a_policy_comes_up_when_it_is_first_chosen(
    make: Callable[[], Workbench],
) -> None:
    bench = make()
    inspector, dock = bench.views.inspector, bench.docks["policy"]
    assert inspector.isVisible()
    pick(bench.views.settings_bar.policy, "kvm-6.11")
    settle()
    assert bench.views.policies.isVisible()
    assert "0a7b73559b39" in bench.views.policies.story.text()
    bench.actions["go_to_address"].trigger()
    settle()
    assert inspector.isVisible()
    pick(bench.views.settings_bar.policy, "per-vm")
    pick(bench.views.settings_bar.policy, "kvm-6.11")
    settle()
    assert inspector.isVisible()
    pick(bench.views.settings_bar.compared, "self-snoop")
    settle()
    assert bench.views.policies.isVisible()
    assert isinstance(dock, QDockWidget)
    dock.close()
    pick(bench.views.settings_bar.policy, "kvm-6.16")
    assert dock.isHidden()


def test_the_height_of_the_timelines_lanes_is_remembered(make: Callable[[], Workbench]) -> None:
    first = make()
    assert first.views.timeline.canvas.lane_px is None
    first.views.timeline.canvas.set_lane_px(17)
    first.window.close()
    second = make()
    assert second.views.timeline.canvas.lane_px == 17
    second.views.timeline.canvas.set_lane_px(None)
    second.window.close()
    assert make().views.timeline.canvas.lane_px is None


def test_what_the_timeline_shows_of_compared_zaps_is_remembered(
    make: Callable[[], Workbench],
) -> None:
    first = make()
    box = first.views.timeline.compared
    box.activated.emit(box.findData(Compared.STACKED))
    first.window.close()
    second = make()
    assert second.views.timeline.compared.currentData() == Compared.STACKED
    assert len(second.views.timeline.canvas.layout_rows.tracks) == 2
    second.document.set_map_mode(MapMode.SIDE_BY_SIDE)
    box = second.views.timeline.compared
    box.activated.emit(box.findData(Compared.OFF))
    second.document.set_map_mode(MapMode.ONE)
    second.window.close()
    third = make()
    assert third.views.timeline.compared.currentData() == Compared.STACKED
    third.document.set_map_mode(MapMode.SIDE_BY_SIDE)
    assert third.views.timeline.compared.currentData() == Compared.OFF


def test_the_layout_is_kept_and_can_be_reset(make: Callable[[], Workbench]) -> None:
    first = make()
    dock = first.window.findChild(QDockWidget, "inspector_dock")
    assert isinstance(dock, QDockWidget)
    dock.hide()
    first.window.close()

    second = make()
    dock = second.window.findChild(QDockWidget, "inspector_dock")
    assert isinstance(dock, QDockWidget)
    assert dock.isHidden()
    second.actions["reset_layout"].trigger()
    assert not dock.isHidden()


def test_help_pages_tell_of_policies_and_constants(bench: Workbench) -> None:
    bench.actions["show_policy"].trigger()
    dialogs.about_model(bench.window, bench.document)
    pages = [browser.toPlainText() for browser in bench.window.findChildren(QTextBrowser)]
    text = "\n".join(pages)
    run = bench.document.run
    assert run is not None
    assert bench.views.policies.isVisible()
    assert all(escape(defect) in bench.views.policies.story.text() for defect in run.policy.defects)
    assert all(constant.meaning in text for constant in run.costs.constants())


def test_a_key_changes_between_kvms_lookup_and_the_manuals(bench: Workbench) -> None:
    document = bench.document
    document.set_policy("per-vcpu")
    bench.actions["toggle_lookup"].trigger()
    assert document.policy == "per-vcpu:sdm-lookup"
    bench.actions["toggle_lookup"].trigger()
    assert document.policy == "per-vcpu"
    document.set_policy("kvm-6.11")
    bench.actions["toggle_lookup"].trigger()
    assert document.policy == "kvm-6.11"


# The keyboard


def test_escape_in_a_register_value_gives_the_keys_back_to_the_map(
    bench: Workbench, qtbot: QtBot
) -> None:
    qtbot.waitUntil(bench.views.map.map.canvas.hasFocus)
    bench.views.registers.open_register(0x2FF)
    field = next(edit for edit in bench.views.registers.findChildren(ValueEdit) if edit.isVisible())
    other = bench.views.inspector.findChild(AddressField)
    assert isinstance(other, AddressField)
    other.edit.setFocus()
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_5)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert bench.views.map.map.canvas.hasFocus()

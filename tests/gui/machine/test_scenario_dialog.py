"""The dialog of all that a scenario tells: shown, judged, written as one step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QPushButton

from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.story.scenario_dialog import ScenarioDialog
from mtrrviz.scenario import EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.model import Aps
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui

OK = QDialogButtonBox.StandardButton.Ok


@pytest.fixture
def bridge() -> Bridge:
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    return Bridge(document)


@pytest.fixture
def dialog(bridge: Bridge, qtbot) -> ScenarioDialog:
    dialog = ScenarioDialog(bridge)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)  # the test does that
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def press(dialog: ScenarioDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    button.click()


@pytest.mark.parametrize("name", ["small-machine", "ovmf-8vcpu-2g", "lagging-ap", "sandbox"])
def test_it_shows_the_scenario_and_changes_nothing_unasked(qtbot, name: str) -> None:
    bridge = Bridge(Document(open_scenario(name)))
    dialog = ScenarioDialog(bridge)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    assert dialog.title.text() == bridge.document.scenario.title
    assert dialog.phases.table.rowCount() == len(bridge.document.scenario.phases)
    dialog.accept()
    assert not bridge.document.is_modified


def test_all_that_was_typed_is_one_step(bridge, dialog) -> None:
    document = bridge.document
    before = document.scenario
    dialog.title.setText("Told anew")
    dialog.description.selectAll()
    dialog.description.insertPlainText("About\nit")
    dialog.tags.setText("one, two ,")
    dialog.view.setCurrentText("Save the view shown now")
    press(dialog, "add_note")
    row = dialog.notes.table.rowCount() - 1
    dialog.notes.table.item(row, 0).setText("900 ms")
    dialog.notes.table.item(row, 1).setText("look here")
    dialog.phases.table.selectRow(0)
    press(dialog, "remove_phase")
    dialog.accept()
    told = document.scenario
    assert (told.title, told.description) == ("Told anew", "About\nit")
    assert told.tags == ("one", "two")
    assert told.view.time_ns == 1_100_000_000
    assert told.phases == before.phases[1:]
    notes = [e for e in told.events if e.kind is EventKind.NOTE and e not in before.events]
    assert [(note.time_ns, note.text) for note in notes] == [(900_000_000, "look here")]
    document.undo()
    assert document.scenario is before


def test_the_length_is_typed_and_what_is_too_short_is_said(bridge, dialog) -> None:
    dialog.length.setText("1 us")
    assert "too short" in dialog.problem.text()
    assert not dialog.buttons.button(OK).isEnabled()
    dialog.length.setText("7.5 s")
    dialog.accept()
    assert bridge.document.scenario.duration_ns == 7_500_000_000


def test_how_the_aps_act_is_chosen(bridge, dialog) -> None:
    box = dialog.phases.table.cellWidget(0, 2)
    assert isinstance(box, QComboBox)
    box.setCurrentText("concurrent")
    dialog.accept()
    assert bridge.document.scenario.phases[0].aps is Aps.CONCURRENT


@pytest.mark.parametrize(
    ("column", "text", "words"), [(0, "soon", "not a time"), (1, "", "needs a text")]
)
def test_what_is_wrong_is_said_and_ok_waits(dialog, column: int, text: str, words: str) -> None:
    press(dialog, "add_note")
    row = dialog.notes.table.rowCount() - 1
    dialog.notes.table.item(row, 1).setText("fine")
    assert dialog.buttons.button(OK).isEnabled()
    dialog.notes.table.item(row, column).setText(text)
    assert words in dialog.problem.text()
    assert not dialog.buttons.button(OK).isEnabled()
    # Not selectRow, which heeds modifiers that another test may have left down.
    flags = QItemSelectionModel.SelectionFlag
    index = dialog.notes.table.model().index(row, 0)
    dialog.notes.table.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)
    press(dialog, "remove_note")
    assert dialog.buttons.button(OK).isEnabled()


def test_the_action_opens_it(bench) -> None:
    bench.actions["change_scenario"].trigger()
    dialog = bench.window.findChild(ScenarioDialog)
    assert isinstance(dialog, ScenarioDialog)
    assert dialog.isVisible()
    dialog.reject()

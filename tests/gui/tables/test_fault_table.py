"""The table of faults: a row each, and Enter goes where the fault happened."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from mtrrviz.facts.tables.fault_rows import FaultRows
from mtrrviz.gui.tables.fault_table_view import FaultTableView
from mtrrviz.scenario.touches import Touches
from mtrrviz.session.document import Document
from tests.gui.tables.shown_table import shown_table
from tests.session.booting import MS, boot

pytestmark = pytest.mark.gui


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture
def faults(qtbot, document) -> FaultTableView:
    return shown_table(qtbot, FaultTableView, document, height=200)


def row_words(table, row):
    model = table.model
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_every_fault_has_a_row(faults, document, qtmodeltester):
    assert faults.model.rowCount() == len(document.run.leaves)
    words = " ".join(row_words(faults, 1))
    assert "0.010" in words
    assert "read" in words
    assert "11" in words
    qtmodeltester.check(faults.model)


def test_enter_goes_to_the_fault_its_vcpu_and_its_page(qtbot, faults, document):
    faults.view.setCurrentIndex(faults.model.index(2, 0))
    qtbot.keyClick(faults.view, Qt.Key.Key_Return)
    assert document.playhead_ns == 20 * MS
    assert (document.vcpu, document.gfn) == (2, 18)


def test_faults_are_filtered(qtbot, faults, document):
    qtbot.keyClicks(faults.filter_field, "vcpu:1")
    expected = int((document.run.leaves.vcpu == 1).sum())
    assert 0 < faults.model.rowCount() == expected < len(document.run.leaves)


def test_the_filter_shows_an_example_that_works(faults):
    example = FaultRows.example
    assert example in faults.filter_field.placeholderText()
    faults.filter_field.setText(example)
    assert faults.filter_field.property("wrong") in (None, False)


def test_the_current_row_follows_the_playhead(faults, document):
    document.set_playhead(15 * MS)
    assert faults.current_row() == 1


def test_selected_rows_are_copied(qtbot, qapp, faults):
    faults.view.selectRow(1)
    qtbot.keyClick(faults.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, row = qapp.clipboard().text().strip().split("\n")
    assert "vCPU" in head
    assert "read" in row


def test_without_touches_it_says_why_it_is_empty(qtbot, faults, document):
    none = np.zeros(0, np.int64)
    empty = Touches(none, none.astype(np.uint64), none.astype(np.uint8), none.astype(np.uint8))
    document.open(replace(document.scenario, recorded=empty), None)
    assert "No faults" in faults._empty.text()

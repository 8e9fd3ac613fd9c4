"""An error in a view that is just shown is raised in the event loop, wherever it is shown from."""

from __future__ import annotations

import pytest

from mtrrviz.gui.compare.difference_table_view import DifferenceTableView
from mtrrviz.gui.shell.workbench import settle

pytestmark = pytest.mark.gui


def test_an_error_of_a_view_is_raised_as_it_is_and_the_view_is_there(bench, qtbot, monkeypatch):
    fill = DifferenceTableView._fill

    def broken(view, *arguments):
        monkeypatch.setattr(DifferenceTableView, "_fill", fill)
        fill(view, *arguments)
        raise ValueError("broken")

    bench.document.set_playhead(bench.document.duration_ns // 2)
    monkeypatch.setattr(DifferenceTableView, "_fill", broken)
    with qtbot.captureExceptions() as errors:
        bench.views.map.tabs.setCurrentIndex(3)
        assert errors == []
        settle()
    assert [str(value) for _, value, _ in errors] == ["broken"]
    view = bench.views.map.tabs.currentWidget()
    assert isinstance(view, DifferenceTableView)
    assert view.model.rowCount() > 0


def test_an_error_of_a_panel_that_cannot_be_made_is_raised_as_it_is(bench, qtbot, monkeypatch):
    def broken():
        raise ValueError("broken")

    panel = bench.views.panel("stops")
    monkeypatch.setattr(panel, "_make", broken)
    with qtbot.captureExceptions() as errors:
        bench.docks["stops"].show()
        bench.docks["stops"].raise_()
        assert errors == []
        settle()
    assert [str(value) for _, value, _ in errors] == ["broken"] * len(errors)
    assert errors

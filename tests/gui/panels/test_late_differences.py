"""The differences of very many leaves are worked out beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mtrrviz.gui.compare import difference_table_view
from mtrrviz.gui.compare.difference_table_view import DifferenceTableView
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.exchange.exporting import differences_at
from tests.gui.later import Later

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


def test_they_are_shown_when_they_are_known(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    later = Later()
    monkeypatch.setattr(difference_table_view, "_AT_ONCE", 0)
    document = Document(open_scenario("lagging-ap"), executor=later)
    later.do_all()
    document.set_playhead(document.duration_ns)
    view = DifferenceTableView(Bridge(document))
    qtbot.addWidget(view)
    view.show()
    assert view.model.rowCount() == 0
    later.do_all()
    assert document.comparison is not None
    found = differences_at(document.comparison, document.duration_ns)
    assert len(found) > 0
    assert view.model.rowCount() == len(found)
    assert " in " in view.about.text()

"""A table of a document on screen, as the tests of tables look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mtrrviz.gui.common.tables.rows_table_view import RowsTableView
from mtrrviz.gui.shell.bridge import Bridge

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from mtrrviz.session.document import Document

_Table = TypeVar("_Table", bound=RowsTableView)


def shown_table(
    qtbot: QtBot, kind: Callable[[Bridge], _Table], document: Document, height: int = 180
) -> _Table:
    bridge = Bridge(document)
    table = kind(bridge)
    bridge.setParent(table)
    qtbot.addWidget(table)
    table.resize(1200, height)
    table.show()
    return table

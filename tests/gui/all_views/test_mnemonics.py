"""Letters of the menu bar open its menus, whatever panel is in front."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel

pytestmark = pytest.mark.gui


def letter_of(text: str) -> str:
    return QKeySequence.mnemonic(text).toString()


def test_nothing_in_a_panel_takes_the_letter_of_a_menu(bench):
    menus = {letter_of(action.text()) for action in bench.window.menuBar().actions()}
    assert "Alt+L" in menus
    views = [panel.view for panel in bench.views.panels]
    parts = [*views, bench.views.transport, bench.views.settings_bar, bench.views.map]
    words = [
        widget.text()
        for part in parts
        for kind in (QAbstractButton, QLabel)
        for widget in part.findChildren(kind)
        if not isinstance(widget.window(), QDialog)
    ]
    assert len(words) > 100
    assert [text for text in words if letter_of(text) in menus] == []

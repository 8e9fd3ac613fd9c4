"""Accessible names in the terms of the machine that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


class Naming(QObject):
    """Names a widget for screen readers, and again when a machine of the other kind is shown.

    ``template`` has the nouns of :class:`Terms` in braces, such as "Legend of the {types}".
    """

    def __init__(self, widget: QWidget, bridge: Bridge, template: str) -> None:
        super().__init__(widget)
        self._widget = widget
        self._bridge = bridge
        self._template = template
        bridge.changed.connect(self._on_changes)
        self._name()

    def _on_changes(self, changes: frozenset[Change]) -> None:
        if Change.SCENARIO in changes:
            self._name()

    def _name(self) -> None:
        self._widget.setAccessibleName(self._bridge.terms.title(self._template))

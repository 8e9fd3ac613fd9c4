"""A model whose columns have titles."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole


class TitledModel(QAbstractTableModel):
    """As many columns as there are ``titles``; subclasses have the rows."""

    titles: ClassVar[tuple[str, ...]] = ()

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        """Return a column's title."""
        is_title = orientation is Qt.Orientation.Horizontal and role == _ROLE.DisplayRole
        return self.titles[section] if is_title and 0 <= section < len(self.titles) else None

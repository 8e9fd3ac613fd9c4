"""The size of all text: a setting of the window, applied at once to what is there already."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtWidgets import QAbstractButton, QApplication, QHeaderView, QTableView, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QFont

_BASE, _PERCENT = "base_point_size", "text_percent"
_KEPT = "keeps_limits"
#: Parts the size of text from the rest of the style sheet.
_MARK = "\n/* text size */"
#: Qt's sign that a widget may become as large as it likes.
_NO_LIMIT = (1 << 24) - 1
#: The side of a check box's square at 100 %.
_INDICATOR_PX = 12
#: The least heights at 100 % of what a field holds, by the style sheet, and of a line of text.
_FIELD_PX, _LINE_PX = 18, 16


class TextSize(StrEnum):
    """The sizes to choose from, as parts of the desktop's own."""

    P100 = "100 %"
    P125 = "125 %"
    P150 = "150 %"
    P175 = "175 %"
    P200 = "200 %"

    @property
    def percent(self) -> int:
        """The size as a number."""
        return int(self.removesuffix(" %"))

    def stepped(self, steps: int) -> TextSize:
        """Return the size so many steps larger, or the last one."""
        sizes = list(TextSize)
        return sizes[min(max(0, sizes.index(self) + steps), len(sizes) - 1)]


@runtime_checkable
class KeepsFont(Protocol):
    """A model that keeps a font of its own, which Qt does not know of."""

    def scale_font(self, factor: float) -> None:
        """Make the font larger or smaller."""
        ...


def text_scale() -> float:
    """Return how large text is now, 1 for the desktop's own size."""
    app = QApplication.instance()
    return 1.0 if app is None else (app.property(_PERCENT) or 100) / 100


def scaled(font: QFont, factor: float) -> QFont:
    """Return a font of another size."""
    font = type(font)(font)
    font.setPointSizeF(font.pointSizeF() * factor)
    return font


def apply_text_size(size: TextSize) -> None:
    """Show all text in a size, unless it has it already."""
    app = QApplication.instance()
    factor = size.percent / 100 / text_scale()
    if not isinstance(app, QApplication) or factor == 1:
        return
    base = app.property(_BASE) or app.font().pointSizeF()
    app.setProperty(_BASE, base)
    app.setProperty(_PERCENT, size.percent)
    font = app.font()
    font.setPointSizeF(base * size.percent / 100)
    app.setFont(font)
    app.setStyleSheet(f"{app.styleSheet().partition(_MARK)[0]}{size_rule()}")
    _scale(app.allWidgets(), factor)


def scale_below(root: QWidget, factor: float) -> None:
    """Let all that is in a widget suit text so many times larger; its fonts are for the caller."""
    _scale([root, *root.findChildren(QWidget)], factor)


def _scale(widgets: Iterable[QWidget], factor: float) -> None:
    for widget in widgets:
        if not widget.isWindow():
            _scale_limits(widget, factor)
        if isinstance(widget, QTableView):
            _scale_table(widget, factor)
        if isinstance(widget, QAbstractButton):
            widget.setIconSize(widget.iconSize() * factor)
        widget.ensurePolished()
        widget.updateGeometry()  # layouts of what is not shown yet keep the old heights


def size_rule() -> str:
    """Return the end of the style sheet: what Qt has styled takes no other font size otherwise."""
    app = QApplication.instance()
    base = None if app is None else app.property(_BASE)
    if base is None:
        return ""
    side = round(_INDICATOR_PX * text_scale())
    return (
        f"{_MARK} * {{ font-size: {base * text_scale():g}pt; }}"
        f" QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator"
        f" {{ width: {side}px; height: {side}px; border-radius: {side // 4}px; }}"
        f" QRadioButton::indicator {{ border-radius: {side // 2 + 1}px; }}"
        # or a row would make fields as low as the check box beside them
        f" QLineEdit, QComboBox, QAbstractSpinBox"
        f" {{ min-height: {max(_FIELD_PX, round(_LINE_PX * text_scale()))}px; }}"
    )


def keep_limits(widget: QWidget) -> None:
    """Let the least size of a picture be as it is, whatever the size of text."""
    widget.setProperty(_KEPT, True)


def _scale_limits(widget: QWidget, factor: float) -> None:
    """Let sizes that were set for text of one size suit another."""
    if widget.property(_KEPT):
        return
    least, most = widget.minimumSize(), widget.maximumSize()
    if most.width() < _NO_LIMIT:
        widget.setMaximumWidth(round(most.width() * factor))
    if least.width():
        widget.setMinimumWidth(round(least.width() * factor))
    if least.height() and least.height() == most.height():  # other heights are the style's
        widget.setFixedHeight(round(least.height() * factor))


def _scale_table(table: QTableView, factor: float) -> None:
    """Scale what a table measured when it was made: rows, columns and the model's font."""
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    rows.setDefaultSectionSize(round(rows.defaultSectionSize() * factor))
    model = table.model()
    if isinstance(model, KeepsFont):
        model.scale_font(factor)
    for column in range(columns.count()):
        if columns.sectionResizeMode(column) is QHeaderView.ResizeMode.Interactive:
            columns.resizeSection(column, round(columns.sectionSize(column) * factor))

"""Painting that the register widgets share: hatching, focus rings, type chips and fonts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen

from mtrrviz.core.memtype import MTRR_TYPE_CODES, PAT_TYPE_CODES, PatType
from mtrrviz.core.sdm.sdm_types import UNKNOWN

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.core.msr.registers import Register
    from mtrrviz.gui.common.looks.theme import Theme


def type_label(code: int, *, pat: bool = False) -> str:
    """Return the short name of a type code, "?2" for a code that means nothing here."""
    known = PAT_TYPE_CODES if pat else MTRR_TYPE_CODES
    if code == UNKNOWN and not pat:
        return "unknown"
    return PatType(code).label if code in known else f"?{code:x}"


def ink_on(colour: QColor) -> QColor:
    """Return black or white, whichever reads better on ``colour`` (sRGB luminance)."""
    red, green, blue = (_linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return QColor("#000000" if luminance > 0.18 else "#ffffff")


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def hatch(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Fill with the hatching that means "reserved"."""
    painter.fillRect(rect, QBrush(QColor(theme.hatch), Qt.BrushStyle.BDiagPattern))


def focus_ring(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Draw the ring that shows where the keyboard is."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 1.5))
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 3, 3)


def small_font(widget: QWidget, factor: float = 0.85) -> QFont:
    """Return the widget's font one step down, for captions, or smaller by ``factor``."""
    font = QFont(widget.font())
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * factor)
    else:
        font.setPixelSize(round(font.pixelSize() * factor))
    return font


def bold_font(widget: QWidget) -> QFont:
    """Return the widget's font, heavier, for names."""
    font = QFont(widget.font())
    font.setWeight(QFont.Weight.DemiBold)
    return font


def hex_words(value: int) -> str:
    """Return all 64 bits as grouped hex: "0x0000_0000_0000_0c06"."""
    return f"0x{value:019_x}"


def is_pat(reg: Register) -> bool:
    """Whether a register's types are PAT types, which know UC-."""
    return reg.kind == "pat"

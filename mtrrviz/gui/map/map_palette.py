"""Colours of the map image: the theme's colours for the values that the imager writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.geometry.map.map_image import (
    BACKGROUND,
    FLASH,
    FLASH_STEPS,
    HATCH,
    HOLE,
    SDM_DIFFERENCE,
    SOLID,
    STALE,
    TINT,
    UNDEFINED,
    UNDEFINED_TYPE,
    UNKNOWN_TYPE,
    VALUES,
)

if TYPE_CHECKING:
    from mtrrviz.gui.common.theme import Theme

_TINT_STRENGTH = {True: 0.30, False: 0.26}
_HOLE_STRENGTH = 0.10
_HATCH_STRENGTH = 0.55
_FLASH_STRENGTH = 0.7
_STRANGE_STRENGTH = {UNKNOWN_TYPE: 0.12, UNDEFINED_TYPE: 0.6}
_UNKNOWN_ODD_STRENGTH = 0.32


def blend(back: str, front: str, strength: float) -> QColor:
    """Return ``front`` laid over ``back`` with a strength from 0 to 1."""
    low, high = QColor(back), QColor(front)
    pairs = ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    return QColor(*(round(a + (b - a) * strength) for a, b in pairs))


def tint_colour(theme: Theme, memory_type: int) -> QColor:
    """Return the colour of memory without a leaf whose next fault gets ``memory_type``."""
    return blend(theme.panel, theme.type_colour(memory_type), _TINT_STRENGTH[theme.is_dark])


def flash_colour(theme: Theme, memory_type: int, age: int = 0) -> QColor:
    """Return the colour of memory whose leaf a zap just dropped; ``age`` as in the map image."""
    strength = _FLASH_STRENGTH * (1 - age / FLASH_STEPS)
    return blend(tint_colour(theme, memory_type).name(), theme.flash, strength)


def colour_table(theme: Theme) -> list[int]:
    """Return a colour (0xAARRGGBB) for every value of the map image."""
    table = [QColor(theme.panel).rgb()] * VALUES
    table[BACKGROUND] = QColor(theme.panel).rgb()
    table[STALE] = QColor(theme.stale).rgb()
    table[SDM_DIFFERENCE] = table[UNDEFINED] = QColor(theme.text).rgb()
    for strange in (UNKNOWN_TYPE, UNDEFINED_TYPE):
        table[SOLID + strange] = blend(theme.panel, theme.text, _STRANGE_STRENGTH[strange]).rgb()
    table[HATCH + UNKNOWN_TYPE] = blend(theme.panel, theme.text, _UNKNOWN_ODD_STRENGTH).rgb()
    for memory_type in MEMORY_TYPES:
        colour = theme.type_colour(memory_type)
        tint = tint_colour(theme, memory_type)
        table[SOLID + memory_type] = QColor(colour).rgb()
        table[TINT + memory_type] = tint.rgb()
        table[HOLE + memory_type] = blend(theme.panel, colour, _HOLE_STRENGTH).rgb()
        table[HATCH + memory_type] = blend(theme.panel, colour, _HATCH_STRENGTH).rgb()
        for age in range(FLASH_STEPS):
            table[FLASH + 8 * age + memory_type] = flash_colour(theme, memory_type, age).rgb()
    return table


def ink_on(colour: QColor) -> QColor:
    """Return black or white, whichever is easier to read on ``colour``."""
    red, green, blue = colour.redF(), colour.greenF(), colour.blueF()
    luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return QColor("#000000") if luminance > 0.18 else QColor("#FFFFFF")

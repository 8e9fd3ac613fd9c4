"""Colours of the map image: the theme's colours for the values that the imager writes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.geometry.map.map_image import (
    BACKGROUND,
    EDGE,
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
    from mtrrviz.gui.common.looks.theme import Theme

#: What colours that mean something must stand out by from what is behind them (WCAG 2.1, 1.4.11).
LEAST_CONTRAST = 3.0
_TINT_STRENGTH = {True: 0.30, False: 0.26}
_HOLE_STRENGTH = 0.10
_HATCH_STRENGTH = 0.55
_FLASH_STRENGTH = 0.7
_STRANGE_STRENGTH = {UNKNOWN_TYPE: 0.12, UNDEFINED_TYPE: 0.6}
_UNKNOWN_ODD_STRENGTH = 0.32
#: In so many steps an edge goes from its type's colour to that of text.
_EDGE_STEPS = 16


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours #rrggbb, 1 to 21 (WCAG 2.1)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(name: str) -> float:
    colour = QColor(name)
    red, green, blue = (_linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def blend(back: str, front: str, strength: float) -> QColor:
    """Return ``front`` laid over ``back`` with a strength from 0 to 1."""
    return QColor(*_blended(back, front, strength))


@lru_cache(maxsize=1024)  # a page of page tables asks for a handful, a thousand times
def _blended(back: str, front: str, strength: float) -> tuple[int, ...]:
    low, high = QColor(back), QColor(front)
    pairs = ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    return tuple(round(a + (b - a) * strength) for a, b in pairs)


def tint_colour(theme: Theme, memory_type: int) -> QColor:
    """Return the colour of memory without a leaf whose next fault gets ``memory_type``."""
    return blend(theme.panel, theme.type_colour(memory_type), _TINT_STRENGTH[theme.is_dark])


def edge_colour(theme: Theme, memory_type: int) -> QColor:
    """Return the colour of where a type ends: its own, moved until it stands out from behind."""
    colour, tint = theme.type_colour(memory_type), tint_colour(theme, memory_type).name()
    steps = (blend(colour, theme.text, step / _EDGE_STEPS) for step in range(_EDGE_STEPS))
    grounds = (theme.panel, tint)
    for edge in steps:
        if all(contrast(edge.name(), ground) >= LEAST_CONTRAST for ground in grounds):
            return edge
    return QColor(theme.text)


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
        colour = blend(theme.panel, theme.text, _STRANGE_STRENGTH[strange]).rgb()
        table[SOLID + strange] = table[EDGE + strange] = colour
    table[HATCH + UNKNOWN_TYPE] = blend(theme.panel, theme.text, _UNKNOWN_ODD_STRENGTH).rgb()
    for memory_type in MEMORY_TYPES:
        colour = theme.type_colour(memory_type)
        tint = tint_colour(theme, memory_type)
        table[SOLID + memory_type] = QColor(colour).rgb()
        table[TINT + memory_type] = tint.rgb()
        table[EDGE + memory_type] = edge_colour(theme, memory_type).rgb()
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

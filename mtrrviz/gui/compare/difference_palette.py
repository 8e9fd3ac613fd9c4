"""Colours of differences: the theme's, and never those of memory types, which mean types alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from mtrrviz.facts.differences import DIFFERENT, DifferenceKind
from mtrrviz.geometry.map.difference_image import LOUD, VALUES, Quiet
from mtrrviz.geometry.map.map_pixels import ROLES, Role
from mtrrviz.gui.map.map_palette import blend

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.theme import Theme

#: What stands for a kind on the map where there is room for a letter.
LETTERS = {
    DifferenceKind.ONLY_A: "A",
    DifferenceKind.ONLY_B: "B",
    DifferenceKind.TYPE: "T",
    DifferenceKind.IPAT: "I",
}
#: Kinds whose dots are checkered, so that they can be told from the others without colour.
_CHECKERED = frozenset({DifferenceKind.ONLY_B, DifferenceKind.IPAT})
_CHECKER_STRENGTH = 0.35
_ALIKE_STRENGTH = 0.16
_UNMAPPED_STRENGTH = 0.05
_HATCH_STRENGTH = 0.22


def kind_colour(theme: Theme, kind: DifferenceKind) -> QColor:
    """Return the colour of a kind of difference; of alike where there is none."""
    names = {
        DifferenceKind.ONLY_A: theme.vcpus[0],
        DifferenceKind.ONLY_B: theme.vcpus[1],
        DifferenceKind.TYPE: theme.text,
        DifferenceKind.IPAT: theme.text,
    }
    return QColor(names[kind]) if kind in names else _grey(theme, _ALIKE_STRENGTH)


def odd_colour(theme: Theme, kind: DifferenceKind) -> QColor:
    """Return the colour of every other square of a kind's checker."""
    colour = kind_colour(theme, kind)
    return blend(theme.panel, colour.name(), _CHECKER_STRENGTH) if kind in _CHECKERED else colour


def _grey(theme: Theme, strength: float) -> QColor:
    return blend(theme.panel, theme.text, strength)


def unmapped_colour(theme: Theme) -> QColor:
    """Return the colour of memory that neither EPT maps."""
    return _grey(theme, _UNMAPPED_STRENGTH)


def difference_colours(theme: Theme) -> list[int]:
    """Return a colour (0xAARRGGBB) for every value of the map of differences."""
    table = [QColor(theme.panel).rgb()] * VALUES
    table[Quiet.ALIKE] = _grey(theme, _ALIKE_STRENGTH).rgb()
    table[Quiet.UNMAPPED] = unmapped_colour(theme).rgb()
    table[Quiet.HATCH] = _grey(theme, _HATCH_STRENGTH).rgb()
    for kind in DIFFERENT:
        first = LOUD + kind * ROLES
        table[first + Role.BODY] = table[first + Role.RIM] = kind_colour(theme, kind).rgb()
        table[first + Role.ODD] = odd_colour(theme, kind).rgb()
    return table

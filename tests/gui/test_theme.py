"""The colours: the measured palette stays as measured, and writing can be read on every theme."""

from __future__ import annotations

import itertools

import pytest

from mtrrviz.gui.common.style import style_sheet
from mtrrviz.gui.common.theme import THEMES, Palette, Theme, ThemeName, themed

#: UC, WC, WT, WP, WB and UC-, as optimised for the worst pair over all kinds of colour vision.
MEASURED = {0: "#BB0022", 1: "#EECC11", 4: "#337777", 5: "#5500DD", 6: "#22CCAA", 7: "#EE55FF"}


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", [ThemeName.LIGHT, ThemeName.DARK])
def test_the_default_palette_is_the_measured_one_in_both_themes(name: ThemeName) -> None:
    assert themed(name).types == MEASURED


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
@pytest.mark.parametrize(("ink", "least"), [("text", 7.0), ("dim", 4.5), ("faint", 3.0)])
def test_writing_can_be_read_on_panels(theme: Theme, ink: str, least: float) -> None:
    assert contrast(getattr(theme, ink), theme.panel) >= least


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
def test_what_is_selected_can_be_read(theme: Theme) -> None:
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
def test_warnings_and_errors_can_be_read(theme: Theme) -> None:
    assert contrast(theme.warning, theme.panel) >= 4.5
    assert contrast(theme.error, theme.panel) >= 4.5


@pytest.mark.parametrize("palette", Palette)
@pytest.mark.parametrize("name", list(THEMES))
def test_no_two_types_share_a_colour(name: ThemeName, palette: Palette) -> None:
    types = themed(name, palette).types
    assert set(types) == set(MEASURED)
    assert all(a != b for a, b in itertools.combinations(types.values(), 2))


def test_types_differ_in_grey_too() -> None:
    greys = sorted(luminance(colour) ** (1 / 2.4) for colour in MEASURED.values())
    assert all(high - low > 0.03 for low, high in itertools.pairwise(greys))


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
def test_the_style_sheet_has_every_colour_filled_in(theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert "$" not in sheet.split("*/", 1)[1]
    assert theme.accent in sheet

"""The colours: the measured palette stays as measured, and writing can be read on every theme."""

from __future__ import annotations

import itertools
import re

import pytest

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.gui.common.looks.style import style_sheet
from mtrrviz.gui.common.looks.theme import (
    TEXT_PAIRS,
    THEMES,
    VCPU_GROUNDS,
    Palette,
    Theme,
    ThemeName,
    themed,
)
from mtrrviz.gui.common.looks.type_marks import type_icon
from mtrrviz.gui.map.map_palette import edge_colour, tint_colour
from mtrrviz.paths import resources_dir

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


def least_contrast(theme: Theme) -> float:
    """Return what WCAG 2.1 asks of text at level AA, and at AAA of the high contrast themes."""
    return 7.0 if theme.name in (ThemeName.CONTRAST_LIGHT, ThemeName.CONTRAST_DARK) else 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_writing_can_be_read(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= least_contrast(theme)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
@pytest.mark.parametrize("ground", VCPU_GROUNDS)
def test_the_colours_of_vcpus_can_be_read(theme: Theme, ground: str) -> None:
    worst = min(contrast(colour, getattr(theme, ground)) for colour in theme.vcpus)
    assert worst >= least_contrast(theme)


def test_the_style_sheet_uses_listed_pairs_alone() -> None:
    sheet = (resources_dir() / "style.qss").read_text(encoding="utf-8").split("*/", 1)[1]
    rules = [body for _, body in re.findall(r"([^{}]+){([^{}]*)}", sheet)]
    listed = set(TEXT_PAIRS)
    inks, grounds = {ink for ink, _ in listed}, {ground for _, ground in listed}
    pairs = 0
    for body in rules:
        ink = re.search(r"(?<![-\w])color: \$(\w+)", body)
        ground = re.search(r"(?<![-\w])background: \$(\w+)", body)
        if ink and ground:
            assert (ink[1], ground[1]) in listed, body
            pairs += 1
        assert ink is None or ink[1] in inks, body
        assert ink is None or ground is None or ground[1] in grounds, body
    assert pairs >= 8


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
def test_the_outline_of_types_stands_out(theme: Theme) -> None:
    assert all(contrast(theme.outline, getattr(theme, g)) >= 3 for g in ("panel", "raised"))


@pytest.mark.parametrize("palette", Palette)
@pytest.mark.parametrize("name", list(THEMES))
def test_edges_of_types_stand_out_from_the_panel_and_from_the_tint(
    name: ThemeName, palette: Palette
) -> None:
    theme = themed(name, palette)
    for kind in MEMORY_TYPES:
        colour, edge = theme.type_colour(kind), edge_colour(theme, kind).name()
        grounds = (theme.panel, tint_colour(theme, kind).name())
        assert min(contrast(edge, ground) for ground in grounds) >= 3, kind
        if min(contrast(colour, ground) for ground in grounds) >= 3:
            assert edge == colour.lower()


@pytest.mark.gui
@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: str(theme.name))
def test_samples_of_types_have_the_outline(theme: Theme, qapp) -> None:
    assert qapp is not None
    for code in theme.types:
        image = type_icon(theme, code, 10).pixmap(10, 10).toImage()
        assert image.pixelColor(0, 5).name() == theme.outline.lower()
        assert image.pixelColor(5, 5).name() == theme.types[code].lower()


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

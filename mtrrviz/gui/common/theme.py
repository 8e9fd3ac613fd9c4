"""Colours: one Theme holds them all; memory-type colours mean memory types and nothing else.

The type palette was chosen for the largest worst-case difference between any two colours over
normal and colour-blind vision (CIEDE2000 at least 21.6 for the default one).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

#: Memory types by value, UC- (PAT only) as 7, in the default palette.
_DEFAULT_TYPES = {
    0: "#BB0022",
    1: "#EECC11",
    4: "#337777",
    5: "#5500DD",
    6: "#22CCAA",
    7: "#EE55FF",
}
_CONTRAST_LIGHT_TYPES = {
    0: "#550011",
    1: "#776600",
    4: "#006666",
    5: "#2200AA",
    6: "#779977",
    7: "#DD22EE",
}
_CONTRAST_DARK_TYPES = {
    0: "#CC4411",
    1: "#EEBB11",
    4: "#007777",
    5: "#CCCCFF",
    6: "#55FFCC",
    7: "#CC22FF",
}
_OKABE_ITO_TYPES = {
    0: "#D55E00",
    1: "#F0E442",
    4: "#0072B2",
    5: "#CC79A7",
    6: "#009E73",
    7: "#E69F00",
}
_GREY_TYPES = {
    0: "#2B2B2B",
    1: "#E6E6E6",
    4: "#6E6E6E",
    5: "#4A4A4A",
    6: "#B4B4B4",
    7: "#8F8F8F",
}


class Palette(StrEnum):
    """Palettes of the memory types."""

    DEFAULT = "mtrrviz"
    OKABE_ITO = "Okabe-Ito"
    GREY = "greyscale"


class ThemeName(StrEnum):
    """The themes a user can choose."""

    SYSTEM = "System"
    LIGHT = "Light"
    DARK = "Dark"
    CONTRAST_LIGHT = "High contrast light"
    CONTRAST_DARK = "High contrast dark"


@dataclass(frozen=True)
class Theme:
    """Every colour of the window, as #rrggbb.

    ``window`` lies behind panels, ``panel`` behind content, ``raised`` behind controls; ``text``,
    ``dim`` and ``faint`` are three strengths of writing; ``accent`` marks what is selected or
    active; ``warning`` and ``error`` mark problems. ``types`` maps memory type values to colours,
    ``stale`` outlines leaves of an outdated type, ``flash`` fresh zaps, ``mixed`` is a map dot of
    more than one type. ``vcpus`` colours vCPUs, repeated beyond its end.
    """

    name: ThemeName
    is_dark: bool
    window: str
    panel: str
    raised: str
    hover: str
    border: str
    grid: str
    text: str
    dim: str
    faint: str
    accent: str
    on_accent: str
    warning: str
    error: str
    playhead: str
    stale: str
    flash: str
    mixed: str
    hatch: str
    types: dict[int, str]
    vcpus: tuple[str, ...]

    def type_colour(self, memory_type: int) -> str:
        """Return the colour of a memory type (7 is UC-)."""
        return self.types[int(memory_type)]

    def vcpu_colour(self, vcpu: int) -> str:
        """Return the colour of a vCPU; -1 (the VM) is drawn as text."""
        return self.text if vcpu < 0 else self.vcpus[vcpu % len(self.vcpus)]


_VCPUS_DARK = (
    "#5AA9FF", "#FF9F5A", "#B58CFF", "#F2D15C", "#FF7FB2", "#7FD4E8", "#C3E27A", "#E6A6A0",
)  # fmt: skip
_VCPUS_LIGHT = (
    "#1F6FD0", "#C25E00", "#7A3FD1", "#8A6D00", "#C2266E", "#0E7C93", "#557A00", "#9C4A42",
)  # fmt: skip

DARK = Theme(
    name=ThemeName.DARK,
    is_dark=True,
    window="#14171C",
    panel="#1B1F26",
    raised="#262B34",
    hover="#303743",
    border="#303743",
    grid="#2A3039",
    text="#E8EBEF",
    dim="#A3ABB8",
    faint="#6E7786",
    accent="#5AA9FF",
    on_accent="#08131F",
    warning="#FFB454",
    error="#FF6B6B",
    playhead="#FFFFFF",
    stale="#FFB454",
    flash="#FFFFFF",
    mixed="#8C93A0",
    hatch="#3A424F",
    types=_DEFAULT_TYPES,
    vcpus=_VCPUS_DARK,
)
LIGHT = Theme(
    name=ThemeName.LIGHT,
    is_dark=False,
    window="#ECEEF1",
    panel="#FFFFFF",
    raised="#F1F3F6",
    hover="#E3E8EF",
    border="#CDD3DB",
    grid="#DDE1E7",
    text="#1B1F26",
    dim="#525B69",
    faint="#7D8694",
    accent="#1F6FD0",
    on_accent="#FFFFFF",
    warning="#A65A00",
    error="#C62828",
    playhead="#111417",
    stale="#E07800",
    flash="#000000",
    mixed="#868D99",
    hatch="#BCC3CD",
    types=_DEFAULT_TYPES,
    vcpus=_VCPUS_LIGHT,
)
CONTRAST_DARK = replace(
    DARK,
    name=ThemeName.CONTRAST_DARK,
    window="#000000",
    panel="#000000",
    raised="#1A1A1A",
    hover="#333333",
    border="#FFFFFF",
    grid="#7F7F7F",
    text="#FFFFFF",
    dim="#FFFFFF",
    faint="#D0D0D0",
    accent="#FFFF00",
    on_accent="#000000",
    types=_CONTRAST_DARK_TYPES,
)
CONTRAST_LIGHT = replace(
    LIGHT,
    name=ThemeName.CONTRAST_LIGHT,
    window="#FFFFFF",
    panel="#FFFFFF",
    raised="#F0F0F0",
    hover="#D8D8D8",
    border="#000000",
    grid="#6E6E6E",
    text="#000000",
    dim="#000000",
    faint="#3A3A3A",
    accent="#0000C8",
    on_accent="#FFFFFF",
    types=_CONTRAST_LIGHT_TYPES,
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK)}


def themed(name: ThemeName, palette: Palette = Palette.DEFAULT) -> Theme:
    """Return a theme with a palette; the contrast themes keep their own default palette."""
    theme = THEMES[name]
    if palette is Palette.OKABE_ITO:
        return replace(theme, types=_OKABE_ITO_TYPES)
    if palette is Palette.GREY:
        return replace(theme, types=_GREY_TYPES)
    return theme

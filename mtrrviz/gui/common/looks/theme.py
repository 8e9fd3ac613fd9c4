"""Colours: one Theme holds them all; memory-type colours mean memory types and nothing else.

The type palette was chosen for the largest worst-case difference between any two colours over
normal and colour-blind vision (CIEDE2000 at least 21.6 for the default one).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec.structs import replace

from mtrrviz.core.record import Record

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


class Theme(Record):
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

    @property
    def outline(self) -> str:
        """The line around a sample of a type's colour, which alone may be close to the panel's."""
        return self.dim

    def type_colour(self, memory_type: int) -> str:
        """Return the colour of a memory type (7 is UC-)."""
        return self.types[int(memory_type)]

    def vcpu_colour(self, vcpu: int) -> str:
        """Return the colour of a vCPU; -1 (the VM) is drawn as text."""
        return self.text if vcpu < 0 else self.vcpus[vcpu % len(self.vcpus)]


_INKS = ("text", "dim", "faint", "accent", "warning", "error")
_GROUNDS = ("window", "panel", "raised", "hover")
#: Every pair of writing and what lies behind it that the window uses, by the names of colours.
TEXT_PAIRS = (
    *((ink, ground) for ink in _INKS for ground in _GROUNDS),
    ("on_accent", "accent"),  # what is selected, checked or a default button
    ("panel", "error"),  # reserved bits that are set
    ("panel", "faint"),  # bits that cannot be changed and are set
)
#: What lies behind writing in the colour of a vCPU.
VCPU_GROUNDS = ("window", "panel", "raised")

_VCPUS_DARK = (
    "#5AA9FF", "#FF9F5A", "#B58CFF", "#F2D15C", "#FF7FB2", "#7FD4E8", "#C3E27A", "#E6A6A0",
)  # fmt: skip
_VCPUS_LIGHT = (
    "#1D69C6", "#AB5300", "#7A3FD1", "#836800", "#C2266E", "#0D758A", "#527600", "#9C4A42",
)  # fmt: skip
_VCPUS_CONTRAST_DARK = (
    "#5AA9FF", "#FF9F5A", "#B891FF", "#F2D15C", "#FF7FB2", "#7FD4E8", "#C3E27A", "#E6A6A0",
)  # fmt: skip
_VCPUS_CONTRAST_LIGHT = (
    "#164F94", "#803E00", "#6333A9", "#624D00", "#951D55", "#0A5868", "#3D5800", "#7E3C35",
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
    dim="#B4BBC7",
    faint="#9AA0AA",
    accent="#5AA9FF",
    on_accent="#08131F",
    warning="#FFB454",
    error="#FF7474",
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
    dim="#47505D",
    faint="#606772",
    accent="#1D66BF",
    on_accent="#FFFFFF",
    warning="#9C5500",
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
    error="#FFACAC",
    types=_CONTRAST_DARK_TYPES,
    vcpus=_VCPUS_CONTRAST_DARK,
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
    warning="#643600",
    error="#7F1A1A",
    types=_CONTRAST_LIGHT_TYPES,
    vcpus=_VCPUS_CONTRAST_LIGHT,
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

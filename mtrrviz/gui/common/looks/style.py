"""Applying a theme to Qt: the application's palette and one style sheet, both made from Theme.

The class ``Qt`` with all its enumerations takes a while to make, so nothing here touches it that
the first paint needs. Without a desktop's platform theme Qt ignores a requested colour scheme, so
the palette is ours.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from msgspec.structs import asdict
from PySide6 import QtCore
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from mtrrviz.gui.common.looks.text_size import size_rule
from mtrrviz.gui.common.looks.theme import Palette, Theme, ThemeName, themed
from mtrrviz.paths import resources_dir

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def resolve(name: ThemeName, palette: Palette) -> Theme:
    """Return the theme for a user's choice; System follows the desktop, dark where it says none."""
    if name is not ThemeName.SYSTEM:
        return themed(name, palette)
    scheme = QGuiApplication.styleHints().colorScheme()
    light = scheme is QtCore.Qt.ColorScheme.Light
    return themed(ThemeName.LIGHT if light else ThemeName.DARK, palette)


def apply(theme: Theme, app: QApplication) -> None:
    """Give the whole application the colours of ``theme``, unless it has them already."""
    sheet = style_sheet(theme) + size_rule()
    if app.styleSheet() == sheet:
        return
    if not app.styleSheet():
        app.setStyle("Fusion")
    app.setPalette(qt_palette(theme))
    app.setStyleSheet(sheet)


def qt_palette(theme: Theme) -> QPalette:
    """Return the Qt palette of a theme."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.faint,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.BrightText: theme.error,
        role.Mid: theme.border,
        role.Dark: theme.border,
    }
    palette = QPalette()
    for key, colour in colours.items():
        palette.setColor(key, QColor(colour))
    for key in (role.Text, role.ButtonText, role.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.faint))
    return palette


def _icons(theme: Theme) -> dict[str, str]:
    """Return the files of the marks in combo, spin and check boxes, by their names in the sheet."""
    shade = "dark" if theme.is_dark else "light"
    folder = resources_dir() / "icons"
    names = {"chevron": "chevron", "chevron_up": "chevron-up", "check": "check", "dot": "dot"}
    return {key: (folder / f"{name}-{shade}.svg").as_posix() for key, name in names.items()}


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of a theme: one grid, one type scale, one accent."""
    template = Template((resources_dir() / "style.qss").read_text(encoding="utf-8"))
    colours = {name: value for name, value in asdict(theme).items() if isinstance(value, str)}
    return template.substitute(colours, **_icons(theme))

"""Applying a theme to Qt: the application's palette and one style sheet, both made from Theme.

Without a desktop's platform theme Qt ignores a requested colour scheme, so the palette is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from mtrrviz.gui.theme import Palette, Theme, ThemeName, themed
from mtrrviz.paths import resources_dir

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def resolve(name: ThemeName, palette: Palette) -> Theme:
    """Return the theme for a user's choice; System follows the desktop, dark where it says none."""
    if name is not ThemeName.SYSTEM:
        return themed(name, palette)
    scheme = QGuiApplication.styleHints().colorScheme()
    light = scheme is Qt.ColorScheme.Light
    return themed(ThemeName.LIGHT if light else ThemeName.DARK, palette)


def apply(theme: Theme, app: QApplication) -> None:
    """Give the whole application the colours of ``theme``, unless it has them already."""
    sheet = style_sheet(theme)
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


def _chevron(theme: Theme) -> str:
    """Return the file of the arrow that combo boxes show."""
    name = "chevron-dark.svg" if theme.is_dark else "chevron-light.svg"
    return (resources_dir() / "icons" / name).as_posix()


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of a theme: one grid, one type scale, one accent."""
    return f"""
QMainWindow, QDialog {{ background: {theme.window}; }}
QMainWindow::separator {{ background: {theme.window}; width: 5px; height: 5px; }}
QMainWindow::separator:hover {{ background: {theme.accent}; }}
QDockWidget {{ color: {theme.dim}; font-weight: 600; titlebar-close-icon: none; }}
QDockWidget::title {{
    background: {theme.window}; padding: 5px 8px 3px 8px; text-align: left;
}}
QToolBar {{
    background: {theme.panel}; border: 0; border-bottom: 1px solid {theme.border};
    spacing: 6px; padding: 4px 8px;
}}
QToolBar::separator {{ background: {theme.border}; width: 1px; margin: 4px 6px; }}
QStatusBar {{
    background: {theme.panel}; color: {theme.dim}; border-top: 1px solid {theme.border};
}}
QStatusBar::item {{ border: 0; }}
QMenuBar {{ background: {theme.panel}; color: {theme.text}; }}
QMenuBar::item {{ padding: 4px 9px; background: transparent; }}
QMenuBar::item:selected {{ background: {theme.hover}; }}
QMenu {{
    background: {theme.panel}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px;
}}
QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: 3px; }}
QMenu::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
QMenu::item:disabled {{ color: {theme.faint}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {theme.border}; margin: 4px 6px; }}
QToolTip {{
    background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
    padding: 4px 6px;
}}
QLabel#heading {{ color: {theme.dim}; font-weight: 600; }}
QLabel#dim {{ color: {theme.dim}; }}
QLabel#empty {{ color: {theme.faint}; padding: 16px; }}
QLabel#warning {{ color: {theme.warning}; }}
QLabel#error {{ color: {theme.error}; }}
QLineEdit, QComboBox, QAbstractSpinBox {{
    background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
    border-radius: 4px; padding: 3px 6px; min-height: 18px;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
}}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{ border-color: {theme.accent}; }}
QLineEdit[wrong="true"] {{ border-color: {theme.error}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {theme.faint}; }}
QComboBox::drop-down {{ border: 0; width: 18px; }}
QComboBox::down-arrow {{ image: url({_chevron(theme)}); width: 10px; height: 10px; }}
QComboBox QAbstractItemView {{
    background: {theme.panel}; border: 1px solid {theme.border};
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
}}
QPushButton, QToolButton {{
    background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
    border-radius: 4px; padding: 4px 9px;
}}
QToolButton {{ padding: 4px 6px; }}
QPushButton:hover, QToolButton:hover {{ background: {theme.hover}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {theme.accent}; }}
QPushButton:checked, QToolButton:checked, QPushButton:default {{
    background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent};
}}
QPushButton:disabled, QToolButton:disabled {{ color: {theme.faint}; background: {theme.panel}; }}
QTabWidget::pane {{ border: 0; border-top: 1px solid {theme.border}; }}
QTabBar {{ qproperty-drawBase: 0; }}
QTabBar::tab {{
    background: transparent; color: {theme.dim}; padding: 5px 12px; border: 0;
    border-bottom: 2px solid transparent;
}}
QTabBar::tab:selected {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
QTabBar::tab:hover {{ color: {theme.text}; }}
QTabBar::tab:focus {{ color: {theme.accent}; }}
QAbstractItemView {{
    background: {theme.panel}; alternate-background-color: {theme.raised}; color: {theme.text};
    border: 0; gridline-color: {theme.grid}; outline: 0;
}}
QAbstractItemView::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
QHeaderView::section {{
    background: {theme.window}; color: {theme.dim}; border: 0;
    border-bottom: 1px solid {theme.border}; padding: 4px 8px; font-weight: 600;
}}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{
    background: {theme.border}; border-radius: 4px; min-height: 24px; min-width: 24px;
}}
QScrollBar::handle:hover {{ background: {theme.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollArea {{ border: 0; background: {theme.panel}; }}
QSplitter::handle {{ background: {theme.window}; }}
QSplitter::handle:hover {{ background: {theme.accent}; }}
QFrame#panel, QDockWidget > QWidget {{ background: {theme.panel}; }}
"""

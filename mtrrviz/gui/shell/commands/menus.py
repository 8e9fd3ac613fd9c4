"""The menus, made from the action table, with the lists that grow: scenarios, recent, themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu

from mtrrviz.gui.common.looks.text_size import TextSize
from mtrrviz.gui.common.looks.theme import Palette, ThemeName
from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.gui.shell.commands.actions import ACTIONS, ActionSpec
from mtrrviz.gui.shell.guest_only import GUEST_ACTIONS, GUEST_MENUS, HOST_ACTIONS
from mtrrviz.scenario.library import list_builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from mtrrviz.gui.documents.open_save import Files
    from mtrrviz.gui.export.exports import Exports
    from mtrrviz.gui.shell.settings import Settings


class Menus(QObject):
    """The menu bar of one window; ``apply_looks`` makes it look as the settings say."""

    def __init__(
        self,
        window: QMainWindow,
        actions: dict[str, QAction],
        docks: Sequence[QDockWidget],
        files: Files,
        settings: Settings,
        apply_looks: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        window.menuBar().setObjectName("menu_bar")
        self._actions = actions
        self._files = files
        self._settings = settings
        self._apply_looks = apply_looks
        self._guest_listed: list[QAction] = []
        self._menus = self._from_table()
        self._add_file_lists()
        self._add_docks(docks)
        self._add_choices()

    def _from_table(self) -> dict[str, QMenu]:
        """Make each menu with its actions, a separator between groups."""
        menus: dict[str, QMenu] = {}
        before: ActionSpec | None = None
        for spec in ACTIONS:
            menu = menus.get(spec.menu)
            if menu is None:
                menu = menus[spec.menu] = self._window.menuBar().addMenu(spec.menu)
            elif before is not None and before.group != spec.group:
                menu.addSeparator()
            menu.addAction(self._actions[spec.id])
            if spec.id in HOST_ACTIONS:  # its key is to work while the menu is hidden
                self._window.addAction(self._actions[spec.id])
            before = spec
        return menus

    def menu(self, title: str) -> QMenu:
        """Return the menu of a title, as in the table of actions."""
        return self._menus[title]

    @property
    def guest_actions(self) -> list[QAction]:
        """What is of no use for a real machine: menus, actions, pictures and panels."""
        menus = [menu.menuAction() for name, menu in self._menus.items() if name in GUEST_MENUS]
        return (
            menus
            + self._guest_listed
            + [
                self._actions[spec.id]
                for spec in ACTIONS
                if (spec.menu in GUEST_MENUS or spec.id in GUEST_ACTIONS)
                and spec.id not in HOST_ACTIONS
            ]
        )

    def add_pictures(self, exports: Exports, guest_only: Collection[str]) -> None:
        """Add a list of all views to save a picture of; some step aside on a real machine."""
        menu = self._menus["&File"]
        pictures = QMenu("Pict&ure of", menu)
        pictures.setObjectName("picture_menu")
        for view in exports.views:
            action = pictures.addAction(f"{view.replace('_', ' ').capitalize()}...")
            action.triggered.connect(_asker(exports, view))
            if view in guest_only:
                self._guest_listed.append(action)
        menu.insertMenu(self._actions["copy_picture"], pictures)

    def add_panels(self, panels: Mapping[str, QAction], guest_only: Collection[str]) -> None:
        """Add a list of the panels to bring to the front, each with its key."""
        menu = self._menus["&View"]
        listed = QMenu("&Panels", menu)
        listed.setObjectName("panel_menu")
        listed.addActions(list(panels.values()))
        menu.insertMenu(self._actions["reset_layout"], listed)
        self._guest_listed += [panels[name] for name in panels if name in guest_only]

    def _add_file_lists(self) -> None:
        """Add the built-in scenarios and the recent files below Open."""
        menu = self._menus["&File"]
        after = self._actions["save"]
        self._builtin = QMenu("Open a &built-in scenario", menu)
        self._builtin.setObjectName("builtin_menu")
        self._builtin.aboutToShow.connect(self._fill_builtin)
        self._recent = QMenu("Open &recent", menu)
        self._recent.aboutToShow.connect(self._fill_recent)
        menu.insertMenu(after, self._builtin)
        menu.insertMenu(after, self._recent)

    def _fill_builtin(self) -> None:
        """List the built-in scenarios, once: their files are read for it."""
        if self._builtin.isEmpty():
            for entry in list_builtin():
                action = self._builtin.addAction(menu_text(entry.title))
                action.triggered.connect(self._opener(entry.name))

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self._settings.recent:
            action = self._recent.addAction(menu_text(_short(path)))
            action.setStatusTip(str(path))
            action.triggered.connect(self._opener(str(path)))
        if self._recent.isEmpty():
            self._recent.addAction("No files yet").setEnabled(False)

    def _opener(self, name: str) -> Callable[[], None]:
        return lambda: self._files.open(name)

    def _add_docks(self, docks: Sequence[QDockWidget]) -> None:
        menu = self._menus["&View"]
        menu.addSeparator()
        for dock in docks:
            menu.addAction(dock.toggleViewAction())

    def _add_choices(self) -> None:
        """Add themes, palettes and sizes of text, one of each checked."""
        menu = self._menus["&View"]
        menu.addSeparator()
        self._add_choice(menu.addMenu("&Theme"), list(ThemeName), "theme")
        self._add_choice(menu.addMenu("&Colours of the types"), list(Palette), "palette")
        self._add_choice(menu.addMenu("Te&xt size"), list(TextSize), "text_size")

    def _add_choice(
        self, menu: QMenu, choices: Sequence[ThemeName | Palette | TextSize], setting: str
    ) -> None:
        group = QActionGroup(menu)
        for choice in choices:
            action = menu.addAction(str(choice))
            action.setCheckable(True)
            action.triggered.connect(self._chooser(setting, choice))
            group.addAction(action)

        def check() -> None:
            chosen = choices.index(getattr(self._settings, setting))
            group.actions()[chosen].setChecked(True)

        menu.setObjectName(f"{setting}_menu")
        menu.aboutToShow.connect(check)  # keys change some too
        check()

    def _chooser(self, setting: str, choice: ThemeName | Palette | TextSize) -> Callable[[], None]:
        def choose() -> None:
            setattr(self._settings, setting, choice)
            self._apply_looks()

        return choose

    def show_undo(self, undo: str | None, redo: str | None) -> None:
        """Name what undo and redo would do."""
        for key, words, label in (("undo", "&Undo", undo), ("redo", "&Redo", redo)):
            action = self._actions[key]
            action.setEnabled(label is not None)
            action.setText(f"{words}: {menu_text(label)}" if label else words)


def _asker(exports: Exports, view: str) -> Callable[[], None]:
    return lambda: exports.ask_picture(view)


def _short(path: Path) -> str:
    return f"{path.name}  ({path.parent})"

"""What the window remembers between sessions: places, theme, recent files; no document."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QSettings

from mtrrviz.core.file_kinds import is_regular
from mtrrviz.gui.common.looks.text_size import TextSize
from mtrrviz.gui.common.looks.theme import Palette, ThemeName

#: Raised when docks change, so that a layout of another version is not restored.
LAYOUT_VERSION = 5
#: Recent files kept.
MAX_RECENT = 10
#: Titles kept of scenarios whose description was shown.
_MAX_TOLD = 200
_Choice = TypeVar("_Choice", Palette, ThemeName, TextSize)


class Settings:
    """Typed access to the settings file; a value of the wrong type reads as the default."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "mtrrviz", "mtrrviz"
        )

    @property
    def journal_folder(self) -> Path:
        """Where the journals of unsaved edits lie: beside the settings."""
        return Path(self._store.fileName()).parent / "journal"

    @property
    def open_files_folder(self) -> Path:
        """Where windows tell each other which files they have open: beside the settings."""
        return Path(self._store.fileName()).parent / "open"

    @property
    def theme(self) -> ThemeName:
        """The chosen theme."""
        return _member(self._text("theme"), ThemeName.SYSTEM)

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self._store.setValue("theme", str(name))

    @property
    def frame_theme(self) -> ThemeName:
        """The theme of the first paint: for System the one it was last time.

        Asking the desktop takes Qt a while, and the window does so as soon as it is filled.
        """
        if self.theme is not ThemeName.SYSTEM:
            return self.theme
        return _member(self._text("scheme"), ThemeName.DARK)

    def remember_scheme(self, is_dark: bool) -> None:
        """Remember how the desktop's theme came out."""
        self._store.setValue("scheme", str(ThemeName.DARK if is_dark else ThemeName.LIGHT))

    @property
    def palette(self) -> Palette:
        """The chosen palette of the memory types."""
        return _member(self._text("palette"), Palette.DEFAULT)

    @palette.setter
    def palette(self, palette: Palette) -> None:
        self._store.setValue("palette", str(palette))

    @property
    def text_size(self) -> TextSize:
        """The chosen size of all text."""
        return _member(self._text("text"), TextSize.P100)

    @text_size.setter
    def text_size(self, size: TextSize) -> None:
        self._store.setValue("text", str(size))

    @property
    def lecture_panels(self) -> list[str]:
        """The titles of the panels that a lecture shows beside the map."""
        return [title for title in self._text("lecture/panels").split("\n") if title]

    @lecture_panels.setter
    def lecture_panels(self, titles: list[str]) -> None:
        self._store.setValue("lecture/panels", "\n".join(titles))

    @property
    def lessons_folder(self) -> Path:
        """Where progress in lessons is kept: beside the settings."""
        return Path(self._store.fileName()).parent / "lessons"

    @property
    def knows_tour(self) -> bool:
        """Whether the tour was offered before."""
        return self._text("tour") == "yes"

    @knows_tour.setter
    def knows_tour(self, knows: bool) -> None:
        self._store.setValue("tour", "yes" if knows else "no")

    @property
    def recent(self) -> list[Path]:
        """Recently opened files that still exist, newest first."""
        count = self._store.beginReadArray("recent")
        paths: list[Path] = []
        for index in range(min(count, MAX_RECENT)):
            self._store.setArrayIndex(index)
            name = self._store.value("path", "")
            name = os.fsdecode(bytes(name.data())) if isinstance(name, QByteArray) else str(name)
            paths.append(Path(name))
        self._store.endArray()
        return [path for path in paths if is_regular(path)]

    def add_recent(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        path = Path(os.path.realpath(path))
        paths = [path, *(p for p in self.recent if p != path)][:MAX_RECENT]
        self._store.beginWriteArray("recent", len(paths))
        for index, entry in enumerate(paths):
            self._store.setArrayIndex(index)
            name = str(entry)
            is_text = name.isprintable()  # others, such as halves of characters, Qt would change
            self._store.setValue("path", name if is_text else QByteArray(os.fsencode(name)))
        self._store.endArray()

    def compared_zaps(self, *, two_maps: bool) -> str:
        """What the timeline showed last of the compared zaps beside one map or two; "" if unset."""
        return self._text(_compared_zaps_key(two_maps))

    def set_compared_zaps(self, name: str, *, two_maps: bool) -> None:
        """Remember what the timeline shows of the compared zaps."""
        self._store.setValue(_compared_zaps_key(two_maps), name)

    @property
    def lane_px(self) -> int | None:
        """How high the user made the timeline's lanes, in pixels; None if they never did."""
        text = self._text("timeline/lane_px")
        return int(text) if text.isdecimal() and len(text) <= 3 else None

    @lane_px.setter
    def lane_px(self, lane_px: int | None) -> None:
        self._store.setValue("timeline/lane_px", "" if lane_px is None else str(lane_px))

    @property
    def tells_story(self) -> bool:
        """Whether scenarios that have a story tell it above the map."""
        return self._text("story") != "no"

    def tell_once(self, title: str) -> bool:
        """Return whether the description of a scenario was never shown; from now on it was."""
        told = self._text("told").split("\n")
        if title in told:
            return False
        self._store.setValue("told", "\n".join([title, *told][:_MAX_TOLD]))
        return True

    @tells_story.setter
    def tells_story(self, tells: bool) -> None:
        self._store.setValue("story", "yes" if tells else "no")

    def geometry(self) -> QByteArray:
        """The window's size and place as it was left; empty the first time."""
        return self._bytes("window/geometry")

    def layout(self) -> QByteArray:
        """The docks as they were left; empty the first time."""
        return self._bytes(f"window/layout{LAYOUT_VERSION}")

    def store_window(self, geometry: QByteArray, layout: QByteArray) -> None:
        """Remember the window."""
        self._store.setValue("window/geometry", geometry)
        self._store.setValue(f"window/layout{LAYOUT_VERSION}", layout)

    def _text(self, key: str) -> str:
        return str(self._store.value(key, "", type=str))

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key, QByteArray())
        return value if isinstance(value, QByteArray) else QByteArray()


def _compared_zaps_key(two_maps: bool) -> str:
    return "timeline/two_maps" if two_maps else "timeline/one_map"


def _member(text: str, default: _Choice) -> _Choice:
    """Return the member of the default's kind that is called ``text``, else the default."""
    return next((member for member in type(default) if member == text), default)

"""What the window gives up where it is small or its text large, so that the map keeps its room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shiboken6 import isValid

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QToolBar

    from mtrrviz.gui.machine.settings_bar import SettingsBar
    from mtrrviz.gui.shell.arrangement.bars import Bars
    from mtrrviz.gui.shell.arrangement.dock_layout import DockLayout

#: The height that the map and what stands above it should have, in lines of text.
_MAP_LINES = 18
#: What the results must leave above that, so that the map has its legend.
_LEGEND_LINES = 3
#: What the docks below the map need at least, in lines of text.
_BELOW_LINES = 12
#: Widths of the map and of the docks beside it, in average characters.
_MAP_CHARS, _LEFT_CHARS, _RIGHT_CHARS = 56, 47, 39


class Needs(Record):
    """What a window has room for and what its parts need, in pixels.

    ``fixed`` is the height of what always stays: menu, transport and status bar. ``settings``,
    ``results`` and ``story`` are the heights of bars, 0 for one that is not wanted or takes no
    height of its own. ``must_tell`` is whether the user has just asked for the story.
    """

    width: int
    height: int
    line: int
    char: int
    fixed: int
    settings: int = 0
    results: int = 0
    story: int = 0
    must_tell: bool = False


class Kept(Record):
    """What is shown: bars, a column of docks at the right, and docks below the map."""

    settings: bool = True
    results: bool = True
    story: bool = True
    right: bool = True
    below: bool = True


def kept_parts(needs: Needs) -> Kept:
    """Return what is kept: results go first, then story, docks below, and settings.

    What does not stand below or at the right becomes tabs at the left.
    """
    columns = needs.char * (_MAP_CHARS + _LEFT_CHARS + _RIGHT_CHARS)
    room = needs.height - needs.fixed - needs.line * _MAP_LINES
    heights = {
        "settings": needs.settings,
        "below": needs.line * _BELOW_LINES,
        "story": needs.story,
        "results": needs.results and needs.results + needs.line * _LEGEND_LINES,
    }
    if needs.must_tell:
        room -= heights.pop("story")
    kept: dict[str, bool] = dict.fromkeys(heights, True)
    for part in reversed(list(heights)):
        if sum(heights.values()) <= room:
            break
        kept[part] = not heights.pop(part)
    return Kept(**kept, right=kept["below"] and needs.width >= columns)


class Economy:
    """Shows the parts of a window that it has room for."""

    def __init__(
        self, window: QMainWindow, bars: Bars, settings_bar: SettingsBar, layout: DockLayout
    ) -> None:
        self._window = window
        self._status_bar = window.statusBar()
        self._bars = bars
        self._settings_bar = settings_bar
        self._layout = layout
        self._tells_story = False
        self._must_tell = False

    def tell_story(self, *, tells: bool, must_tell: bool = False) -> None:
        """Show the story where there is room, or in any case, or do not."""
        self._tells_story, self._must_tell = tells, tells and must_tell
        self.apply()

    @property
    def is_story_shown(self) -> bool:
        """Whether the story is on screen."""
        return not self._bars.story.isHidden()

    def apply(self) -> None:
        """Show and hide parts as the room is now."""
        if not isValid(self._status_bar):  # the window is going, part by part
            return
        kept = kept_parts(self._needs())
        self._settings_bar.setVisible(kept.settings)
        self._bars.results.setVisible(kept.results)
        self._bars.story.setVisible(kept.story and self._tells_story)
        self._layout.fold(right=kept.right, below=kept.below)

    def _needs(self) -> Needs:
        window, metrics = self._window, self._window.fontMetrics()
        bars = self._bars
        controls = bars.controls_row
        wrapped = controls.wraps_at(window.width() - bars.margin_px)
        lower = self._settings_bar.sizeHint().height() + 4 if wrapped else 0
        fixed = (
            window.menuBar().sizeHint().height()
            + controls.line_height
            + bars.margin_px
            + self._status_bar.sizeHint().height()
        )
        return Needs(
            window.width(),
            window.height(),
            metrics.height(),
            max(1, metrics.averageCharWidth()),
            fixed,
            settings=lower,
            results=_height(bars.results),
            story=_height(bars.story) if self._tells_story else 0,
            must_tell=self._must_tell,
        )


def _height(bar: QToolBar) -> int:
    return bar.sizeHint().height()

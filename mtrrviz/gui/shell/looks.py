"""How a window looks, as values: what can be told to a window of another process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.gui.common.looks.theme import ThemeName

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.text_size import TextSize
    from mtrrviz.gui.common.looks.theme import Palette, Theme
    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.gui.timeline.timeline_view import TimelineView


class Looks(Record):
    """Colours, size of text, and what the timeline shows.

    ``compared_zaps`` are what it shows of the compared zaps beside one map and beside two, by
    name. ``lane_px`` is the height of a lane, None for as high as there is room.
    """

    theme: ThemeName
    palette: Palette
    text_size: TextSize
    lane_px: int | None
    compared_zaps: tuple[str, str]
    tells_story: bool


def looks_now(theme: Theme, settings: Settings, timeline: TimelineView) -> Looks:
    """Return how the window looks now."""
    one, two = (timeline.compared_zaps(two_maps=two_maps) for two_maps in (False, True))
    return Looks(
        theme=ThemeName.DARK if theme.is_dark else ThemeName.LIGHT,
        palette=settings.palette,
        text_size=settings.text_size,
        lane_px=timeline.canvas.lane_px,
        compared_zaps=(one, two),
        tells_story=settings.tells_story,
    )


def take_looks(settings: Settings, looks: Looks) -> None:
    """Let a window with these settings show things in other looks."""
    settings.theme, settings.palette = looks.theme, looks.palette
    settings.text_size = looks.text_size
    settings.lane_px, settings.tells_story = looks.lane_px, looks.tells_story
    for two_maps, name in zip((False, True), looks.compared_zaps, strict=True):
        settings.set_compared_zaps(name, two_maps=two_maps)

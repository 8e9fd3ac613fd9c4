"""What a film is to show, as values that another process can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mtrrviz.exporters.playback.film import Film
    from mtrrviz.exporters.playback.forms import FilmForm
    from mtrrviz.geometry.map.map_viewport import View
    from mtrrviz.gui.shell.looks import Looks
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.cost_model import CostModel
    from mtrrviz.sim.run import Run


class WindowShown(Record):
    """All that a window shows, so that another one can show it.

    The scenario's view says which time, page, vCPU and policies. ``runs`` are those that are
    finished, by policy; others are made again. ``layout`` is that of the docks, ``span_ns`` the
    stretch of time on the timeline.
    """

    scenario: Scenario
    runs: Mapping[str, Run]
    costs: CostModel
    markers: Mapping[str, int | None]
    looks: Looks
    layout: bytes
    map_view: View
    span_ns: tuple[int, int]
    shows_story: bool


class FilmOrder(Record):
    """A film of a view, by its name, in a window of a size that looks like another one."""

    shown: WindowShown
    view: str
    size_px: tuple[int, int]
    film: Film
    form: FilmForm
    path: Path

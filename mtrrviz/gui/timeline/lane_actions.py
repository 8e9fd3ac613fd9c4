"""What a menu offers for one lane of the timeline: its name and its height."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QInputDialog, QWidget

from mtrrviz.session import edits

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.timeline.scene import Scene

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class HasLanes(Protocol):
    """What the actions need of the canvas."""

    @property
    def scene(self) -> Scene:
        """What is shown."""
        ...

    def grow_lane(self, lane: int, steps: int) -> None:
        """Make one lane higher, or lower by ``steps`` below 0."""
        ...


def add_lane_actions(menu: QMenu, bridge: Bridge, lanes: HasLanes, lane: int) -> None:
    """Offer to rename a lane, and to make it taller or shorter than the others."""
    menu.addAction(f"Rename lane{_ELLIPSIS}", partial(rename_lane, bridge, lanes, lane))
    menu.addAction("Taller", partial(lanes.grow_lane, lane, 1))
    menu.addAction("Shorter", partial(lanes.grow_lane, lane, -1))


def rename_lane(bridge: Bridge, lanes: HasLanes, lane: int) -> None:
    """Ask for the name of a lane's vCPU, of the first one where several share the lane."""
    scenario, events = bridge.document.scenario, lanes.scene.events
    vcpu = events.vcpus_of(lane)[0]
    words = f"Name of {events.lane_text(lane)}, empty for the usual one:"
    parent = lanes if isinstance(lanes, QWidget) else None
    name, is_given = QInputDialog.getText(
        parent, "Rename the lane", words, text=events.given_name(lane)
    )
    is_new = is_given and name.strip() != events.given_name(lane)
    if is_new and bridge.document.scenario is scenario:
        bridge.edit(lambda: edits.name_vcpu(scenario, vcpu, name))

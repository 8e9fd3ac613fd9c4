"""Walking over the map by keys: which dot lies next to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.geometry.map.map_layout import MapLayout


def next_dot(layout: MapLayout, dot: int, across: int, down: int) -> int:
    """Return the dot one step to the side (by address) or up or down (on screen).

    At the edges the dot itself is returned.
    """
    if not down:
        return min(max(dot + across, 0), layout.dots - 1)
    rect = layout.dot_rect(dot)
    x = rect.x + rect.width // 2
    y = rect.y + rect.height // 2
    while 0 <= y < layout.height:
        y += down * 3
        found = layout.dot_at(x, y)
        if found is not None and found != dot:
            return found
    return dot

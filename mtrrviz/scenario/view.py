"""What to show when a scenario is opened: which policies, which time, which page."""

from __future__ import annotations

from enum import StrEnum

from mtrrviz.core.record import Record


class MapMode(StrEnum):
    """What the map shows: the policy in use, two policies, or where they differ."""

    ONE = "one"
    SIDE_BY_SIDE = "side-by-side"
    DIFFERENCE = "difference"


class View(Record):
    """What to show when the scenario is opened; None leaves it to the program.

    ``policy`` and ``compared`` are ids of policies, ``gfn`` is the page to select.
    """

    policy: str | None = None
    compared: str | None = None
    time_ns: int | None = None
    gfn: int | None = None
    vcpu: int | None = None
    map_mode: MapMode | None = None


#: The view of a scenario that leaves all of it open.
ANY_VIEW = View()

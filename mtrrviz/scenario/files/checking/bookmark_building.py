"""From the bookmark tables of a scenario file to bookmarks, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.files.checking.numbers import nanoseconds, page_bytes
from mtrrviz.scenario.scenario_error import shown

if TYPE_CHECKING:
    from mtrrviz.scenario.files.schema import BookmarkFile
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.machine_spec import MachineSpec


def build_bookmarks(
    content: list[BookmarkFile], machine: MachineSpec, duration_ns: int, source: ScenarioSource
) -> tuple[Bookmark, ...]:
    """Return the bookmarks by time; ScenarioError for times and pages that are not there."""
    last = (1 << machine.maxphyaddr) - 1
    bookmarks: list[Bookmark] = []
    for index, one in enumerate(content):
        place, time_ns = f"bookmark[{index}]", nanoseconds(one.t)
        if time_ns > duration_ns:
            expected = f"at most {duration_ns / 1e9:g}, where the scenario ends"
            raise source.error(f"{place}.t", f"{shown(one.t)} is not possible here", expected)
        if not one.name.strip():
            raise source.error(f"{place}.name", "the name is empty", "a name")
        gfn = None
        if one.page is not None:
            gfn = page_bytes(source, one.page, f"{place}.page", last) >> PAGE_SHIFT
        bookmarks.append(Bookmark(time_ns, one.name, one.text, gfn))
    return tuple(sorted(bookmarks, key=lambda bookmark: bookmark.time_ns))

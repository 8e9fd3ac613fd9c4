"""Edits of hand-written touches as they are typed into the cells of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SIZE, format_gpa, parse_address, parse_size
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.scenario.touches import Access
from mtrrviz.session.edits.touch_edits import change_touch

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Sweep
    from mtrrviz.session.edits.edit import Edit

#: What can be typed, by the keys of the columns of touches.
TYPED_TOUCH_KEYS = ("time_s", "vcpu", "access", "start", "size_bytes", "lasts_s")


def type_into_touch(scenario: Scenario, index: int, key: str, text: str) -> Edit:
    """Give the touch at ``index`` what was typed; MtrrvizError or ValueError for what cannot be."""
    return change_touch(scenario, index, _typed(scenario.sweeps[index], key, text))


def _typed(sweep: Sweep, key: str, text: str) -> Sweep:
    if key == "time_s":
        return replace(sweep, time_ns=parse_time_ns(text, sweep.time_ns))
    if key == "lasts_s":
        return replace(sweep, lasts_ns=parse_time_ns(text, sweep.lasts_ns))
    if key == "vcpu":
        if not text.strip().isdecimal():
            raise MtrrvizError(f"{text!r} is not a number of a vCPU: expected 0, 1, 2, ...")
        return replace(sweep, vcpu=int(text))
    if key == "access":
        return replace(sweep, access=parse_access(text))
    if key == "start":
        return replace(sweep, first_gfn=parse_page(text))
    return replace(sweep, pages=parse_pages(text))


def parse_access(text: str) -> Access:
    """Return the kind of access that a word means; MtrrvizError if it is none."""
    names = {access.name.lower(): access for access in Access}
    found = names.get(text.strip().lower())
    if found is None:
        raise MtrrvizError(f"{text!r} is no access: expected {', '.join(names)}")
    return found


def parse_page(text: str) -> int:
    """Return the page (gfn) that begins at an address; ValueError if none does."""
    gpa = parse_address(text)
    if gpa % PAGE_SIZE:
        raise ValueError(f"{format_gpa(gpa)} is not a multiple of 4 KiB (0x1000)")
    return gpa // PAGE_SIZE


def parse_pages(text: str) -> int:
    """Return how many pages a size is; ValueError if it is no whole number of them."""
    size_bytes = parse_size(text)
    if size_bytes % PAGE_SIZE:
        raise ValueError(f"{text.strip()!r} is not a whole number of 4 KiB pages")
    return size_bytes // PAGE_SIZE

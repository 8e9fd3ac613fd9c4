"""Times, sizes, addresses and registers as people write them, turned into the model's units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE, parse_address, parse_size
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.scenario.events import KNOWN_MSRS_TEXT
from mtrrviz.scenario.files.checking.numbers import nanoseconds, register_number
from mtrrviz.scenario.value_check import U64_MAX, refused, whole

if TYPE_CHECKING:
    from collections.abc import Callable

Time = float | str
"""Seconds as a number, or a text with a unit: 6.9, "6.9 s", "850 ms", "12 us", "5 ns"."""
Size = int | str
"""Bytes as a number, or a text with a unit: 4096, "64 MiB", "2 GiB"."""
Address = int | str
"""A guest physical address: 0x8000_0000, "0x8000_0000", "2 GiB"."""
Register = int | str
"""An MSR by its number or name: 0x2ff, "IA32_MTRR_DEF_TYPE"."""

_TIME = "seconds, 0 or more, or a text such as '850 ms'"


def ns(time: Time, place: str = "time") -> int:
    """Return a time in nanoseconds: of seconds, or of a text with a unit. ScenarioError if none."""
    if isinstance(time, str):
        try:
            return parse_time_ns(time, takes_distance=False)
        except MtrrvizError as error:
            raise refused(place, time, _TIME) from error
    try:
        seconds = float(time)
    except (TypeError, ValueError) as error:
        raise refused(place, time, _TIME) from error
    if isinstance(time, bool) or not math.isfinite(seconds) or seconds < 0:
        raise refused(place, time, _TIME)
    return nanoseconds(seconds)


def size_bytes(size: Size, place: str = "size") -> int:
    """Return a size in bytes. ScenarioError if it is none."""
    return _number(size, parse_size, place, "bytes, or a text such as '64 MiB'")


def address(where: Address, place: str = "address") -> int:
    """Return a guest physical address in bytes. ScenarioError if it is none."""
    return _number(where, parse_address, place, "an address, or a text such as '0x8000_0000'")


def gfn(where: Address, place: str = "address") -> int:
    """Return the guest frame number of the page that holds an address. ScenarioError if none."""
    return address(where, place) >> PAGE_SHIFT


def whole_pages(size: Size, place: str) -> int:
    """Return how many 4 KiB pages a size is. ScenarioError if these are not whole."""
    number = size_bytes(size, place)
    if number % PAGE_SIZE:
        raise refused(place, size, "a multiple of 4 KiB")
    return number // PAGE_SIZE


def msr(register: Register, place: str = "register") -> int:
    """Return the number of an MTRR or the PAT. ScenarioError for another register."""
    if not isinstance(register, str):
        return whole(register, place, U64_MAX, KNOWN_MSRS_TEXT)
    number = register_number(register)
    if number is None:
        raise refused(place, register, KNOWN_MSRS_TEXT)
    return number


def _number(value: int | str, parse: Callable[[str], int], place: str, expected: str) -> int:
    """Return a number, or what a text means."""
    if not isinstance(value, str):
        return whole(value, place, U64_MAX, expected)
    try:
        return parse(value)
    except ValueError as error:
        raise refused(place, value, expected) from error

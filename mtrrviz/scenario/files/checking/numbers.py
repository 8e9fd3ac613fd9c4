"""Numbers of a scenario file, checked: bytes, sizes and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.units import PAGE_SIZE, parse_size
from mtrrviz.scenario.scenario_error import shown

if TYPE_CHECKING:
    from mtrrviz.scenario.files.source import ScenarioSource

MAX_ADDRESS_BITS = 52
"""The most that an x86 processor has."""


def nanoseconds(seconds: float) -> int:
    """Return seconds as whole nanoseconds."""
    return round(seconds * 1e9)


def page_bytes(source: ScenarioSource, value: int | str, place: str, limit: int) -> int:
    """Return a page-aligned number of bytes from 0 to ``limit``; ScenarioError otherwise."""
    number = _number(source, value, place)
    if number % PAGE_SIZE or not 0 <= number <= limit:
        expected = f"a multiple of 4 KiB from 0 to {limit:#x}"
        raise source.error(place, f"{shown(value)} is not possible here", expected)
    return number


def address_bytes(source: ScenarioSource, value: int | str, place: str) -> int:
    """Return an address of any byte up to 2^52; ScenarioError otherwise."""
    number = _number(source, value, place)
    if not 0 <= number <= 1 << MAX_ADDRESS_BITS:
        expected = f"an address of at most {MAX_ADDRESS_BITS} bits"
        raise source.error(place, f"{shown(value)} is not possible here", expected)
    return number


def register_number(name: str) -> int | None:
    """Return the number of the MSR with this name, None if there is none."""
    return next((r.msr for r in REGISTERS.values() if r.name == name and r.msr >= 0), None)


def _number(source: ScenarioSource, value: int | str, place: str) -> int:
    try:
        return parse_size(value) if isinstance(value, str) else value
    except ValueError as error:
        expected = "an integer or a size such as '2 GiB'"
        raise source.error(place, f"{shown(value)} is not a size", expected) from error

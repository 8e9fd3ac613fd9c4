"""Times as a user types and reads them."""

from __future__ import annotations

import re
from decimal import Decimal

from mtrrviz.core.errors import MtrrvizError

_UNITS_NS = {"": 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}
_PATTERN = re.compile(r"(?P<sign>[+-]?)\s*(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[a-zµ]*)")

_MOST_CHARS = 24
"""Longest number read: far above any scenario, far below what could overflow."""


def parse_time_ns(text: str, origin_ns: int = 0, *, takes_distance: bool = True) -> int:
    """Return the time that ``text`` means, in nanoseconds: "6.9 s", "850 ms", "12us", "6.9".

    A sign makes it a distance from ``origin_ns`` ("+10 ms"), which may be refused; without a unit
    seconds are meant.
    Raises :class:`MtrrvizError` if it is no time.
    """
    match = _PATTERN.fullmatch(text.strip().lower().replace("_", ""))
    unit_ns = _UNITS_NS.get(match["unit"], 0) if match else 0
    if match is None or not unit_ns or len(match["number"]) > _MOST_CHARS:
        raise MtrrvizError(f"{text!r} is not a time: write e.g. 6.9 s, 850 ms or +10 us")
    if match["sign"] and not takes_distance:
        raise MtrrvizError(f"{text!r} is a distance, not a time")
    distance_ns = round(Decimal(match["number"]) * unit_ns)
    if not match["sign"]:
        return distance_ns
    return origin_ns + (distance_ns if match["sign"] == "+" else -distance_ns)


def clock_text(time_ns: int, decimals: int = 3) -> str:
    """Return a time in seconds with a fixed number of decimals, as a clock shows it.

    Cut, not rounded: a clock that runs must not show a second that has not begun.
    """
    shown = time_ns // 10 ** (9 - decimals)
    whole, fraction = divmod(shown, 10**decimals)
    return f"{whole}.{fraction:0{decimals}d} s"


def exact_text(time_ns: int) -> str:
    """Return a time in seconds with as many decimals as it needs, to be typed again: "0.14 s"."""
    return clock_text(time_ns, 9).removesuffix(" s").rstrip("0").rstrip(".") + " s"


def short_clock_text(time_ns: int) -> str:
    """Return a time in seconds with as many decimals as it needs, three at least: "0.800 s"."""
    whole, fraction = divmod(time_ns, 10**9)
    decimals = f"{fraction:09d}".rstrip("0")
    return f"{whole}.{decimals:0<3} s"

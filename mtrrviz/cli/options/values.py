"""What may be written for an option: times, addresses and sizes, each with a precise refusal."""

from __future__ import annotations

import argparse
import math
import re
from enum import Enum
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import parse_address
from mtrrviz.core.wording import number_lists
from mtrrviz.facts.time_text import exact_text, parse_time_ns

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

_SMALLEST, _LARGEST = 320, 16_384
"""Widths and heights a picture may have; the upper end bounds its memory."""


class MomentOption(Enum):
    """A time that depends on the scenario."""

    END = "end"


def time_ns(text: str) -> int | MomentOption:
    """Return a time in ns from "3.412", "3.412s" or "250 ms", or the end for "end"."""
    if text == MomentOption.END.value:
        return MomentOption.END
    try:
        return parse_time_ns(text, takes_distance=False)
    except MtrrvizError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time (expected seconds such as 3.412, or end)"
        ) from None


def time_within(
    scenario: Scenario, time_ns: int | MomentOption | None, option: str = "--at"
) -> int:
    """Return a time of the scenario, its end for None; MtrrvizError if it is over by then."""
    if not isinstance(time_ns, int):
        return scenario.duration_ns
    if time_ns > scenario.duration_ns:
        asked, end = exact_text(time_ns), exact_text(scenario.duration_ns)
        raise MtrrvizError(
            f"{option} {asked}: {scenario.name} ends at {end} (expected a time up to that, or end)"
        )
    return time_ns


def time_span(text: str) -> tuple[int | MomentOption, int | MomentOption]:
    """Return the start and the end of a span, each as :func:`time_ns`, from "3.4-6.9 s"."""
    start, dash, end = text.partition("-")
    if not dash:
        raise argparse.ArgumentTypeError(f"{text!r} is not a span (expected FROM-TO: 3.4-6.9)")
    return time_ns(start.strip()), time_ns(end.strip())


def pace(text: str) -> float:
    """Return how many seconds of a scenario a second shows."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a pace (expected more than 0, e.g. 0.5)")
    return number


def frames_a_second(text: str) -> int:
    """Return a number of frames a second."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of frames a second (e.g. 10)")
    return int(text)


def address(text: str) -> int:
    """Return a guest physical address."""
    try:
        return parse_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def vcpu(text: str) -> int:
    """Return a vCPU's number."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a vCPU number (expected 0, 1, ...)")
    return int(text)


def vcpu_count(text: str) -> int:
    """Return a number of vCPUs."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of vCPUs (expected 1 to 255)")
    return int(text)


def picture_size(text: str) -> tuple[int, int]:
    """Return (width, height) in pixels from "1280x800"."""
    match = re.fullmatch(r"([0-9]{1,6})[xX]([0-9]{1,6})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(_SMALLEST <= side <= _LARGEST for side in size):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a picture size"
            f" (expected WIDTHxHEIGHT such as 1280x800, each {_SMALLEST} to {_LARGEST})"
        )
    return size


def vcpu_list(text: str) -> list[int]:
    """Return numbers of vCPUs from "1,2,4,...,255"."""
    try:
        return number_lists.vcpu_list(text)
    except MtrrvizError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def memory_list(text: str) -> list[float]:
    """Return sizes in GiB from "2,16" or "2GiB,16GiB"."""
    try:
        return number_lists.memory_list(text)
    except MtrrvizError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def constant(text: str) -> tuple[str, float]:
    """Return the name and the value of a constant from "turn=6000"."""
    name, equals, value = text.partition("=")
    try:
        number = float(value.replace("_", "")) if equals else math.nan
    except ValueError:
        number = math.nan
    if not name.strip() or not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE (expected turn=6000)")
    return name.strip(), number

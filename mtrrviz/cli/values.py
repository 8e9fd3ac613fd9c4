"""What may be written for an option: times, addresses and sizes, each with a precise refusal."""

from __future__ import annotations

import argparse
import math
import re
from enum import Enum

from mtrrviz.core import number_lists
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import parse_address
from mtrrviz.facts.time_text import parse_time_ns

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


def seconds_text(time_ns: int) -> str:
    """Return seconds to the last digit, so that what is shown can be typed after --at."""
    return f"{time_ns / 1e9:.9f}".rstrip("0").rstrip(".")


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

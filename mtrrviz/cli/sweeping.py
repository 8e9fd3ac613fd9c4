"""`mtrrviz sweep`: zaps, cycles and boot time of generated boots over vCPUs and memory."""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mtrrviz.cli.commands import DEFAULT_POLICIES, GOOD, print_text

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from mtrrviz.analysis.sweep import SweepRow

DEFAULT_VCPUS = "1,2,4,8,16"
DEFAULT_MEMORY = "2"
FIRMWARES = ("ovmf", "seabios")
STANDARD_OUTPUT = "-"
MOST_VCPUS = 255
#: Longest list that is read.
_MOST_VALUES = 1000

DETAILS = """\
Generates a boot for each number of vCPUs and memory size, with register writes
as in the recorded ones, and replays it under each policy. Zap counts come out
of the replay; cycles and boot times are modelled. Rows with more vCPUs than
were ever measured (16) are extrapolated, which the table and the CSV say. All
CPUs are used; Ctrl+C stops. How far it is goes to stderr.

Lists are numbers with commas in between; "..." goes on as the two numbers
before it do, by doubling, tripling or adding: 1,2,4,...,255 is 1, 2, 4, 8, 16,
32, 64, 128 and 255; 2,5,...,12 is 2, 5, 8, 11 and 12.

-o writes CSV with the columns firmware, vcpus, memory_gib, policy, zap_count,
zap_mcycles, boot_s and extrapolated; - is standard output.

examples:
  mtrrviz sweep
  mtrrviz sweep --vcpus 1,2,4,...,255 --policy per-vcpu --policy per-vm
  mtrrviz sweep --vcpus 8 --memory 2,4,...,1024 --firmware seabios
  mtrrviz sweep --vcpus 1,2,4,...,255 --memory 2,16 -o sweep.csv
"""

_HEADER = ("policy", "GiB", "vCPUs", "zaps", "zap Mcycles (modelled)", "boot s (modelled)", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the axes and where results go."""
    what = f"numbers of vCPUs, up to {MOST_VCPUS}; default: {DEFAULT_VCPUS}"
    parser.add_argument("--vcpus", metavar="LIST", type=vcpu_list, default=DEFAULT_VCPUS, help=what)
    what = f"sizes of RAM in GiB; default: {DEFAULT_MEMORY}"
    parser.add_argument(
        "--memory", metavar="LIST", type=memory_list, default=DEFAULT_MEMORY, help=what
    )
    default = " and ".join(DEFAULT_POLICIES)
    what = f"a policy, may be repeated; default: {default}"
    parser.add_argument("--policy", action="append", metavar="ID", help=what)
    what = "whose boots; default: %(default)s"
    parser.add_argument("--firmware", choices=FIRMWARES, default=FIRMWARES[0], help=what)
    what = "a file for CSV, - for standard output; default: a table for people"
    parser.add_argument("-o", "--output", metavar="OUT.csv", default=None, help=what)


def vcpu_list(text: str) -> list[int]:
    """Return numbers of vCPUs from "1,2,4,...,255"."""
    values = number_list(text)
    if not all(value.is_integer() for value in values):
        raise argparse.ArgumentTypeError(f"{text!r}: a number of vCPUs is a whole number")
    return [int(value) for value in values]


def memory_list(text: str) -> list[float]:
    """Return sizes in GiB from "2,16" or "2GiB,16GiB"."""
    return number_list(text.replace("GiB", ""))


def number_list(text: str) -> list[float]:
    """Return the numbers of a list, with those that "..." stands for."""
    values: list[float] = []
    going_on = False
    for word in text.split(","):
        if word.strip() == "...":
            going_on = _can_go_on(values, text)
        else:
            value = _number(word, text)
            if going_on:
                values += _between(values[-2], values[-1], value, text)
            values.append(value)
            going_on = False
    if going_on:
        raise argparse.ArgumentTypeError(f"{text!r}: a number must come after ...")
    return values


def _can_go_on(values: Sequence[float], text: str) -> bool:
    if len(values) < 2 or not 0 < values[-2] < values[-1]:
        raise argparse.ArgumentTypeError(f"{text!r}: two growing numbers must come before ...")
    return True


def _number(word: str, text: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        message = f"{text!r}: {word.strip()!r} is not a number above 0 (expected 1,2,4)"
        raise argparse.ArgumentTypeError(message)
    return value


def _between(before: float, last: float, end: float, text: str) -> list[float]:
    """Return what comes after ``last`` and before ``end``, by the factor or the step so far."""
    if end <= last:
        raise argparse.ArgumentTypeError(f"{text!r}: the number after ... must be larger")
    factor = last / before
    grows = factor.is_integer()
    found: list[float] = []
    value = last * factor if grows else 2 * last - before
    while value < end:
        found.append(value)
        if len(found) > _MOST_VALUES:
            raise argparse.ArgumentTypeError(f"{text!r} is more than {_MOST_VALUES} numbers")
        value = value * factor if grows else value + last - before
    return found


def sweep(args: argparse.Namespace) -> int:
    """Work out every combination and print or write them."""
    from mtrrviz.analysis.sweep import sweep as sweep_boots
    from mtrrviz.analysis.sweep import write_csv
    from mtrrviz.cli.progress import Progress

    policies = args.policy or DEFAULT_POLICIES
    with _output(args.output) as file:
        rows = sweep_boots(args.firmware, args.vcpus, args.memory, policies, Progress("points"))
        if file is not None:
            write_csv(rows, file)
    if args.output is None:
        print_text(rows_text(rows))
    return GOOD


@contextmanager
def _output(name: str | None) -> Generator[TextIO | None]:
    """Open the file for CSV before the work, so that it is not in vain."""
    if name is None or name == STANDARD_OUTPUT:
        yield sys.stdout if name else None
        return
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        yield file


def rows_text(rows: Sequence[SweepRow]) -> str:
    """Return the rows as a table."""
    from mtrrviz.exporters.tables import text_table

    cells = [
        (
            row.policy,
            f"{row.memory_gib:g}",
            str(row.vcpus),
            str(row.zap_count),
            f"{row.zap_mcycles:,.2f}",
            f"{row.boot_s:.2f}",
            "extrapolated" if row.extrapolated else "",
        )
        for row in rows
    ]
    return "\n".join(text_table(_HEADER, cells))

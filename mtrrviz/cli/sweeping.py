"""`mtrrviz sweep`: zaps, cycles and boot time of generated boots over vCPUs and memory."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mtrrviz.cli import values
from mtrrviz.cli.commands import DEFAULT_POLICIES, GOOD, print_text
from mtrrviz.cli.constants import add_constant_argument, costs_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator, Sequence

    from mtrrviz.analysis.sweep import SweepRow

DEFAULT_VCPUS = "1,2,4,8,16"
DEFAULT_MEMORY = "2"
FIRMWARES = ("ovmf", "seabios")
STANDARD_OUTPUT = "-"
MOST_VCPUS = 255

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
zap_mcycles, boot_s and extrapolated, and changed_constants where --constant
changed any; - is standard output. Generated boots leave accesses to slow memory
types out, so no CPU's speeds of memory types go into a sweep.

examples:
  mtrrviz sweep
  mtrrviz sweep --vcpus 1,2,4,...,255 --policy per-vcpu --policy per-vm
  mtrrviz sweep --vcpus 8 --memory 2,4,...,1024 --firmware seabios
  mtrrviz sweep --vcpus 1,2,4,...,255 --memory 2,16 -o sweep.csv
  mtrrviz sweep --vcpus 1,2,4,...,64 --constant turn=0
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the axes and where results go."""
    what = f"numbers of vCPUs, up to {MOST_VCPUS}; default: {DEFAULT_VCPUS}"
    parser.add_argument(
        "--vcpus", metavar="LIST", type=values.vcpu_list, default=DEFAULT_VCPUS, help=what
    )
    what = f"sizes of RAM in GiB; default: {DEFAULT_MEMORY}"
    parser.add_argument(
        "--memory", metavar="LIST", type=values.memory_list, default=DEFAULT_MEMORY, help=what
    )
    default = " and ".join(DEFAULT_POLICIES)
    what = f"a policy, may be repeated; default: {default}"
    parser.add_argument("--policy", action="append", metavar="ID", help=what)
    what = "whose boots; default: %(default)s"
    parser.add_argument("--firmware", choices=FIRMWARES, default=FIRMWARES[0], help=what)
    add_constant_argument(parser)
    what = "a file for CSV, - for standard output; default: a table for people"
    parser.add_argument("-o", "--output", metavar="OUT.csv", default=None, help=what)


def sweep(args: argparse.Namespace) -> int:
    """Work out every combination and print or write them."""
    from mtrrviz.analysis.sweep import sweep as sweep_boots
    from mtrrviz.analysis.sweep import write_csv
    from mtrrviz.cli.progress import Progress

    policies, costs = args.policy or DEFAULT_POLICIES, costs_of(args)
    with _output(args.output) as file:
        rows = sweep_boots(
            args.firmware, args.vcpus, args.memory, policies, Progress("points"), costs=costs
        )
        if file is not None:
            write_csv(rows, file, costs)
    if args.output is None:
        print_text(rows_text(rows, costs.label))
    return GOOD


@contextmanager
def _output(name: str | None) -> Generator[TextIO | None]:
    """Open the file for CSV before the work, so that it is not in vain."""
    if name is None or name == STANDARD_OUTPUT:
        yield sys.stdout if name else None
        return
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        yield file


def rows_text(rows: Sequence[SweepRow], label: str) -> str:
    """Return the rows as a table; ``label`` stands beside what is modelled."""
    from mtrrviz.analysis.sweep import sweep_cells, sweep_header
    from mtrrviz.exporters.text_tables import text_table

    return "\n".join(text_table(sweep_header(label), sweep_cells(rows)))

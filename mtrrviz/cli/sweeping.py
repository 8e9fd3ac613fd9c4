"""`mtrrviz sweep`: zaps, cycles and boot time of generated boots over vCPUs and memory."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.commands import DEFAULT_POLICIES, GOOD, print_text
from mtrrviz.cli.grammars.grammar import Grammar
from mtrrviz.cli.options import values
from mtrrviz.cli.options.constants import add_constant_argument, costs_of
from mtrrviz.cli.options.output_files import STANDARD_OUTPUT, format_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mtrrviz.analysis.sweep import SweepRow
    from mtrrviz.sim.cost_model import CostModel

DEFAULT_VCPUS = "1,2,4,8,16"
DEFAULT_MEMORY = "2"
FIRMWARES = ("ovmf", "seabios")
FORMATS = ("csv", "json")
"""What a file may be, the usual one first."""
MOST_VCPUS = 255

DETAILS = """\
Generates a boot for each number of vCPUs and memory size, with register writes
as in the recorded ones, and replays it under each policy. Zap counts come out
of the replay; cycles and boot times are modelled. Rows with more vCPUs than
were ever measured (16) are extrapolated, which the table and the CSV say. All
CPUs are used; Ctrl+C stops. A terminal shows progress.

Lists are numbers with commas in between; "..." goes on as the two numbers
before it do, by doubling, tripling or adding: 1,2,4,...,255 is 1, 2, 4, 8, 16,
32, 64, 128 and 255; 2,5,...,12 is 2, 5, 8, 11 and 12.

-o X.csv writes CSV with the columns firmware, vcpus, memory_gib, policy,
zap_count, zap_mcycles, boot_s and extrapolated, and changed_constants where
--constant changed any; - is standard output. --json and -o X.json give a list
of objects with these keys; changed_constants is an object of names and values.
Generated boots leave accesses to slow memory types out, so no CPU's speeds of
memory types go into a sweep.

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
    what = "a file, OUT.csv or OUT.json, - for standard output; default: a table for people"
    parser.add_argument("-o", "--output", metavar="OUT", default=None, help=what)
    what = "JSON in place of a table or CSV"
    parser.add_argument("--json", action="store_true", help=what)


def sweep(args: argparse.Namespace) -> int:
    """Work out every combination and print or write them."""
    from mtrrviz.analysis.sweep import sweep as sweep_boots
    from mtrrviz.cli.terminal.progress import Progress
    from mtrrviz.exporters.output import write_parts

    policies, costs = args.policy or DEFAULT_POLICIES, costs_of(args)
    form = _format(args)  # refused at once, not after the work
    rows = sweep_boots(
        args.firmware,
        args.vcpus,
        args.memory,
        policies,
        Progress("points"),
        costs=costs,
        here=True,
    )
    if form is None:
        print_text(rows_text(rows, costs.label))
    else:
        write_parts([_written(rows, costs, form)], args.output or STANDARD_OUTPUT)
    return GOOD


def _format(args: argparse.Namespace) -> str | None:
    """Return the format to write, None for a table; MtrrvizError or OSError if it cannot be."""
    from mtrrviz.scenario.files.whole_file import require_writable

    given = "json" if args.json else None
    if args.output is None:
        return given
    form = format_of(args.output, FORMATS, given)
    if args.output != STANDARD_OUTPUT:
        require_writable(Path(args.output))
    return form


def _written(rows: Sequence[SweepRow], costs: CostModel, form: str) -> str:
    """Return the rows as text of a format."""
    from mtrrviz.analysis.sweep import sweep_values, write_csv

    if form == "json":
        return f"{json.dumps(sweep_values(rows, costs), indent=2)}\n"
    text = io.StringIO(newline="")
    write_csv(rows, text, costs)
    return text.getvalue()


def rows_text(rows: Sequence[SweepRow], label: str) -> str:
    """Return the rows as a table; ``label`` stands beside what is modelled."""
    from mtrrviz.analysis.sweep import sweep_cells, sweep_header
    from mtrrviz.exporters.text_tables import text_table

    return "\n".join(text_table(sweep_header(label), sweep_cells(rows)))


GRAMMAR = Grammar(DETAILS, add_arguments, sweep)

"""`mtrrviz mend`: register values for a wanted memory map."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.check_command import PROBLEMS_FOUND
from mtrrviz.cli.commands import GOOD, print_text, time_within
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType

if TYPE_CHECKING:
    from mtrrviz.analysis.solve import WantedMap
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario

FORMATS = ("table", "wrmsr", "proc-mtrr", "c", "edk2", "json")
"""The formats, the usual one first."""
_TYPE_NAMES = tuple(kind.name for kind in MEMORY_TYPES)

DETAILS = """\
Finds the fewest variable ranges for a memory map, together with a default
type and fixed ranges. Ranges overlap only where the manual defines the result
and KVM finds the same. The result is looked up again, page by page, in both
readings; where it is not what was wanted, that is said and the exit code is 1.

The wanted map is the machine's own: RAM WB, all else UC (--rest any: addresses
that the machine does not use may have any type). Or it is read from a file: a
memory map (e820 lines of dmesg, /proc/iomem, QEMU's info mtree), or lines START
SIZE TYPE, as in

  0            2GiB    WB
  0xc000_0000  16MiB   WC     # the frame buffer

examples:
  mtrrviz mend ovmf-8vcpu-2g
  mtrrviz mend dmesg.txt --rest any --format wrmsr > mend.sh
  mtrrviz mend boot.toml --map wanted.txt --pairs 6 --default WB --format edk2
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this command has."""
    what = "a memory map or lines START SIZE TYPE; default: the machine's own layout"
    parser.add_argument("--map", metavar="WANTED", default=None, help=what)
    what = "the type of what the map does not name, or any; default: UC"
    parser.add_argument("--rest", choices=(*_TYPE_NAMES, "any"), default="UC", help=what)
    what = "how many of the 8 pairs may be used; default: 8"
    parser.add_argument("--pairs", metavar="N", type=_pairs, default=8, help=what)
    what = "the default type; default: the one that saves most pairs"
    parser.add_argument("--default", choices=_TYPE_NAMES, default=None, help=what)
    what = "the least size of a range, such as 1MiB; default: 4KiB"
    parser.add_argument("--smallest", metavar="SIZE", type=_smallest, default="4KiB", help=what)
    what = "leave fixed ranges off, so that variable ones count below 1 MiB as well"
    parser.add_argument("--no-fixed", action="store_true", help=what)
    what = "how to print it; default: %(default)s"
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help=what)


def _pairs(text: str) -> int:
    if text not in tuple("012345678"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of pairs (expected 0 to 8)")
    return int(text)


def _smallest(text: str) -> int:
    from mtrrviz.core.units import PAGE_SIZE, parse_size

    try:
        size = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if size < PAGE_SIZE or size & (size - 1):
        raise argparse.ArgumentTypeError(f"{text!r} is no power of two from 4 KiB on")
    return size


def mend(args: argparse.Namespace) -> int:
    """Print registers for the wanted map of a scenario's machine."""
    from mtrrviz.analysis.solve import Limits, solution_text, solve
    from mtrrviz.cli.opening import open_machine

    scenario = open_machine(args.files, args)
    at_ns = time_within(scenario, args.at)
    default = None if args.default is None else MemoryType[args.default]
    limits = Limits(args.pairs, default, not args.no_fixed, args.smallest)
    solution = solve(_wanted(args, scenario.machine), limits)
    if args.format == FORMATS[0]:
        print_text(_now_words(scenario, at_ns, solution.wanted))
    print_text(solution_text(solution, args.format))
    return GOOD if solution.is_exact else PROBLEMS_FOUND


def _now_words(scenario: Scenario, time_ns: int, wanted: WantedMap) -> str:
    """Say what vCPU 0's registers give of the map as they are at a time."""
    from mtrrviz.core.policies import DEFAULT_POLICY_ID
    from mtrrviz.core.units import format_time_ns
    from mtrrviz.session.solution_edit import now_words
    from mtrrviz.sim.replay import apply_event, new_machine

    machine = new_machine(scenario.machine, DEFAULT_POLICY_ID)
    for event in scenario.events[: scenario.events_until(time_ns)]:
        apply_event(machine, event)
    return f"as vCPU 0 is at {format_time_ns(time_ns)}: {now_words(machine.mtrr(0), wanted)}"


def _wanted(args: argparse.Namespace, spec: MachineSpec) -> WantedMap:
    from mtrrviz.analysis.solve import wanted_by_machine, wanted_map
    from mtrrviz.session.wanted_sources import read_file

    rest = None if args.rest == "any" else MemoryType[args.rest]
    if args.map is None:
        return wanted_by_machine(spec, rest)
    return wanted_map(read_file(Path(args.map)), spec.maxphyaddr, rest)

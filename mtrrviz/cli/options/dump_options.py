"""Options of every command that accepts a dump: what kind of machine it is of, how much RAM."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.importers import ImportOptions

_MOST_BITS = 52
MACHINES = ("host", "guest")


def add_dump_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    what = "a real machine or a KVM guest; default: what the files say, else host"
    parser.add_argument("--machine", choices=MACHINES, default=None, help=what)
    what = "the machine's RAM, if the dumps do not say: 2GiB"
    parser.add_argument("--memory", metavar="SIZE", type=_size, default=None, help=what)


def dump_options(args: argparse.Namespace) -> ImportOptions:
    """Return the options as given."""
    from mtrrviz.importers import ImportOptions
    from mtrrviz.scenario.machine_spec import MachineKind

    kind = None if args.machine is None else MachineKind(args.machine)
    return ImportOptions(machine=kind, memory_bytes=args.memory)


def _size(text: str) -> int:
    """Return a positive number of bytes in whole pages."""
    from mtrrviz.core.units import PAGE_SIZE, parse_size

    try:
        size = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not 0 < size < 1 << _MOST_BITS or size % PAGE_SIZE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size of RAM (expected e.g. 2GiB)")
    return size

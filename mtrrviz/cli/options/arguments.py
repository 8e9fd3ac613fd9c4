"""Arguments that several commands accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.cli.commands import DEFAULT_POLICIES
from mtrrviz.cli.options import values
from mtrrviz.cli.options.dump_options import add_dump_options

if TYPE_CHECKING:
    from argparse import ArgumentParser

FILE_HELP = (
    "a scenario file, the name of a built-in scenario (see `mtrrviz list`), or what a machine"
    " printed (see `mtrrviz import --help`); also a file:// address, and - for standard input"
)
POLICY_HELP = "(`mtrrviz list --policies` names all)"


def add_machine(parser: ArgumentParser) -> None:
    """Add one FILE, or several dumps of one machine."""
    what = f"{FILE_HELP}; several dumps make one machine"
    parser.add_argument("files", metavar="FILE", nargs="+", help=what)
    add_dump_options(parser)


def add_moment(parser: ArgumentParser) -> None:
    """Add the options that pick a state: a time and one policy."""
    add_time(parser)
    what = f"the policy; default: %(default)s {POLICY_HELP}"
    parser.add_argument("--policy", metavar="ID", default=DEFAULT_POLICIES[0], help=what)


def add_time(parser: ArgumentParser) -> None:
    """Add the time of a state, which is the end by default."""
    what = "scenario time in seconds, or end; default: end"
    parser.add_argument("--at", metavar="SECONDS", type=values.time_ns, default=None, help=what)


def add_first_time(parser: ArgumentParser) -> None:
    """Add the time of a state, by default the one at which the scenario opens."""
    what = "scenario time in seconds, or end; default: where the scenario opens, else end"
    parser.add_argument("--at", metavar="SECONDS", type=values.time_ns, default=None, help=what)


def add_json(parser: ArgumentParser) -> None:
    """Add the option to print JSON."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

"""The grammar of the command line: the table of commands, their options and their help."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from mtrrviz import __version__
from mtrrviz.cli import check_command as checking
from mtrrviz.cli import (
    commands,
    export,
    importing,
    policies,
    recording,
    solving,
    sweeping,
    validating,
    values,
)
from mtrrviz.cli.constants import add_cost_arguments
from mtrrviz.cli.dump_options import add_dump_options
from mtrrviz.cli.export_help import export_details
from mtrrviz.cli.help_texts import COMPARE, EXAMPLES, EXPLAIN, LIST, RENDER, RUN, SCHEMA
from mtrrviz.cli.window import window
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.kinds import FORMATS, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

_FILE_HELP = (
    "a scenario file, the name of a built-in scenario (see `mtrrviz list`), or what a machine"
    " printed (see `mtrrviz import --help`); also a file:// address, and - for standard input"
)
_POLICY_HELP = "(`mtrrviz list --policies` names all)"


class UsageError(MtrrvizError):
    """The command line cannot be understood."""


class CommandParser(argparse.ArgumentParser):
    """A parser that raises UsageError instead of leaving the program.

    ``details`` end its help; where they take long to put together they are a function.
    """

    details: str | Callable[[], str] | None = None

    def format_help(self) -> str:
        """Return the help with its details, which are made only now."""
        if self.details is not None:
            self.epilog = self.details() if callable(self.details) else self.details
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise the message with a way to learn more."""
        raise UsageError(f"{message} (see `{self.prog} --help`)")


@dataclass(frozen=True)
class Command:
    """A word after `mtrrviz`: its help, its arguments and the function that does it."""

    name: str
    summary: str
    details: str | Callable[[], str]
    add_arguments: Callable[[CommandParser], None]
    handler: Callable[[argparse.Namespace], int]
    aliases: tuple[str, ...] = ()
    """Other words for the same command."""


def _list_arguments(parser: CommandParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--policies", action="store_true", help="list the policies instead")
    constants = "list the constants of the model and the measured CPUs instead"
    what.add_argument("--constants", action="store_true", help=constants)
    _add_json(parser)


def _run_arguments(parser: CommandParser) -> None:
    _add_file(parser)
    default = " and ".join(commands.DEFAULT_POLICIES)
    what = f"a policy, may be repeated; default: {default} {_POLICY_HELP}"
    parser.add_argument("--policy", action="append", metavar="ID", help=what)
    what = "play a boot as with so many vCPUs, 1 to 255, its register writes generated"
    parser.add_argument("--vcpus", metavar="N", type=values.vcpu_count, default=None, help=what)
    add_cost_arguments(parser)
    _add_json(parser)


def _validate_arguments(parser: CommandParser) -> None:
    add_cost_arguments(parser)
    _add_json(parser)


def _compare_arguments(parser: CommandParser) -> None:
    _add_file(parser)
    default = " and ".join(commands.DEFAULT_POLICIES)
    what = f"the policies, to be given twice; default: the scenario's, else {default}"
    parser.add_argument("--policy", action="append", metavar="ID", help=f"{what} {_POLICY_HELP}")
    _add_first_time(parser)
    add_cost_arguments(parser)
    _add_json(parser)


def _explain_arguments(parser: CommandParser) -> None:
    _add_machine(parser)
    what = "guest physical address: 0x8000_0000, 3GiB"
    parser.add_argument("gpa", metavar="GPA", type=values.address, help=what)
    what = "the vCPU whose fault is explained; default: 0"
    parser.add_argument("--vcpu", metavar="N", type=values.vcpu, default=0, help=what)
    _add_moment(parser)
    _add_json(parser)


def _render_arguments(parser: CommandParser) -> None:
    _add_file(parser)
    _add_first_time(parser)
    default = commands.DEFAULT_POLICIES[0]
    what = f"the policy; default: the scenario's, else {default} {_POLICY_HELP}"
    parser.add_argument("--policy", metavar="ID", default=None, help=what)
    width, height = commands.DEFAULT_SIZE
    parser.add_argument(
        "--size",
        metavar="WxH",
        type=values.picture_size,
        default=commands.DEFAULT_SIZE,
        help=f"size of the window in pixels; default: {width}x{height}",
    )
    parser.add_argument(
        "--theme", choices=commands.THEMES, default=commands.THEMES[0], help="default: %(default)s"
    )
    what = "window, map, or another view of it (see below); default: %(default)s"
    parser.add_argument("--view", metavar="NAME", default="window", help=what)
    parser.add_argument(
        "-o", "--output", metavar="X.png", required=True, help="the picture: X.png or X.svg"
    )


def _export_arguments(parser: CommandParser) -> None:
    _add_file(parser)
    parser.add_argument("--what", choices=KINDS, required=True, help="what to export")
    what = "csv or json for tables; default: what the name of the file ends in, or csv"
    parser.add_argument("--format", choices=FORMATS, default=None, help=what)
    first, second = commands.DEFAULT_POLICIES
    what = (
        "a policy; give two for differences and, if you like, for a report; default: as the"
        f" scenario is opened, else {first}, for differences {first} and {second}"
    )
    parser.add_argument("--policy", action="append", metavar="ID", help=f"{what} {_POLICY_HELP}")
    what = "scenario time of ranges and differences in seconds, or end; default: end"
    parser.add_argument("--at", metavar="SECONDS", type=values.time_ns, default=None, help=what)
    what = "the vCPU whose next faults the ranges tell; default: 0"
    parser.add_argument("--vcpu", metavar="N", type=values.vcpu, default=0, help=what)
    add_cost_arguments(parser)
    what = "the file to write; default: - for standard output"
    parser.add_argument("-o", "--output", metavar="OUT", default="-", help=what)


def _check_arguments(parser: CommandParser) -> None:
    _add_machine(parser)
    _add_moment(parser)
    checking.add_output_arguments(parser)


def _solve_arguments(parser: CommandParser) -> None:
    _add_machine(parser)
    _add_time(parser)
    solving.add_arguments(parser)


def _add_moment(parser: CommandParser) -> None:
    """Add the options that pick a state: a time and one policy."""
    _add_time(parser)
    what = f"the policy; default: %(default)s {_POLICY_HELP}"
    parser.add_argument("--policy", metavar="ID", default=commands.DEFAULT_POLICIES[0], help=what)


def _add_time(parser: CommandParser) -> None:
    what = "scenario time in seconds, or end; default: end"
    parser.add_argument("--at", metavar="SECONDS", type=values.time_ns, default=None, help=what)


def _add_first_time(parser: CommandParser) -> None:
    what = "scenario time in seconds, or end; default: where the scenario opens, else end"
    parser.add_argument("--at", metavar="SECONDS", type=values.time_ns, default=None, help=what)


def _no_arguments(parser: CommandParser) -> None:
    del parser


def _add_file(parser: CommandParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FILE_HELP)
    add_dump_options(parser)


def _add_machine(parser: CommandParser) -> None:
    """Add one FILE, or several dumps of one machine."""
    what = f"{_FILE_HELP}; several dumps make one machine"
    parser.add_argument("files", metavar="FILE", nargs="+", help=what)
    add_dump_options(parser)


def _add_json(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("list", "name the built-in scenarios", LIST, _list_arguments, commands.list_all),
        Command(
            "policies",
            "tell what each policy does, and why it came and went",
            policies.DETAILS,
            policies.add_arguments,
            policies.policies,
        ),
        Command("run", "replay a scenario and count its zaps", RUN, _run_arguments, commands.run),
        Command(
            "compare",
            "set two policies beside each other",
            COMPARE,
            _compare_arguments,
            commands.compare,
        ),
        Command(
            "validate",
            "set every published number beside ours",
            validating.DETAILS,
            _validate_arguments,
            validating.validate,
        ),
        Command(
            "sweep",
            "see how zaps and boot time grow with vCPUs and memory",
            sweeping.DETAILS,
            sweeping.add_arguments,
            sweeping.sweep,
        ),
        Command(
            "render",
            "draw the window or a view of it into a PNG or SVG file",
            RENDER,
            _render_arguments,
            commands.render,
        ),
        Command(
            "explain",
            "say why a page has its type",
            EXPLAIN,
            _explain_arguments,
            commands.explain,
        ),
        Command(
            "check",
            "find what is wrong with a machine's memory types",
            checking.DETAILS,
            _check_arguments,
            checking.check,
        ),
        Command(
            "solve",
            "find register values for a memory map",
            solving.DETAILS,
            _solve_arguments,
            solving.solve_command,
            aliases=("mend",),
        ),
        Command(
            "import",
            "make a scenario of what a machine printed",
            importing.DETAILS,
            importing.add_arguments,
            importing.import_machine,
        ),
        Command(
            "record",
            "record this host's VMs as a scenario",
            recording.DETAILS,
            recording.add_arguments,
            recording.record,
        ),
        Command(
            "export",
            "write tables, a trace or a report of a run",
            export_details,
            _export_arguments,
            export.export,
        ),
        Command(
            "schema",
            "print the JSON Schema of scenario files",
            SCHEMA,
            _no_arguments,
            commands.schema,
        ),
    )
}


def command_parser() -> CommandParser:
    """Return the parser of command lines that start with a command or an option."""
    parser = CommandParser(
        prog="mtrrviz",
        usage="mtrrviz [FILE...]\n       mtrrviz TRACE --follow\n       mtrrviz COMMAND ...",
        description="Shows how KVM turns guest MTRRs into EPT memory types, and what the zaps cost."
        "\nWithout a command it opens the window.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mtrrviz {__version__}")
    group = parser.add_subparsers(
        title="commands",
        metavar="COMMAND",
        required=True,
        parser_class=CommandParser,
        prog="mtrrviz",
    )
    for command in COMMANDS.values():
        child = group.add_parser(
            command.name,
            aliases=command.aliases,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        child.details = command.details
        command.add_arguments(child)
        child.set_defaults(handler=command.handler)
    return parser


def window_parser() -> CommandParser:
    """Return the parser of command lines that open the window."""
    parser = CommandParser(
        prog="mtrrviz", description="Open the window.", allow_abbrev=False, epilog=EXAMPLES
    )
    what = f"{_FILE_HELP}; several are dumps of one machine"
    parser.add_argument("files", metavar="FILE", nargs="*", help=what)
    what = "FILE is a trace that is being written: show what is appended to it"
    parser.add_argument("--follow", action="store_true", help=what)
    parser.set_defaults(handler=window)
    return parser


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed command line with the function to call as ``handler``.

    A first word that is no command is the file to open. Raises UsageError; --help and --version
    print and raise SystemExit.
    """
    first = arguments[0] if arguments else None
    is_command = any(first in (one.name, *one.aliases) for one in COMMANDS.values())
    is_option = first is not None and first.startswith("-") and first not in ("-", "--", "--follow")
    if is_command or is_option:
        return command_parser().parse_args(arguments)
    return window_parser().parse_args(arguments)

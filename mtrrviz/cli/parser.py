"""The command line as a whole: the table of commands, and the parser of each.

What a command accepts is in the module that does it, which is imported when the command is chosen.
"""

from __future__ import annotations

import argparse
import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, cast

from mtrrviz import __version__
from mtrrviz.cli.grammars.grammar import CommandParser, UsageError
from mtrrviz.cli.grammars.help_texts import EXAMPLES
from mtrrviz.cli.terminal.colour import ColourWhen, choose
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.cli.grammars.grammar import Grammar


class Command(Record):
    """A word after `mtrrviz`, its help, and the place of its grammar: "module:NAME"."""

    name: str
    summary: str
    place: str
    aliases: tuple[str, ...] = ()
    """Other words for the same command."""

    @property
    def words(self) -> tuple[str, ...]:
        """All words that choose it."""
        return self.name, *self.aliases

    def grammar(self) -> Grammar:
        """Return what it accepts and does, which imports its module."""
        module, _, name = self.place.partition(":")
        return cast("Grammar", getattr(import_module(f"mtrrviz.cli.{module}"), name))


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("list", "name the built-in scenarios", "grammars.command_grammars:LIST_GRAMMAR"),
        Command(
            "policies",
            "describe what each policy does, and why it was added and dropped",
            "policies:GRAMMAR",
        ),
        Command(
            "run", "replay a scenario and count its zaps", "grammars.command_grammars:RUN_GRAMMAR"
        ),
        Command("compare", "compare two policies", "grammars.command_grammars:COMPARE_GRAMMAR"),
        Command(
            "validate", "compare every published number with the model's", "validating:GRAMMAR"
        ),
        Command(
            "sweep", "see how zaps and boot time grow with vCPUs and memory", "sweeping:GRAMMAR"
        ),
        Command(
            "render",
            "draw the window or a view of it into a PNG or SVG file",
            "grammars.command_grammars:RENDER_GRAMMAR",
        ),
        Command(
            "explain",
            "explain why a page has its type",
            "grammars.command_grammars:EXPLAIN_GRAMMAR",
        ),
        Command(
            "check", "find what is wrong with a machine's memory types", "check_command:GRAMMAR"
        ),
        Command("solve", "find register values for a memory map", "solving:GRAMMAR", ("mend",)),
        Command("import", "make a scenario of what a machine printed", "importing:GRAMMAR"),
        Command("record", "record this host's VMs as a scenario", "recording:GRAMMAR"),
        Command("export", "write tables, a trace or a report of a run", "export:GRAMMAR"),
        Command("lesson", "list, check, print and grade lessons", "lesson_command:GRAMMAR"),
        Command(
            "desktop",
            "put the program into the desktop's menu, or take it out",
            "desktop_command:GRAMMAR",
        ),
        Command(
            "completion",
            "print what completes this command line in a shell",
            "completion_command:GRAMMAR",
        ),
        Command("help", "explain a word, or show a page of the manual", "help_command:GRAMMAR"),
        Command(
            "schema",
            "print the JSON Schema of scenario files",
            "grammars.command_grammars:SCHEMA_GRAMMAR",
        ),
    )
}


def command_parser(chosen: str | None = None, *, comes_first: bool = False) -> CommandParser:
    """Return the parser of command lines with the command ``chosen``, "" for one with options only.

    That command alone gets its arguments, since it alone is imported; all do for None. Where it
    ``comes_first`` no other command is named in any message, and none has a parser.
    """
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
    _add_colour(parser, ColourWhen.AUTO.value)
    group = parser.add_subparsers(
        title="commands",
        metavar="COMMAND",
        required=True,
        parser_class=CommandParser,
        prog="mtrrviz",
    )
    for command in COMMANDS.values():
        if comes_first and chosen not in command.words:
            continue
        child = group.add_parser(
            command.name,
            aliases=command.aliases,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if chosen is None or chosen in command.words:
            grammar = command.grammar()
            child.details = grammar.details
            grammar.add_arguments(child)
            _add_colour(child, argparse.SUPPRESS)
            child.set_defaults(handler=grammar.handler)
    return parser


def _add_colour(parser: CommandParser, default: str) -> None:
    """Add the option that commands have as well as the program; the one given last counts."""
    what = "use colour; default: auto, on terminals unless NO_COLOR is set"
    choices = [when.value for when in ColourWhen]
    parser.add_argument("--color", choices=choices, default=default, help=what)


def window_parser() -> CommandParser:
    """Return the parser of command lines that open the window."""
    from mtrrviz.cli.options.arguments import FILE_HELP
    from mtrrviz.cli.window import window

    parser = CommandParser(
        prog="mtrrviz",
        description="Open the window.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    what = f"{FILE_HELP}; several are dumps of one machine; or a lesson (.md)"
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
    first = arguments[0] if arguments else ""
    is_option = first.startswith("-") and first not in ("-", "--", "--follow")
    if _is_command(first) or is_option:
        chosen = next((word for word in arguments if _is_command(word)), "")
        parser = command_parser(chosen, comes_first=_is_command(first))
        args = parser.parse_args(arguments)
        choose(ColourWhen(args.color))
        return args
    _refuse_slip(first)
    return window_parser().parse_args(arguments)


def _is_command(word: str) -> bool:
    """Whether a word chooses a command."""
    return any(word in command.words for command in COMMANDS.values())


def _refuse_slip(word: str) -> None:
    """Raise UsageError for a first word that is no file and nearly a command."""
    if not re.fullmatch(r"[A-Za-z-]+", word) or os.path.lexists(word):
        return
    from mtrrviz.core.wording.slips import did_you_mean
    from mtrrviz.paths import scenarios_dir

    meant = did_you_mean(word.lower(), COMMANDS)
    if meant and not (scenarios_dir() / f"{word}.toml").is_file():
        raise UsageError(f"{word}: no such command or file; {meant}(see `mtrrviz --help`)")

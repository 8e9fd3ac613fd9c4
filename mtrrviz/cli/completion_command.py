"""`mtrrviz completion`: what completes commands, options and their values in a shell."""

from __future__ import annotations

import argparse
from typing import cast

from mtrrviz.cli.commands import GOOD
from mtrrviz.cli.grammars.grammar import Grammar

SHELLS = ("bash", "zsh", "fish")
_FILE_WORDS = ("FILE", "LESSON", "RESULT", "WANTED", "OUT", "OUT.toml", "X.png", "X.html")
"""What arguments are called that are files."""
_COMPLETE = "complete"
"""Where shtab looks for what completes an argument."""

DETAILS = """\
Prints a script that completes commands, options and policies. That of zsh is
called _mtrrviz and goes into a directory of $fpath.

examples:
  mtrrviz completion bash > ~/.local/share/bash-completion/completions/mtrrviz
  mtrrviz completion zsh > ~/.zfunc/_mtrrviz
  mtrrviz completion fish > ~/.config/fish/completions/mtrrviz.fish
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shell."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def completion(args: argparse.Namespace) -> int:
    """Print the script of a shell."""
    from mtrrviz.cli.parser import command_parser

    print(completion_script(command_parser(), args.shell), end="")
    return GOOD


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script that completes the command line of a parser in a shell.

    The parser is given what can be completed, and is good for nothing else afterwards.
    """
    import shtab

    from mtrrviz.core.policies import policy_ids

    every = (parser, *parsers_of(parser).values())
    for action in (action for one in every for action in one._actions):  # noqa: SLF001
        if action.metavar in _FILE_WORDS:
            setattr(action, _COMPLETE, shtab.FILE)
        elif action.dest == "policy":
            action.choices = policy_ids()
    return f"{shtab.complete(parser, shell).rstrip()}\n"


def parsers_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of all commands, those of their actions after them, by what is typed."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:  # noqa: SLF001 - argparse tells of them nowhere else
        choices: object = action.choices
        children = cast("dict[str, object]", choices).values() if isinstance(choices, dict) else ()
        for child in dict.fromkeys(children):
            if isinstance(child, argparse.ArgumentParser):
                found |= {child.prog: child, **parsers_of(child)}
    return found


GRAMMAR = Grammar(DETAILS, add_arguments, completion)

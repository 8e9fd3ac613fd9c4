"""Pages of the manual that are made of the program: its commands and its policies."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mtrrviz.analysis.policy_rules import policy_rules, story
from mtrrviz.cli.grammars.grammar import CommandParser
from mtrrviz.cli.parser import COMMANDS, Command
from mtrrviz.core.policies import get_policy, policy_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.core.kvm_rules.policy import Policy

_KINDS = {"leaf": "Leaf", "zap": "Zap", "cost": "Cost"}


def policies_page() -> str:
    """Return the page that tells of each policy what `mtrrviz policies` tells."""
    told = (
        f"There are {len(policy_ids())} policies: versions of KVM's rules that were released, and "
        "proposals that were not. The [Policy panel](policy.md) and `mtrrviz policies` tell the "
        "same; what a case comes to is found by asking the model."
    )
    each = (_policy(get_policy(name)) for name in policy_ids())
    parts = ["# The policies, one by one", told, *each]
    return "\n\n".join(parts) + "\n"


def _policy(policy: Policy) -> str:
    parts = [f"## {policy.id}", f"{policy.title}: {policy.versions}."]
    parts += [f"**{_plain(title)}.** {_plain(text)}" for title, text in story(policy)]
    if policy.defects:
        parts.append("**Known defects.**")
        parts.append("\n".join(f"- {_plain(defect)}" for defect in policy.defects))
    if policy.switches:
        parts.append("**Switches.**")
        parts.append(
            "\n".join(f"- `{s.id}`: {s.title}. {_plain(s.meaning)}" for s in policy.switches)
        )
    rows = [
        f"| {_KINDS[rule.kind]}: {_plain(rule.case)} | {_plain(rule.answer)} |"
        for rule in policy_rules(policy)
    ]
    parts.append("\n".join(["| case | what it does |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def commands_page() -> str:
    """Return the page that tells of each command what its `--help` tells."""
    told = (
        "Every command with its arguments, as `mtrrviz COMMAND --help` prints them. "
        "[The command line](command-line.md) shows the usual ones."
    )
    parts = ["# The commands, one by one", told, *map(_command, COMMANDS.values())]
    return "\n\n".join(parts) + "\n"


def _command(command: Command) -> str:
    parser = CommandParser(prog=f"mtrrviz {command.name}", add_help=False)
    grammar = command.grammar()
    grammar.add_arguments(parser)
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    also = "".join(f" Its other name is `{alias}`." for alias in command.aliases)
    parts = [f"## {command.name}", f"{summary}{also}"]
    rows = "\n".join(_rows(parser))
    if rows:
        parts.append(rows)
    details = grammar.details() if callable(grammar.details) else grammar.details
    if details.strip():
        parts.append(f"```text\n{details.strip()}\n```")
    return "\n\n".join(parts)


def _rows(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:  # argparse has no other way to ask
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield f"- `{name}`"
                yield from (f"    {row}" for row in _rows(child))
        elif not isinstance(action, argparse._HelpAction) and action.help is not argparse.SUPPRESS:
            yield f"- {_name(action)}: {_plain(_help(action))}"


def _help(action: argparse.Action) -> str:
    """Return the help of an argument with its default and choices put in, as argparse does."""
    values = {"default": action.default, "choices": ", ".join(map(str, action.choices or ()))}
    return (action.help or "") % values


def _name(action: argparse.Action) -> str:
    """Return an argument as it is typed."""
    value = "" if action.nargs == 0 else _value(action)
    if not action.option_strings:
        return f"`{value}`"
    return ", ".join(f"`{option} {value}`".replace(" `", "`") for option in action.option_strings)


def _value(action: argparse.Action) -> str:
    if action.choices is not None and action.metavar is None:
        return "|".join(map(str, action.choices))
    metavar = action.metavar or action.dest.upper()
    return metavar if isinstance(metavar, str) else " ".join(metavar)


def _plain(text: str) -> str:
    """Return a text so that Markdown shows it as it is, what is in backquotes aside."""
    parts = text.split("`")
    for number in range(0, len(parts), 2):
        for mark in ("*", "<", "[", "|"):
            parts[number] = parts[number].replace(mark, f"\\{mark}")
    return "`".join(parts)

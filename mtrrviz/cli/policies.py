"""`mtrrviz policies`: what each policy does in every case, its switches and its story."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

from mtrrviz.cli.commands import GOOD, print_json, print_text
from mtrrviz.cli.grammars.grammar import Grammar

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from mtrrviz.core.kvm_rules.policy import Policy

_WIDTH = 96
DETAILS = """\
Leaves and zaps are found by asking the policy, so they hold for its switches
as well: name ID:SWITCH to see a policy with one on.

--json prints a list of objects: id, title, versions, summary, changed, why,
fate, defects (list), source, switches (list: id, title, meaning, on), rules
(list: kind (leaf, zap or cost), case, answer).

examples:
  mtrrviz policies
  mtrrviz policies per-vm kvm-6.16
  mtrrviz policies per-vcpu:sdm-lookup --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `mtrrviz policies`."""
    parser.add_argument("policy", nargs="*", metavar="ID", help="a policy; default: all")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def policies(args: Namespace) -> int:
    """Print what the policies do and why they were."""
    from mtrrviz.core.policies import get_policy, policy_ids

    chosen = [get_policy(name) for name in args.policy or policy_ids()]
    if args.json:
        print_json([_values(policy) for policy in chosen])
    else:
        print_text("\n\n".join(_text(policy) for policy in chosen))
    return GOOD


def _values(policy: Policy) -> dict[str, Any]:
    from mtrrviz.analysis.policy_rules import policy_rules

    names = ("id", "title", "versions", "summary", "changed", "why", "fate")
    return {
        **{name: getattr(policy, name) for name in names},
        "defects": list(policy.defects),
        "source": policy.source,
        "switches": [
            {"id": s.id, "title": s.title, "meaning": s.meaning, "on": s.id in policy.active}
            for s in policy.switches
        ],
        "rules": [
            {"kind": rule.kind, "case": rule.case, "answer": rule.answer}
            for rule in policy_rules(policy)
        ],
    }


def _text(policy: Policy) -> str:
    """Return a policy as paragraphs and one table."""
    from mtrrviz.analysis.policy_rules import policy_rules, story

    rules = policy_rules(policy)
    width = max(len(f"{rule.kind}, {rule.case}") for rule in rules)
    table = [f"  {f'{rule.kind}, {rule.case}':<{width}}  {rule.answer}" for rule in rules]
    told = [_paragraph(f"{title}: {text}") for title, text in story(policy)]
    defects = [_paragraph(f"- {defect}") for defect in policy.defects]
    switches = [_paragraph(f"{s.id}: {s.title}. {s.meaning}") for s in policy.switches]
    parts = [f"{policy.id}: {policy.title}", f"  {policy.versions}", *told, "  Known defects:"]
    parts += [*defects, *(["  Switches:", *switches] if switches else []), "  Rules:", *table]
    return "\n".join(parts)


def _paragraph(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")


GRAMMAR = Grammar(DETAILS, add_arguments, policies)

"""Rules that plug-ins add; one that fails while it looks is named and finds nothing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.analysis.checks.rule_registry import RULES
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.plugins import CHECKS, leave_out, plugins

if TYPE_CHECKING:
    from mtrrviz.analysis.checks.problem import Finding
    from mtrrviz.analysis.checks.rule_registry import RuleFunction
    from mtrrviz.analysis.checks.subject import Subject


@cache
def add_rules() -> None:
    """Load the rules of plug-ins, once."""
    plugins(CHECKS, _take)


def _take(words: str, found: object) -> None:
    """Let a rule that loading entered into the registry do no harm."""
    own = next((one for one in RULES.values() if one.find is found), None)
    if own is None:
        raise MtrrvizError(f"{found!r} is no rule (expected a function under mtrrviz.rule(...))")
    RULES[own.id] = replace(own, find=_harmless(words, own.find))


def _harmless(words: str, find: RuleFunction) -> RuleFunction:
    def guarded(subject: Subject) -> list[Finding]:
        try:
            return list(find(subject))
        except Exception as error:  # noqa: BLE001 - whatever a stranger's code does
            leave_out(CHECKS, words, error)
            return []

    return guarded

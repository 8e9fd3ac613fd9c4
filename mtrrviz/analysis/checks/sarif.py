"""Problems as SARIF 2.1.0, the format code scanners exchange results in (OASIS standard)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mtrrviz import __version__
from mtrrviz.analysis.checks.check_output import problem_json, register_name, where_words
from mtrrviz.analysis.checks.rule_registry import RULES, Rule
from mtrrviz.core.project import HOMEPAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.analysis.checks.problem import Problem

Line = tuple[str, int]
"""A file's name and a line in it from 1, 0 for the whole file."""

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_log(
    problems: Sequence[Problem],
    file: str,
    line_of: Callable[[Problem], Line | None] = lambda _problem: None,
    base: Path | None = None,
) -> dict[str, Any]:
    """Return a SARIF log with one run; ``file`` is the path or name that was checked.

    ``line_of`` tells the line of a log that a problem rests on. Files below ``base`` are named
    relative to it, other absolute paths as file addresses.
    """
    driver = {
        "name": "mtrrviz",
        "informationUri": HOMEPAGE,
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    results = [_result(one, _place(one, line_of), file, base) for one in problems]
    runs = [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}


def _place(problem: Problem, line_of: Callable[[Problem], Line | None]) -> Line | None:
    """Return the line that a problem rests on: the one that tells it, else one that it needs."""
    where = problem.where
    return (where.file, where.line) if where.file else line_of(problem)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.remedy} Source: {rule.source}."},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(problem: Problem, place: Line | None, file: str, base: Path | None) -> dict[str, Any]:
    return {
        "ruleId": problem.rule,
        "ruleIndex": list(RULES).index(problem.rule),
        "level": problem.severity.value,
        "message": {"text": f"{problem.title}. {problem.remedy}"},
        "locations": [_location(problem, place or (file, 0), base)],
        "properties": problem_json(problem),
    }


def _location(problem: Problem, place: Line, base: Path | None) -> dict[str, Any]:
    """Return file and line, and the registers as logical places within it."""
    file, line = place
    physical: dict[str, Any] = {"artifactLocation": _artifact(file, base)}
    if line:
        physical["region"] = {"startLine": line}
    location: dict[str, Any] = {"physicalLocation": physical}
    names = [
        {"fullyQualifiedName": f"vcpu{vcpu}.{register_name(msr)}", "kind": "variable"}
        for vcpu in problem.where.vcpus[:1]
        for msr in problem.where.msrs
    ]
    if names:
        location["logicalLocations"] = names
    if words := where_words(problem):
        location["message"] = {"text": words}
    return location


def _artifact(file: str, base: Path | None) -> dict[str, Any]:
    """Return the address of a file."""
    path = Path(file)
    if base is not None and (path.is_absolute() or ".." in path.parts):
        path = (base / path).resolve()
        if not path.is_relative_to(base.resolve()):
            return {"uri": path.as_uri()}
        path = path.relative_to(base.resolve())
    return {"uri": quote(os.fsencode(path.as_posix()))}

"""Problems as JSON values and as lines of text."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.checks.cpu_words import cpu_words
from mtrrviz.analysis.checks.subject import vcpu_words
from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_time_ns
from mtrrviz.scenario.machine_spec import MachineKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.checks.problem import Problem

_WIDTH = 96
_MOST_NAMES = 4


def problem_json(problem: Problem) -> dict[str, Any]:
    """Return a problem's columns; what does not apply is null or an empty list."""
    where = problem.where
    return {
        "rule": problem.rule,
        "severity": problem.severity.value,
        "title": problem.title,
        "vcpus": list(where.vcpus),
        "msrs": list(where.msrs),
        "start": None if where.gfns is None else where.gfns[0] << PAGE_SHIFT,
        "end": None if where.gfns is None else where.gfns[1] << PAGE_SHIFT,
        "event": where.event,
        "since_s": None if where.since_ns is None else where.since_ns / 1e9,
        "why": problem.why,
        "remedy": problem.remedy,
        "source": problem.source,
        "file": where.file or None,
        "line": where.line or None,
    }


def where_words(problem: Problem) -> str:
    """Return a problem's place in one line: vCPUs, registers, addresses, event, line of a log."""
    where = problem.where
    cpus = cpu_words if problem.machine is MachineKind.HOST else vcpu_words
    parts = [cpus(where.vcpus)] if where.vcpus else []
    if where.msrs:
        names = [register_name(msr) for msr in where.msrs[:_MOST_NAMES]]
        more = len(where.msrs) - len(names)
        parts.append(", ".join(names) + (f" and {more} more" if more else ""))
    if where.gfns:
        start, end = where.gfns[0] << PAGE_SHIFT, (where.gfns[1] << PAGE_SHIFT) - 1
        parts.append(f"{format_gpa(start)}-{format_gpa(end)}")
    # What an import of a real machine sets at the start is no event of it.
    is_state = problem.machine is MachineKind.HOST and not where.since_ns
    if where.event is not None and where.since_ns is not None and not is_state:
        parts.append(f"event {where.event} at {format_time_ns(where.since_ns)}")
    if where.file:
        parts.append(f"{where.file}: line {where.line}" if where.line else where.file)
    return "; ".join(parts)


def register_name(msr: int) -> str:
    """Return a register's name, or its number: a refused write may name one that there is not."""
    found = REGISTERS.get(msr)
    return f"MSR {msr:#x}" if found is None else found.name


def problems_text(problems: Sequence[Problem]) -> str:
    """Return the problems, worst first, each with place, reason, remedy and source."""
    if not problems:
        return "no problems found"
    return "\n\n".join([*(_block(problem) for problem in problems), _count(problems)])


def _block(problem: Problem) -> str:
    rows = {
        "where": where_words(problem),
        "why": problem.why,
        "fix": problem.remedy,
        "source": problem.source,
    }
    head = f"{problem.severity.value}: {problem.title}  [{problem.rule}]"
    return "\n".join([head, *(_row(name, text) for name, text in rows.items() if text)])


def _row(name: str, text: str) -> str:
    return fill(text, _WIDTH, initial_indent=f"  {name:<7} ", subsequent_indent=" " * 10)


def _count(problems: Sequence[Problem]) -> str:
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.severity.value] = counts.get(problem.severity.value, 0) + 1
    return ", ".join(f"{n} {word}{'s' * (n > 1)}" for word, n in counts.items())

"""Leaves that have a type a fault would not give any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.rule_registry import rule
from mtrrviz.core.ept import TYPE_SHIFT
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.registers import REGISTERS
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.analysis.checks.subject import LoggedWrite, Subject

_TYPE_MASK = np.uint8(7)


@dataclass(frozen=True, slots=True)
class _Stale:
    """Leaves of one type that should have another: rows of the leaf table, lowest gfn first."""

    rows: NDArray[np.intp]
    has: MemoryType
    wants: MemoryType


def _stale(subject: Subject) -> list[_Stale]:
    """Return the live leaves whose type differs from what a fault of their vCPU would give now."""
    leaves, rows = subject.state.run.leaves, subject.state.live_rows
    rows = rows[~_in_bars(subject, rows)]
    found: dict[tuple[int, int], list[NDArray[np.intp]]] = {}
    for vcpu in np.intersect1d(leaves.vcpu[rows], subject.vcpus).tolist():
        mine = rows[leaves.vcpu[rows] == vcpu]
        fault_map = subject.machine.fault_map(vcpu)
        has = leaves.bits[mine] >> np.uint8(TYPE_SHIFT) & _TYPE_MASK
        now, _ = fault_map.leaves_at(leaves.first_gfn[mine])
        wants = now >> np.uint8(TYPE_SHIFT) & _TYPE_MASK
        for key in {(int(a), int(b)) for a, b in zip(has, wants, strict=True) if a != b}:
            found.setdefault(key, []).append(mine[(has == key[0]) & (wants == key[1])])
    return [
        _Stale(_by_gfn(subject, np.concatenate(parts)), MemoryType(has), MemoryType(wants))
        for (has, wants), parts in sorted(found.items())
    ]


def _by_gfn(subject: Subject, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    return rows[np.argsort(subject.state.run.leaves.first_gfn[rows], kind="stable")]


def _in_bars(subject: Subject, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which leaves map a passed-through BAR; their type never depends on MTRRs."""
    first = subject.state.run.leaves.first_gfn[rows]
    inside = np.zeros(len(rows), np.bool_)
    for region in subject.spec.regions:
        if region.kind is RegionKind.PASSTHROUGH:
            inside |= (first >= np.uint64(region.first_gfn)) & (first < np.uint64(region.end_gfn))
    return inside


@rule(
    "stale-leaves",
    Severity.WARNING,
    "leaves have a type that is no longer the page's",
    why="KVM zaps the new place of a variable range, not the old one, and CR0.CD edges zap nothing "
    "while the quirk is on. Leaves made before keep their type until something else drops them.",
    remedy="Clear V before a pair is moved (that zaps the old place), or write the default type "
    "register last (that zaps everything).",
    source="update_mtrr()",
)
def stale_leaves(subject: Subject) -> Iterator[Finding]:
    """Report stale leaves by old and new type, with the write that left them behind."""
    leaves = subject.state.run.leaves
    for one in _stale(subject):
        first = one.rows[0]
        start = int(leaves.first_gfn[first])
        end = _run_end(subject, one.rows)
        cause = _mover(subject, start, int(leaves.born_ns[first]))
        noun = "leaves" if len(one.rows) > 1 else "leaf"
        title = (
            f"{len(one.rows)} {one.has.name} {noun} where a fault would now give {one.wants.name},"
            f" the first at {format_gpa(start << PAGE_SHIFT)}{_cause_words(cause)}"
        )
        vcpus = tuple(sorted({int(vcpu) for vcpu in leaves.vcpu[one.rows]}))
        yield Finding(title, _place(vcpus, (start, end), cause))


def _run_end(subject: Subject, rows: NDArray[np.intp]) -> int:
    """Return the end of the run of touching leaves that the first row starts."""
    leaves = subject.state.run.leaves
    first, pages = leaves.first_gfn[rows], leaves.pages[rows]
    gaps = np.flatnonzero(first[1:] != (first + pages)[:-1])
    last = int(gaps[0]) if len(gaps) else len(rows) - 1
    return int(first[last] + pages[last])


def _mover(subject: Subject, gfn: int, born_ns: int) -> LoggedWrite | None:
    """Return the last write since a leaf's birth that took a pair away from its page."""
    for entry in reversed(subject.log):
        if entry.event.time_ns < born_ns:
            return None
        if _takes_away(entry, gfn):
            return entry
    return None


def _takes_away(entry: LoggedWrite, gfn: int) -> bool:
    if not entry.event.writes_msr or entry.refusal:
        return False
    found = REGISTERS[entry.event.register]
    if found.kind not in ("base", "mask"):
        return False
    before = entry.before.variable_ranges()[found.index]
    after = entry.after.variable_ranges()[found.index]
    had = before.valid and before.start_gfn <= gfn < before.end_gfn
    return had and not (after.valid and after.start_gfn <= gfn < after.end_gfn)


def _cause_words(cause: LoggedWrite | None) -> str:
    if cause is None:
        return ""
    name = REGISTERS[cause.event.register].name
    return f"; left by vCPU {cause.event.vcpu}'s write of {name}"


def _place(vcpus: tuple[int, ...], gfns: tuple[int, int], cause: LoggedWrite | None) -> Where:
    if cause is None:
        return Where(vcpus, (), gfns)
    event = cause.event
    return Where(vcpus, (event.register,), gfns, cause.index, event.time_ns)

"""Leaves that a fault would now make differently (see :mod:`mtrrviz.facts.stale`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.analysis.checks.subject import vcpu_words
from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.msr.registers import DEFTYPE, PAIR_MSRS, PHYSBASE0, REGISTERS
from mtrrviz.core.sorting import distinct
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.core.variable_ranges import pairs_cover
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.stale import StaleGroup, stale_groups
from mtrrviz.scenario.event_columns import kind_flags
from mtrrviz.scenario.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.analysis.checks.register_log import LoggedWrite, RegisterLog
    from mtrrviz.analysis.checks.subject import Subject
    from mtrrviz.facts.expected import Expected

_BY_GUEST = kind_flags((EventKind.WRMSR, EventKind.MOV_CR0))


def _askers(subject: Subject) -> list[tuple[int, ...]]:
    """Return the vCPUs whose faults are asked about, those that would get the same together.

    Left out are those of an imported machine about whose MTRRs nothing is told and, unless it is
    the only one asked about, a vCPU that has not run so far and will not fault as it is now.
    """
    found: dict[Expected, list[int]] = {}
    machine, awake = subject.machine, _awake(subject)
    for vcpu in subject.vcpus:
        owner = machine.policy.mtrr_owner(vcpu)
        is_known = machine.override(vcpu) is not None or subject.is_told_of(owner, (DEFTYPE,))
        if is_known and (len(subject.vcpus) == 1 or vcpu in awake):
            found.setdefault(expected_at(subject.state, vcpu), []).append(vcpu)
    return [tuple(vcpus) for vcpus in found.values()]


def _awake(subject: Subject) -> set[int]:
    """Return the vCPUs that have written a register or made a leaf so far."""
    log = subject.log
    wrote = set(distinct(log.vcpu[_BY_GUEST[log.kind]]).tolist())
    born = int(np.searchsorted(subject.state.run.leaves.born_ns, subject.state.time_ns, "right"))
    return wrote | set(distinct(subject.state.run.leaves.vcpu[:born]).tolist())


@rule(
    "stale-leaves",
    Severity.WARNING,
    "leaves are stale: a fault would map them otherwise now",
    why="KVM zaps the new place of a variable range, not the old one, and CR0.CD edges zap nothing "
    "while the quirk is on, nor does disabling it. Leaves made before keep their type until "
    "something else drops them.",
    remedy="Clear V before a pair is moved (that zaps the old place), or write the default type "
    "register last (that zaps everything).",
    source="update_mtrr()",
    machines=GUESTS,
)
def stale_leaves(subject: Subject) -> Iterator[Finding]:
    """Report stale leaves by old and new type, with the write that left them behind.

    What is stale for one vCPU may be as another would make it; leaves that are stale alike for
    several are one finding.
    """
    found: dict[tuple[int, tuple[int, ...], bytes], tuple[StaleGroup, list[int]]] = {}
    for vcpus in _askers(subject):
        for group in stale_groups(subject.state, vcpus[0]):
            key = (group.has, group.wants, group.rows.tobytes())
            found.setdefault(key, (group, []))[1].extend(vcpus)
    for group, vcpus in found.values():
        yield _finding(subject, tuple(sorted(vcpus)), group)


def _finding(subject: Subject, vcpus: tuple[int, ...], group: StaleGroup) -> Finding:
    leaves, first = subject.state.run.leaves, int(group.rows[0])
    start = int(leaves.first_gfn[first])
    cause = _mover(subject, vcpus, _first_stale_gfn(subject, vcpus[0], first), first)
    noun = "leaves" if len(group.rows) > 1 else "leaf"
    has, wants = _words(group)
    title = (
        f"{len(group.rows)} {has} {noun} where a fault by {vcpu_words(vcpus)} would now give"
        f" {wants}, the first at {format_gpa(start << PAGE_SHIFT)}{_cause_words(cause)}"
    )
    # IPAT alone makes no difference where the guest's PAT says WB, as it does for nearly all RAM.
    severity = Severity.NOTE if group.is_same_type else None
    return Finding(title, _place(vcpus, (start, _run_end(subject, group.rows)), cause), severity)


def _words(group: StaleGroup) -> tuple[str, str]:
    """Return what the leaves are and should be: the types, and IPAT where types do not tell."""
    has, wants = bits_to_leaf(group.has), [bits_to_leaf(bits) for bits in group.wants]
    if has[0] in (kind for kind, _ in wants):
        return f"{has[0].name} (IPAT {has[1]})", " or ".join(
            f"{kind.name} (IPAT {ipat})" for kind, ipat in wants
        )
    return has[0].name, " or ".join(dict.fromkeys(kind.name for kind, _ in wants))


def _first_stale_gfn(subject: Subject, vcpu: int, row: int) -> int:
    """Return the first page of a stale leaf that a fault would map otherwise."""
    leaves = subject.state.run.leaves
    first, end = int(leaves.first_gfn[row]), int(leaves.first_gfn[row] + leaves.pages[row])
    spans = expected_at(subject.state, vcpu).spans(first, end)
    return next(gfn for gfn, _, bits in spans if bits != int(leaves.bits[row]))


def _run_end(subject: Subject, rows: NDArray[np.intp]) -> int:
    """Return the end of the run of touching leaves that the first row starts."""
    leaves = subject.state.run.leaves
    first, pages = leaves.first_gfn[rows], leaves.pages[rows]
    gaps = np.flatnonzero(first[1:] != (first + pages)[:-1])
    last = int(gaps[0]) if len(gaps) else len(rows) - 1
    return int(first[last] + pages[last])


def _mover(subject: Subject, vcpus: tuple[int, ...], gfn: int, row: int) -> LoggedWrite | None:
    """Return the last write after a leaf's birth that took a pair away from a page of it.

    Writes of the time of its birth came before it. Only MTRRs that faults of ``vcpus`` ask count.
    """
    log, born_ns = subject.log, int(subject.state.run.leaves.born_ns[row])
    owners = [subject.machine.policy.mtrr_owner(vcpu) for vcpu in vcpus]
    later = (log.time_ns > born_ns) & log.writes_msr & ~log.refused
    rows = np.flatnonzero(later & np.isin(log.register, PAIR_MSRS) & np.isin(log.vcpu, owners))
    found = rows[_take_away(log, rows, gfn, subject.spec.maxphyaddr)]
    return log.entry(int(found[-1])) if len(found) else None


def _take_away(
    log: RegisterLog, rows: NDArray[np.intp], gfn: int, maxphyaddr: int
) -> NDArray[np.bool_]:
    """Return which of some accepted writes of pairs take the pair away from a page."""
    other, is_base = log.other_half(rows), log.register[rows] % 2 == PHYSBASE0 % 2

    def cover(value: NDArray[np.uint64]) -> NDArray[np.bool_]:
        base, mask = np.where(is_base, value, other), np.where(is_base, other, value)
        return pairs_cover(base, mask, maxphyaddr, gfn)

    return cover(log.old_value[rows]) & ~cover(log.value[rows])


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

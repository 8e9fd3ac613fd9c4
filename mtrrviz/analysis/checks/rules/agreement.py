"""vCPUs that hold different MTRRs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.analysis.checks.subject import vcpu_words
from mtrrviz.core.msr.registers import PAT, register
from mtrrviz.core.units import format_time_ns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.checks.subject import Group, Subject

_MOST_NAMES = 3


@rule(
    "vcpus-disagree",
    Severity.ERROR,
    "vCPUs hold different MTRRs",
    why="All processors of a system must have the same MTRRs. KVM makes one EPT of them: before "
    "per-VM MTRRs, the type of a page depends on which vCPU faults first.",
    remedy="Write the same values on every vCPU, as firmware and Linux do when they bring up APs.",
    source="SDM vol. 3A 12.11.8",
    machines=GUESTS,
)
def vcpus_disagree(subject: Subject) -> Iterator[Finding]:
    """Compare each group's MTRRs with the first group's."""
    first, *others = subject.groups
    for group in others:
        msrs = tuple(msr for msr in subject.registers if msr != PAT and _differs(first, group, msr))
        if msrs:
            yield _difference(subject, first, group, msrs)


def _differs(first: Group, other: Group, msr: int) -> bool:
    """Return whether two groups hold different values; an unknown value is no difference."""
    if msr in first.mtrr.unknown | other.mtrr.unknown:
        return False
    return first.mtrr.read(msr) != other.mtrr.read(msr)


def _difference(subject: Subject, first: Group, group: Group, msrs: tuple[int, ...]) -> Finding:
    index, since_ns = _since(subject, first.vcpus[0], group.vcpus[0])
    names = ", ".join(register(msr).name for msr in msrs[:_MOST_NAMES])
    more = f" and {len(msrs) - _MOST_NAMES} more" if len(msrs) > _MOST_NAMES else ""
    differ = "differs" if len(group.vcpus) == 1 else "differ"
    title = f"{vcpu_words(group.vcpus)} {differ} from vCPU {first.vcpus[0]} in {names}{more}"
    when = "" if since_ns is None else f", since {format_time_ns(since_ns)}"
    where = Where(group.vcpus, msrs, None, index, since_ns)
    if any(subject.is_told(group, (msr,)) for msr in msrs):
        return Finding(title + when, where)
    return Finding(f"{title}, but their values are not known", where, Severity.WARNING)


def _since(subject: Subject, one: int, other: int) -> tuple[int | None, int | None]:
    """Return event and time of the write from which on two vCPUs have never agreed again."""
    log = subject.log
    counts = log.writes_msr & ~log.refused & (log.register != PAT)
    rows = np.flatnonzero(counts & ((log.vcpu == one) | (log.vcpu == other)))
    others = np.where(log.vcpu[rows] == one, other, one).astype(np.int16)
    held = log.held(others, log.register[rows], rows)
    # How many registers differ after each write: a write changes whether its own one does.
    differed, differs = log.old_value[rows] != held, log.value[rows] != held
    differing = np.cumsum(differs.astype(np.int64) - differed)
    agreed = np.flatnonzero(differing == 0)
    first = int(agreed[-1]) + 1 if len(agreed) else 0
    return (None, None) if first == len(rows) else log.moment(int(rows[first]))

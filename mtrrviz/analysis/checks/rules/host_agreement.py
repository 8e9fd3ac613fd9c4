"""CPUs of a real machine that hold different MTRRs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.cpu_words import cpu_words
from mtrrviz.analysis.checks.kernel_says import evidence
from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.rule_registry import HOSTS, rule
from mtrrviz.core.msr.registers import DEFTYPE, register
from mtrrviz.facts.hosts.hardware_types import register_differences
from mtrrviz.scenario.complaints import ComplaintKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.checks.subject import Subject

_MOST_NAMES = 3


@rule(
    "cpus-disagree",
    Severity.ERROR,
    "CPUs hold different MTRRs",
    why="All processors of a system must have the same MTRRs: else one caches what another does "
    "not, and memory loses its coherence.",
    remedy="Update the firmware, which sets them on every CPU. Linux copies those of the boot CPU "
    "to the others and says that it did.",
    source="SDM vol. 3A 12.11.8",
    machines=HOSTS,
)
def cpus_disagree(subject: Subject) -> Iterator[Finding]:
    """Report CPUs that differ in registers known of both, those that differ alike together."""
    alike: dict[tuple[tuple[tuple[int, int], ...], bool], list[int]] = {}
    for cpu, found in register_differences(subject.machine).items():
        if cpu in subject.vcpus:
            is_off = not subject.machine.mtrr(cpu).enabled
            alike.setdefault((found, is_off), []).append(cpu)
    words, file, line = evidence(subject, ComplaintKind.INCONSISTENT)
    for (found, is_off), cpus in alike.items():
        msrs = tuple(msr for msr, _ in found)
        names = ", ".join(f"{register(msr).name} ({msr:#x})" for msr in msrs[:_MOST_NAMES])
        more = f" and {len(msrs) - _MOST_NAMES} more" if len(msrs) > _MOST_NAMES else ""
        others = cpu_words(tuple(sorted({other for _, other in found})))
        differ = "differs" if len(cpus) == 1 else "differ"
        title = f"{cpu_words(tuple(cpus))} {differ} from {others} in {names}{more}"
        if DEFTYPE in msrs and is_off:
            title += ": the MTRRs are off there"
        yield Finding(title + words, Where(tuple(cpus), msrs, file=file, line=line))

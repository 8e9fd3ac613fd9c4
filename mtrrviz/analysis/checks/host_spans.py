"""Memory of a real machine with a type that does not suit it: stretches by cause.

What one cause makes of neighbouring regions is one stretch, so that it is found once. Types that
are unknown, or that the SDM leaves undefined, are not reported here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType, hardware_types, labels
from mtrrviz.core.sdm.hardware_rules import HostRule, host_rules
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.facts.hosts.hardware_types import typed_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.analysis.checks.subject import Group, Subject
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import Region, RegionKind

IsWrong = Callable[["Region", tuple[HostType, ...]], bool]
"""Whether a region may not have these types."""

_FOUR_GIB_GFN = 1 << 32 - PAGE_SHIFT
_OPEN = frozenset({HostType.UNKNOWN, HostType.UNDEFINED})
"""Types that are none: what decides them has a finding of its own."""
_LEGACY = range(0xA0, 0x100)
"""Pages whose types firmware chooses as it needs them: VGA window, option ROMs, its own shadow."""


class HostSpan(Record):
    """Gfns [start, end) of regions that get ``types`` by ``rules`` on ``vcpus``.

    ``pages`` are those of the regions; between them may lie others.
    """

    start: int
    end: int
    pages: int
    names: tuple[str, ...]
    types: tuple[HostType, ...]
    rules: tuple[HostRule, ...]
    vcpus: tuple[int, ...]

    @property
    def msrs(self) -> tuple[int, ...]:
        """The registers that decide."""
        return tuple(dict.fromkeys(msr for rule in self.rules for msr in rule.msrs))

    @property
    def cause(self) -> tuple[object, ...]:
        """What the type comes from; equal for spans of one cause."""
        return self.types, *((rule.kind, rule.index) for rule in self.rules)

    @property
    def type_words(self) -> str:
        """The types in words."""
        return labels(self.types)

    @property
    def place_words(self) -> str:
        """Names, addresses and size: "RAM at 0x0-0xfff (4 KiB)"."""
        start, end = self.start << PAGE_SHIFT, self.end << PAGE_SHIFT
        span = f"{format_gpa(start)}-{format_gpa(end - 1)}"
        return f"{', '.join(self.names)} at {span} ({format_size(self.pages << PAGE_SHIFT)})"

    @property
    def reason(self) -> str:
        """What decides, in words."""
        names = dict.fromkeys(_reason(rule) for rule in self.rules)
        return " and ".join(names)


def _reason(rule: HostRule) -> str:
    if rule.kind == "default":
        return f"no pair covers it and the default type is {rule.type_words}"
    return f"{rule.name} says so" if rule.kind == "tom2" else f"{rule.name} decides"


def reference_group(subject: Subject) -> Group:
    """Return the CPUs that stand for all: those of whose registers most is known, the first such.

    CPUs that differ from them are reported by a rule of their own.
    """
    return min(subject.groups, key=lambda group: len(group.mtrr.unknown))


def wrong_spans(subject: Subject, kinds: Iterable[RegionKind], is_wrong: IsWrong) -> list[HostSpan]:
    """Return what is wrong in regions of some kinds, by the registers that stand for all."""
    group = reference_group(subject)
    return _joined(_spans_of(subject, group, frozenset(kinds), is_wrong))


def _spans_of(
    subject: Subject, group: Group, kinds: frozenset[RegionKind], is_wrong: IsWrong
) -> Iterator[HostSpan]:
    if not group.mtrr.enabled:
        return
    types = hardware_types(subject.machine, group.vcpus[0])
    for region in (r for r in subject.spec.regions if r.kind in kinds):
        for span in typed_spans(types, region.first_gfn, region.end_gfn):
            first, end = span.first_gfn, span.end_gfn
            is_legacy = first in _LEGACY and end - 1 in _LEGACY
            if is_legacy or _OPEN & {*span.types} or not is_wrong(region, span.types):
                continue
            rules = _deciding(subject.machine, group, first, end)
            yield HostSpan(first, end, end - first, (region.name,), span.types, rules, group.vcpus)


def _deciding(machine: Machine, group: Group, first: int, end: int) -> tuple[HostRule, ...]:
    """Return the rules that decide in a stretch of one type: those at its start, and at pairs'."""
    starts = {span.start_gfn for span in group.mtrr.variable_ranges() if span.valid}
    probes = [first, *sorted(start for start in starts if first < start < end)]
    rules: dict[tuple[str, int | None], HostRule] = {}
    for gfn in probes:
        for rule in host_rules(machine, group.vcpus[0], gfn):
            if rule.decides:
                rules.setdefault((rule.kind, rule.index), rule)
    return tuple(rules[key] for key in sorted(rules, key=lambda key: (key[0], key[1] or 0)))


def _joined(spans: Iterable[HostSpan]) -> list[HostSpan]:
    """Join spans of one cause that follow each other, on one side of 4 GiB."""
    joined: list[HostSpan] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is not None and _same_cause(last, span):
            names = tuple(dict.fromkeys((*last.names, *span.names)))
            joined[-1] = replace(last, end=span.end, pages=last.pages + span.pages, names=names)
        else:
            joined.append(span)
    return joined


def _same_cause(last: HostSpan, span: HostSpan) -> bool:
    is_one_side = (last.start < _FOUR_GIB_GFN) == (span.start < _FOUR_GIB_GFN)
    return is_one_side and last.cause == span.cause

"""Memory with a type that does not suit it: RAM that is not WB, devices that are cached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.problem import Finding, Severity
from mtrrviz.analysis.checks.registry import rule
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.registers import DEFTYPE, PHYSBASE0
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.analysis.checks.subject import Group, Stretch, Subject

_LEGACY_GFN = 0xA0
"""From here to 1 MiB are the VGA window and shadowed ROMs, which are seldom WB."""
_CACHED = frozenset({MemoryType.WB, MemoryType.WT, MemoryType.WP})


def _by_reason(stretches: Iterable[Stretch]) -> list[list[Stretch]]:
    """Gather stretches of one type that the same registers decide."""
    found: dict[tuple[MemoryType, tuple[int, ...]], list[Stretch]] = {}
    for one in stretches:
        found.setdefault((one.type, one.msrs), []).append(one)
    return list(found.values())


def _words(stretches: list[Stretch]) -> str:
    """Return the first range, the regions' names and the total."""
    first = stretches[0]
    start, end = first.start << PAGE_SHIFT, first.end << PAGE_SHIFT
    more = f" and {len(stretches) - 1} more" if len(stretches) > 1 else ""
    names = ", ".join(dict.fromkeys(one.region.name for one in stretches))
    total = format_size(sum(one.size_bytes for one in stretches))
    return f"{names} at {format_gpa(start)}-{format_gpa(end - 1)}{more} ({total})"


def _finding(
    subject: Subject, group: Group, stretches: list[Stretch], ending: str, severity: Severity
) -> Finding:
    first = stretches[0]
    place = subject.where(group, first.msrs, (first.start, first.end))
    return Finding(f"{_words(stretches)} {ending}", place, severity)


@rule(
    "mtrrs-disabled",
    Severity.ERROR,
    "MTRRs are off",
    why="With IA32_MTRR_DEF_TYPE.E = 0 all memory is UC. With a non-coherent DMA device KVM "
    "obeys: every access to RAM misses the cache, and boots take about 20 times as long.",
    remedy="Set a default type of WB and E: write 0xc06 (or 0x806 without fixed ranges) to 0x2ff.",
    source="SDM vol. 3A 12.11.2.1; kvm_mtrr_get_guest_memory_type()",
)
def mtrrs_disabled(subject: Subject) -> Iterator[Finding]:
    """Report vCPUs whose MTRRs are off though they have them."""
    for group in subject.groups:
        if not group.mtrr.enabled and group.mtrr.has_mtrr:
            title = f"MTRRs are off on {group.words}: all memory is UC"
            yield Finding(title, subject.where(group, (DEFTYPE,)), subject.weigh(Severity.ERROR))


@rule(
    "ram-by-default-uc",
    Severity.WARNING,
    "RAM is UC because the default type is",
    why="No range covers this RAM and the default type is UC. With a non-coherent DMA device KVM "
    "obeys, and what runs there is many times slower.",
    remedy="Make WB the default type with UC ranges for devices, or cover the RAM (mtrrviz mend).",
    source="SDM vol. 3A 12.11.2.1",
)
def ram_by_default_uc(subject: Subject) -> Iterator[Finding]:
    """Report RAM that falls to a default type of UC."""
    for group in subject.deciding:
        ram = subject.stretches(group, (RegionKind.RAM,))
        wrong = (s for s in ram if s.type is MemoryType.UC and s.rule_kind == "default")
        for stretches in _by_reason(wrong):
            severity = subject.weigh(Severity.WARNING)
            yield _finding(subject, group, stretches, "is UC by default", severity)


@rule(
    "ram-not-wb",
    Severity.WARNING,
    "RAM is not WB",
    why="Memory that is not write-back is slower, up to a hundred times where it is UC.",
    remedy="Move or shrink the range that says so (mtrrviz mend finds ranges for the layout).",
    source="SDM vol. 3A 12.3",
)
def ram_not_wb(subject: Subject) -> Iterator[Finding]:
    """Report RAM that a range, or a default type other than UC, makes anything but WB."""
    for group in subject.deciding:
        ram = subject.stretches(group, (RegionKind.RAM,))
        wrong = [s for s in ram if s.type is not MemoryType.WB and not _has_own_rule(s)]
        for is_legacy in (False, True):
            usual = Severity.NOTE if is_legacy else subject.weigh(Severity.WARNING)
            for stretches in _by_reason(s for s in wrong if _is_legacy(s) == is_legacy):
                yield _finding(subject, group, stretches, f"is {stretches[0].type.name}", usual)


def _has_own_rule(one: Stretch) -> bool:
    by_default = one.rule_kind == "default" and one.type is MemoryType.UC
    return by_default or one.rule_kind == "disabled"


def _is_legacy(one: Stretch) -> bool:
    return one.start >= _LEGACY_GFN and one.end <= FIXED_LIMIT_GFN


@rule(
    "device-cached",
    Severity.WARNING,
    "device memory is cached",
    why="A cached read of a register may return a stale value and a cached write may never reach "
    "the device. Drivers that map it UC through the PAT hide the mistake; others do not.",
    remedy="Cover the device's window with a UC range, or make UC the default type.",
    source="SDM vol. 3A 12.3",
)
def device_cached(subject: Subject) -> Iterator[Finding]:
    """Report registers and BARs that MTRRs make WB, WT or WP."""
    for group in subject.deciding:
        if group.mtrr.enabled:
            devices = subject.stretches(group, (RegionKind.MMIO, RegionKind.PASSTHROUGH))
            for stretches in _by_reason(s for s in devices if s.type in _CACHED):
                ending = f"is {stretches[0].type.name}"
                yield _finding(subject, group, stretches, ending, Severity.WARNING)


@rule(
    "frame-buffer-uc",
    Severity.NOTE,
    "a range forces UC on memory of a device that could combine or cache",
    why="Frame buffers and prefetchable BARs are meant for WC or WB. A UC range leaves WC through "
    "the PAT possible, but never WB, so shared graphics memory becomes slow.",
    remedy="Leave the window to the default type, or give it a WC range of its own.",
    source="SDM vol. 3A table 12-7",
)
def frame_buffer_uc(subject: Subject) -> Iterator[Finding]:
    """Report device memory, BARs and 64-bit windows under a variable UC range."""
    kinds = (RegionKind.DEVICE_RAM, RegionKind.PASSTHROUGH, RegionKind.MMIO)
    for group in subject.deciding:
        found = subject.stretches(group, kinds)
        forced = (
            one
            for one in found
            if (one.type, one.rule_kind) == (MemoryType.UC, "variable") and _may_combine(one)
        )
        for stretches in _by_reason(forced):
            yield _finding(subject, group, stretches, "is forced UC", Severity.NOTE)


def _may_combine(one: Stretch) -> bool:
    """Return whether a device is one with memory: by its kind, or a window above 4 GiB."""
    return one.region.kind is not RegionKind.MMIO or one.region.start >= 1 << 32


@rule(
    "range-beyond-ram",
    Severity.NOTE,
    "a cached range reaches beyond RAM",
    why="Ranges are powers of two, so one rounded up is common; but a device that is later put "
    "behind the RAM will be cached.",
    remedy="Split the range at the end of RAM, or cover the rest with UC from the same base.",
    source="SDM vol. 3A 12.11.3",
)
def range_beyond_ram(subject: Subject) -> Iterator[Finding]:
    """Report pairs of a cached type that end after the last page of RAM."""
    top = max((r.end for r in subject.spec.regions if r.kind is RegionKind.RAM), default=0)
    for group in subject.groups:
        for index, span in enumerate(group.mtrr.variable_ranges()):
            if span.valid and span.type in _CACHED and span.end > top:
                excess = format_size(span.end - max(top, span.start))
                title = f"pair {index} ({span.type.name}) covers {excess} beyond RAM"
                gfns = (max(top, span.start) >> PAGE_SHIFT, span.end_gfn)
                msrs = (PHYSBASE0 + 2 * index, PHYSBASE0 + 2 * index + 1)
                yield Finding(title, subject.where(group, msrs, gfns))

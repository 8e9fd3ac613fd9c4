"""Memory with a type that does not suit it: RAM that is not WB, devices that are cached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.kernel_says import evidence
from mtrrviz.analysis.checks.problem import Finding, Severity
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, pair_msrs
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.scenario.complaints import ComplaintKind
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.analysis.checks.subject import Group, Subject, TypeStretch

_LEGACY_GFN = 0xA0
"""From here to 1 MiB are the VGA window and shadowed ROMs, which are seldom WB."""
_CACHED = frozenset({MemoryType.WB, MemoryType.WT, MemoryType.WP})


def _by_reason(stretches: Iterable[TypeStretch]) -> list[list[TypeStretch]]:
    """Gather stretches of one type that the same registers decide."""
    found: dict[tuple[MemoryType, tuple[int, ...]], list[TypeStretch]] = {}
    for one in stretches:
        found.setdefault((one.type, one.msrs), []).append(one)
    return list(found.values())


def _size(stretches: Iterable[TypeStretch]) -> int:
    """Return the bytes of stretches together."""
    return sum(one.size_bytes for one in stretches)


def _words(stretches: list[TypeStretch]) -> str:
    """Return the first range, the regions' names, the total and "is" or "are"."""
    first = stretches[0]
    start, end = first.start << PAGE_SHIFT, first.end << PAGE_SHIFT
    more = f" and {len(stretches) - 1} more" if len(stretches) > 1 else ""
    names = ", ".join(dict.fromkeys(one.region.name for one in stretches))
    verb = "are" if len(stretches) > 1 else "is"
    total = format_size(_size(stretches))
    return f"{names} at {format_gpa(start)}-{format_gpa(end - 1)}{more} ({total}) {verb}"


def _finding(
    subject: Subject, group: Group, stretches: list[TypeStretch], ending: str, severity: Severity
) -> Finding:
    first = stretches[0]
    place = subject.where(group, first.msrs, (first.start, first.end))
    return Finding(f"{_words(stretches)} {ending}", place, severity)


@rule(
    "mtrrs-disabled",
    Severity.ERROR,
    "MTRRs are off",
    why="With IA32_MTRR_DEF_TYPE.E = 0 all memory is UC. With a non-coherent DMA device KVM "
    "honours this: every access to RAM misses the cache. Such a guest booted in 20 s instead of "
    "1 s.",
    remedy="Set a default type of WB and E: write 0xc06 (or 0x806 without fixed ranges) to 0x2ff.",
    source="SDM vol. 3A 12.11.2.1; kvm_mtrr_get_guest_memory_type()",
    machines=GUESTS,
)
def mtrrs_disabled(subject: Subject) -> Iterator[Finding]:
    """Report vCPUs whose MTRRs are off though they have them."""
    for group in subject.groups:
        if group.mtrr.enabled or not group.mtrr.has_mtrr:
            continue
        title = f"MTRRs are off on {group.words}: all memory is UC"
        severity = subject.weigh(Severity.ERROR)
        if not subject.is_told(group, (DEFTYPE,)):
            title = f"the MTRRs of {group.words} are not known: they count as off, as after RESET"
            severity = Severity.NOTE
        yield Finding(title, subject.where(group, (DEFTYPE,)), severity)


@rule(
    "ram-by-default-uc",
    Severity.WARNING,
    "RAM is UC because the default type is",
    why="No range covers this RAM and the default type is UC. With a non-coherent DMA device KVM "
    "honours this, and code that runs there is many times slower: with all RAM so, a guest "
    "booted in 20 s "
    "instead of 1 s.",
    remedy="Make WB the default type with UC ranges for devices, or cover the RAM (mtrrviz solve).",
    source="SDM vol. 3A 12.11.2.1",
    machines=GUESTS,
)
def ram_by_default_uc(subject: Subject) -> Iterator[Finding]:
    """Report RAM that falls to a default type of UC; it is an error if most of it does."""
    for group in subject.deciding:
        ram = list(subject.stretches(group, (RegionKind.RAM,)))
        wrong = [s for s in ram if s.type is MemoryType.UC and s.rule_kind == "default"]
        is_most = 2 * _size(wrong) > _size(ram)
        severity = subject.weigh(Severity.ERROR if is_most else Severity.WARNING)
        for stretches in _by_reason(wrong):
            ending = f"UC by default{evidence(subject, ComplaintKind.LOST_RAM)[0]}"
            yield _finding(subject, group, stretches, ending, severity)


@rule(
    "ram-not-wb",
    Severity.WARNING,
    "RAM is not WB",
    why="Memory that is not write-back is slower, up to a hundred times where it is UC.",
    remedy="Move or shrink the range that says so (mtrrviz solve finds ranges for the layout).",
    source="SDM vol. 3A 12.3",
    machines=GUESTS,
)
def ram_not_wb(subject: Subject) -> Iterator[Finding]:
    """Report RAM that a range, or a default type other than UC, makes anything but WB."""
    for group in subject.deciding:
        ram = subject.stretches(group, (RegionKind.RAM,))
        wrong = [s for s in ram if s.type is not MemoryType.WB and not _has_own_rule(s)]
        for is_legacy in (False, True):
            usual = Severity.NOTE if is_legacy else subject.weigh(Severity.WARNING)
            for stretches in _by_reason(s for s in wrong if _is_legacy(s) == is_legacy):
                is_told = subject.is_told(group, stretches[0].msrs)
                severity = usual if is_told else Severity.NOTE
                yield _finding(subject, group, stretches, stretches[0].type.name, severity)


def _has_own_rule(one: TypeStretch) -> bool:
    """Return whether another rule covers a stretch, or it is WP on purpose (shadowed ROM)."""
    by_default = one.rule_kind == "default" and one.type is MemoryType.UC
    is_shadow = _is_legacy(one) and one.type is MemoryType.WP
    return by_default or is_shadow or one.rule_kind == "disabled"


def _is_legacy(one: TypeStretch) -> bool:
    return one.start >= _LEGACY_GFN and one.end <= FIXED_LIMIT_GFN


@rule(
    "device-cached",
    Severity.WARNING,
    "device memory is cached",
    why="A cached read of a register may return a stale value and a cached write may never reach "
    "the device. Drivers that map it UC through the PAT hide the mistake, and so does KVM, whose "
    "BARs are UC and whose emulated registers trap; hardware and other drivers do not.",
    remedy="Cover the device's window with a UC range, or make UC the default type.",
    source="SDM vol. 3A 12.3",
    machines=GUESTS,
)
def device_cached(subject: Subject) -> Iterator[Finding]:
    """Report registers and BARs that MTRRs make WB, WT or WP; an empty window is a note."""
    for group in subject.deciding:
        if not group.mtrr.enabled:
            continue
        devices = subject.stretches(group, (RegionKind.MMIO, RegionKind.PASSTHROUGH))
        cached = [one for one in devices if one.type in _CACHED]
        for is_window, severity in ((False, Severity.WARNING), (True, Severity.NOTE)):
            for stretches in _by_reason(one for one in cached if _is_window(one) == is_window):
                ending = stretches[0].type.name + (", with no device there yet" * is_window)
                yield _finding(subject, group, stretches, ending, severity)


def _is_window(one: TypeStretch) -> bool:
    """Return whether a stretch is a bridge's window in which no device is known.

    Linux calls them "PCI Bus 0000:00" in /proc/iomem, below which the devices stand.
    """
    return one.region.kind is RegionKind.MMIO and one.region.name.startswith("PCI Bus ")


@rule(
    "frame-buffer-uc",
    Severity.NOTE,
    "a range forces UC on memory of a device that could combine or cache",
    why="Frame buffers and prefetchable BARs are meant for WC or WB. A UC range leaves WC through "
    "the PAT possible, but never WB, so shared graphics memory becomes slow.",
    remedy="Leave the window to the default type, or give it a WC range of its own.",
    source="SDM vol. 3A table 12-7",
    machines=GUESTS,
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
            yield _finding(subject, group, stretches, "forced UC", Severity.NOTE)


def _may_combine(one: TypeStretch) -> bool:
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
    machines=GUESTS,
)
def range_beyond_ram(subject: Subject) -> Iterator[Finding]:
    """Report pairs of a cached type that end after the last page of RAM."""
    top = max((r.end_gfn for r in subject.spec.regions if r.kind is RegionKind.RAM), default=0)
    for group in subject.groups:
        for index, span in enumerate(group.mtrr.variable_ranges()):
            beyond = (max(top, span.start_gfn), span.end_gfn)
            if span.valid and span.type in _CACHED and _is_cached(group, *beyond):
                excess = format_size((beyond[1] - beyond[0]) << PAGE_SHIFT)
                title = f"pair {index} ({span.type.name}) covers {excess} beyond RAM"
                msrs = pair_msrs(index)
                yield Finding(title, subject.where(group, msrs, beyond))


def _is_cached(group: Group, start: int, end: int) -> bool:
    """Return whether any page of [start, end) has a cached type, all overlaps considered."""
    starts, types = group.mtrr.intervals()
    first = int(np.searchsorted(starts, np.uint64(start), "right")) - 1
    last = int(np.searchsorted(starts, np.uint64(max(end, start)), "left"))
    return start < end and any(int(code) in _CACHED for code in types[max(first, 0) : last])

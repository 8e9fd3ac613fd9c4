"""A real machine's memory types: MTRRs that are off or unknown, RAM and devices of a wrong type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.analysis.checks.cpu_words import on_words
from mtrrviz.analysis.checks.host_spans import HostSpan, reference_group, wrong_spans
from mtrrviz.analysis.checks.kernel_says import evidence
from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.rule_registry import HOSTS, rule
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.sdm.hardware import HostType, hardware_types
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.facts.hosts.hardware_types import DEVICE_KINDS, typed_spans
from mtrrviz.scenario.complaints import ComplaintKind
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.analysis.checks.subject import Subject
    from mtrrviz.scenario.machine_spec import Region

_CACHED = frozenset({HostType.WB, HostType.WT, HostType.WP})
_WINDOWS = ("PCI Bus ", "PCI root window", "PCI bus window", "PCI bridge window", "free for PCI")


@rule(
    "host-mtrrs-off",
    Severity.ERROR,
    "the MTRRs are off",
    why="With IA32_MTRR_DEF_TYPE.E = 0 all memory is UC: every access to RAM misses the cache, "
    "and Linux leaves its PAT off too.",
    remedy="Update the firmware or load its defaults, which should turn the MTRRs on: a default "
    "type of WB with UC ranges for devices, or UC with WB ranges for RAM (mtrrviz solve).",
    source="SDM vol. 3A 12.11.2.1",
    machines=HOSTS,
)
def host_mtrrs_off(subject: Subject) -> Iterator[Finding]:
    """Report MTRRs that are off on all CPUs whose default type register is known."""
    known = [group for group in subject.groups if DEFTYPE not in group.mtrr.unknown]
    if known and not any(group.mtrr.enabled for group in known):
        vcpus = tuple(sorted(vcpu for group in known for vcpu in group.vcpus))
        title = f"the MTRRs are off (E = 0){on_words(subject, vcpus)}: all memory is UC"
        words, file, line = evidence(subject, ComplaintKind.BLANK)
        yield Finding(title + words, Where(vcpus, (DEFTYPE,), file=file, line=line))


@rule(
    "host-mtrrs-not-told",
    Severity.NOTE,
    "the values of the MTRRs are not known",
    why="Without them nothing can be said about the type of any address.",
    remedy="Boot Linux with mtrr=debug and take its log, or take /proc/mtrr (the pairs alone) or "
    "rdmsr's values of all MTRRs; mtrrviz import --this-machine reads what it may.",
    source="Linux arch/x86/kernel/cpu/mtrr/generic.c",
    machines=HOSTS,
)
def host_mtrrs_not_told(subject: Subject) -> Iterator[Finding]:
    """Report a machine on which the default type register of no CPU is known."""
    if all(DEFTYPE in group.mtrr.unknown for group in subject.groups):
        told = "the MTRRs are on, but their values are not shown"
        title = told if subject.spec.mtrrs_on else "the MTRRs are not known"
        yield Finding(title, Where(subject.vcpus, (DEFTYPE,)))


@rule(
    "host-ram-not-wb",
    Severity.WARNING,
    "RAM is not WB",
    why="RAM that is not write-back is slow, up to a hundred times where it is UC. Linux does not "
    "use RAM that no WB range covers, where the default type is UC.",
    remedy="Update the firmware or change how it maps memory (memory hole, graphics memory); "
    "mtrrviz solve finds registers that make this RAM WB.",
    source="SDM vol. 3A 12.3, 12.11.4.1",
    machines=HOSTS,
)
def host_ram_not_wb(subject: Subject) -> Iterator[Finding]:
    """Report RAM that known registers make anything but WB; an error if it is most of the RAM."""
    words, file, line = evidence(subject, ComplaintKind.LOST_RAM)
    for span in ram_not_wb(subject):
        ram = sum(r.size_bytes for r in subject.spec.regions if r.kind is RegionKind.RAM)
        is_most = 2 * (span.pages << PAGE_SHIFT) > ram
        title = f"{span.place_words} is {span.type_words}: {span.reason}{words}"
        place = replace(_place(subject, span), file=file, line=line)
        yield Finding(title, place, Severity.ERROR if is_most else None)


def _place(subject: Subject, span: HostSpan) -> Where:
    return subject.where(reference_group(subject), span.msrs, (span.start, span.end))


def ram_not_wb(subject: Subject) -> list[HostSpan]:
    """Return the RAM that known registers make anything but WB."""
    return wrong_spans(subject, (RegionKind.RAM,), lambda _, types: types != (HostType.WB,))


@rule(
    "host-nothing-wb",
    Severity.ERROR,
    "no address is WB",
    why="Whatever RAM there is, nothing makes it write-back: every access to it is slow, up to a "
    "hundred times where it is UC.",
    remedy="Update the firmware; mtrrviz solve finds registers once a memory map (the kernel's "
    "log, /proc/iomem) says where RAM is.",
    source="SDM vol. 3A 12.3",
    machines=HOSTS,
)
def host_nothing_wb(subject: Subject) -> Iterator[Finding]:
    """Report MTRRs that are on and known, but make no address WB, where nothing tells of RAM."""
    group = reference_group(subject)
    types = hardware_types(subject.machine, group.vcpus[0])
    first, end = FIXED_LIMIT_GFN, 1 << subject.spec.maxphyaddr - PAGE_SHIFT
    found = {kind for span in typed_spans(types, first, end) for kind in span.types}
    has_ram = any(region.kind is RegionKind.RAM for region in subject.spec.regions)
    if group.mtrr.enabled and not has_ram and not found & {HostType.WB, HostType.UNKNOWN}:
        title = "the MTRRs make nothing above 1 MiB WB"
        yield Finding(title, subject.where(group, (DEFTYPE,), (first, end)))


@rule(
    "host-device-cached",
    Severity.WARNING,
    "device memory is cached",
    why="A cached read of a register may return a stale value and a cached write may never reach "
    "the device. Drivers that map it UC through the PAT hide the mistake; others do not.",
    remedy="Cover the device's window with a UC pair, or shrink the cached pair that reaches into "
    "it (mtrrviz solve finds registers).",
    source="SDM vol. 3A 12.3",
    machines=HOSTS,
)
def host_device_cached(subject: Subject) -> Iterator[Finding]:
    """Report devices that known registers cache; a bridge's window without devices is a note."""
    spans = wrong_spans(subject, DEVICE_KINDS, _is_cached_device)
    yield from _device_findings(subject, spans, None)
    causes = [span.cause for span in spans]
    windows = wrong_spans(subject, DEVICE_KINDS, _is_cached_window)
    others = (window for window in windows if window.cause not in causes)
    yield from _device_findings(subject, others, Severity.NOTE)


def _device_findings(
    subject: Subject, spans: Iterable[HostSpan], severity: Severity | None
) -> Iterator[Finding]:
    for span in spans:
        title = f"{span.place_words} is {span.type_words}: {span.reason}"
        yield Finding(title, _place(subject, span), severity)


def _is_cached_device(region: Region, types: tuple[HostType, ...]) -> bool:
    return bool(_CACHED & {*types}) and not region.name.startswith(_WINDOWS)


def _is_cached_window(region: Region, types: tuple[HostType, ...]) -> bool:
    return bool(_CACHED & {*types}) and region.name.startswith(_WINDOWS)

"""A real machine's pairs: malformed ones, overlaps that the SDM leaves undefined, none free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.cpu_words import on_words
from mtrrviz.analysis.checks.host_spans import reference_group
from mtrrviz.analysis.checks.problem import Finding, Severity, Where
from mtrrviz.analysis.checks.register_log import refused
from mtrrviz.analysis.checks.rule_registry import HOSTS, rule
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, pair_msrs
from mtrrviz.core.sdm.hardware import HostType, hardware_types
from mtrrviz.core.sdm.hardware_rules import host_rules
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.core.variable_ranges import reserved_bits
from mtrrviz.facts.hosts.hardware_types import typed_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.analysis.checks.subject import Group, Subject
    from mtrrviz.facts.hosts.hardware_types import TypedSpan


def _pairs(subject: Subject) -> Iterator[tuple[tuple[int, ...], int, int, int]]:
    """Yield every known pair in use once: the CPUs that have it so, number, base and mask."""
    found: dict[tuple[int, int, int], list[int]] = {}
    for group in subject.groups:
        for number in range(group.mtrr.pairs):
            msrs = pair_msrs(number)
            base, mask = (group.mtrr.read(msr) for msr in msrs)
            if mask & 0x800 and not {*msrs} & group.mtrr.unknown:
                found.setdefault((number, base, mask), []).extend(group.vcpus)
    for (number, base, mask), vcpus in found.items():
        yield tuple(sorted(vcpus)), number, base, mask


def _wild(subject: Subject, mask: int) -> int:
    """Return the address bits that a mask leaves open, those within a page among them."""
    return ~(mask | reserved_bits(subject.spec.maxphyaddr)) & ((1 << 64) - 1) | 0xFFF


@rule(
    "host-mask-holes",
    Severity.WARNING,
    "a mask has holes",
    why="Such a pair matches many separate ranges, each as far from the next as the hole is wide. "
    "Often the mask was made for fewer physical address bits than the CPU has.",
    remedy="Use a mask of ones from MAXPHYADDR - 1 (CPUID 0x80000008) down to the size's bit.",
    source="SDM vol. 3A 12.11.3",
    machines=HOSTS,
)
def host_mask_holes(subject: Subject) -> Iterator[Finding]:
    """Report masks that are not one run of ones."""
    for vcpus, number, base, mask in _pairs(subject):
        wild = _wild(subject, mask)
        if wild & (wild + 1):
            size = ~wild & wild + 1
            start = base & ~wild
            title = (
                f"pair {number}: mask {format_gpa(mask)} has holes: it covers"
                f" {1 << (wild.bit_count() - size.bit_length() + 1):,} ranges of"
                f" {format_size(size)}, the first at {format_gpa(start)}"
            )
            gfns = (start >> PAGE_SHIFT, (start + size) >> PAGE_SHIFT)
            yield Finding(title + on_words(subject, vcpus), Where(vcpus, pair_msrs(number), gfns))


@rule(
    "host-base-unaligned",
    Severity.WARNING,
    "a base is not a multiple of its size",
    why="The CPU takes base AND mask, so the range starts below the base that was written, and "
    "ends below where its author meant it to.",
    remedy="Align the base down to the size, which changes no type, or split the range into "
    "aligned ones that cover what was meant.",
    source="SDM vol. 3A 12.11.3, 12.11.4",
    machines=HOSTS,
)
def host_base_unaligned(subject: Subject) -> Iterator[Finding]:
    """Report bases with bits set that the mask leaves out."""
    for vcpus, number, base, mask in _pairs(subject):
        wild = _wild(subject, mask)
        if not wild & (wild + 1) and base & wild & ~0xFFF:
            start, end = base & ~wild, (base | wild) + 1
            title = (
                f"pair {number}: base {format_gpa(base & ~0xFFF)} is not a multiple of the size"
                f" ({format_size(end - start)}): the CPU covers"
                f" {format_gpa(start)}-{format_gpa(end - 1)}"
            )
            gfns = (start >> PAGE_SHIFT, end >> PAGE_SHIFT)
            yield Finding(title + on_words(subject, vcpus), Where(vcpus, pair_msrs(number), gfns))


@rule(
    "host-overlap-undefined",
    Severity.ERROR,
    "pairs overlap with an undefined combination of types",
    why="The SDM defines overlaps of one type, of UC with anything, and of WT with WB. "
    "Anything else may behave differently on each processor.",
    remedy="Make the ranges disjoint, or let the solver find ranges that are (mtrrviz solve).",
    source="SDM vol. 3A 12.11.4.1",
    machines=HOSTS,
)
def host_overlap_undefined(subject: Subject) -> Iterator[Finding]:
    """Report stretches whose type the SDM leaves undefined."""
    group = reference_group(subject)
    types = hardware_types(subject.machine, group.vcpus[0])
    for span in typed_spans(types, 0, 1 << subject.spec.maxphyaddr - PAGE_SHIFT):
        if HostType.UNDEFINED in span.types:
            yield _undefined(subject, group, span)


def _undefined(subject: Subject, group: Group, span: TypedSpan) -> Finding:
    rules = host_rules(subject.machine, group.vcpus[0], span.first_gfn)
    numbers = [rule.index for rule in rules if rule.kind == "variable" and rule.type is not None]
    if len(numbers) < 2:
        # Masks with holes: pairs meet further on, so all that are in use may have a part in it.
        numbers = [number for _, number, *_ in _pairs(subject)]
    pairs = [f"{n} ({_type_name(group, n)})" for n in sorted(n for n in numbers if n is not None)]
    start, end = span.first_gfn << PAGE_SHIFT, span.end_gfn << PAGE_SHIFT
    where = f"{format_gpa(start)}-{format_gpa(end - 1)}"
    title = f"pairs {' and '.join(pairs)} overlap at {where}: the SDM leaves the type undefined"
    msrs = tuple(msr for number in numbers if number is not None for msr in pair_msrs(number))
    return Finding(title, Where(group.vcpus, msrs, (span.first_gfn, span.end_gfn)))


def _type_name(group: Group, number: int) -> str:
    return MemoryType(group.mtrr.read(pair_msrs(number)[0]) & 0xFF).name


@rule(
    "host-no-free-pair",
    Severity.NOTE,
    "no variable pair is free",
    why="Drivers without PAT ask for a pair (WC for a frame buffer) and are refused.",
    remedy="Use a kernel with PAT, which needs none, or let the solver find fewer ranges "
    "(mtrrviz solve); Linux tries that with enable_mtrr_cleanup.",
    source="Linux arch/x86/kernel/cpu/mtrr/main.c",
    machines=HOSTS,
)
def host_no_free_pair(subject: Subject) -> Iterator[Finding]:
    """Report CPUs all of whose pairs are known to be in use."""
    used: dict[int, int] = {}
    for vcpus, *_ in _pairs(subject):
        for vcpu in vcpus:
            used[vcpu] = used.get(vcpu, 0) + 1
    full = tuple(sorted(v for v, count in used.items() if count == subject.spec.variable_pairs))
    if full:
        masks = tuple(pair_msrs(number)[1] for number in range(subject.spec.variable_pairs))
        pairs = subject.spec.variable_pairs
        words = "the only pair is in use" if pairs == 1 else f"all {pairs} pairs are in use"
        title = f"{words}{on_words(subject, full)}"
        yield Finding(title, Where(full, masks))


@rule(
    "host-fixed-ranges-off",
    Severity.WARNING,
    "fixed ranges are set but off",
    why="With IA32_MTRR_DEF_TYPE.FE = 0 they have no effect: pairs and the default type also "
    "decide below 1 MiB, so the VGA window may be cached.",
    remedy="Set FE (bit 10) together with E, or clear the fixed registers.",
    source="SDM vol. 3A 12.11.2.1",
    machines=HOSTS,
)
def host_fixed_ranges_off(subject: Subject) -> Iterator[Finding]:
    """Report fixed registers that are known to hold types while E is set and FE is not."""
    group = reference_group(subject)
    known = [msr for msr in FIXED_MSRS if msr not in group.mtrr.unknown]
    is_set = [msr for msr in known if group.mtrr.read(msr)]
    if is_set and group.mtrr.enabled and not group.mtrr.fixed_enabled:
        count = f"{len(is_set)} fixed register" + ("s are" if len(is_set) > 1 else " is")
        yield Finding(f"{count} set but FE is 0", Where(group.vcpus, (DEFTYPE, *is_set)))


@rule(
    "host-write-refused",
    Severity.ERROR,
    "the CPU refuses a register write",
    why="The write faults (#GP) and the register keeps its value; software that does not expect "
    "it may crash.",
    remedy="Write a type that exists (0, 1, 4, 5, 6; in the PAT also 7), 0 to reserved bits, and "
    "no address bit from MAXPHYADDR (CPUID 0x80000008) up.",
    source="SDM vol. 3A 12.11.2",
    machines=HOSTS,
)
def host_write_refused(subject: Subject) -> Iterable[Finding]:
    """Report refused writes."""
    return (refused(entry, "CPU") for entry in subject.log.entries(subject.refused))

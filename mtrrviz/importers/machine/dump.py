"""The registers at one moment, from raw values, from ranges, or from the words of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import (
    DEFTYPE,
    FIXED_ENABLE_BIT,
    FIXED_MSRS,
    MTRR_ENABLE_BIT,
    MTRRCAP,
    PAIR_MSRS,
    PAT,
    PHYSBASE0,
    REGISTERS,
    VALID_BIT,
    VARIABLE_PAIRS,
    fixed_subranges,
    mtrr_msrs,
    pair_msrs,
)
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size
from mtrrviz.core.variable_ranges import range_to_pair
from mtrrviz.core.wording.words import number_runs
from mtrrviz.importers.facts import Facts, FixedRange, MtrrRange, Sign, Told
from mtrrviz.importers.machine.cpu_model import CpuModel, shown_pairs, told_pairs
from mtrrviz.importers.notes import Note, NoteKind, Place

if TYPE_CHECKING:
    from mtrrviz.importers.import_options import ImportOptions

Values = dict[int, int]
"""Register values by MSR number."""

_STANDARD_FIXED = (
    (0, 0xA0000, MemoryType.WB),
    (0xA0000, 0xC0000, MemoryType.UC),
    (0xC0000, 0x100000, MemoryType.WP),
)


class Dump:
    """What the facts say about registers, worked out for any vCPU."""

    def __init__(
        self, facts: Facts, options: ImportOptions, cpu: CpuModel, notes: list[Note]
    ) -> None:
        self._facts = facts
        self._options = options
        self._cpu = cpu
        self._msrs = frozenset(mtrr_msrs(cpu.pairs))
        self._notes = notes
        self._common: Values = {}
        self._own: dict[int, Values] = {}
        #: Registers that have a value only because something had to be assumed.
        self.assumed = frozenset[int]()
        self._collect()
        if cpu.is_host:
            unprinted = self._unprinted_pairs()
            self.assumed |= unprinted.keys()
            self._common |= unprinted
        self._common |= self._derived()

    def values(self, vcpu: int) -> Values:
        """Return the registers of a vCPU that the dump knows, those that the CPU has only."""
        own = self._own.get(vcpu)
        if own is None and self._own:
            own = self._own[min(self._own)]
        return self._common | (own or {})

    @property
    def vcpus(self) -> int:
        """How many vCPUs have values of their own, counted from 0."""
        return max(self._own, default=-1) + 1

    def check_copies(self, vcpus: int) -> None:
        """Say so if some vCPUs are only assumed to be like the first that was dumped."""
        missing = [vcpu for vcpu in range(vcpus) if vcpu not in self._own]
        if self._own and missing:
            what = "CPU" if self._cpu.is_host else "vCPU"
            text = (
                f"{len(missing)} {what}s without values were given those of {what} {min(self._own)}"
            )
            self._notes.append(Note(NoteKind.ASSUMED, text))
        elif self._common and not self._own and vcpus > 1:
            what = "CPU" if self._cpu.is_host else "vCPU"
            text = (
                f"the files do not say of which {what} the registers are: all were given the same"
            )
            self._notes.append(Note(NoteKind.ASSUMED, text))

    # Raw values

    def _collect(self) -> None:
        """Sort the raw values by vCPU; the last one counts."""
        seen: dict[tuple[int | None, int], int] = {}
        refused: list[tuple[Values, int]] = []
        for found in self._facts.registers:
            if found.msr not in self._msrs:
                self._beyond(found.msr, found.value, found.place)
                continue
            if found.msr == MTRRCAP:
                self._check_cap(found.value, found.place)
                continue
            key = (found.vcpu, found.msr)
            if seen.get(key, found.value) != found.value:
                name = REGISTERS[found.msr].name
                text = f"{name} is given twice with different values; the later counts"
                self._notes.append(Note(NoteKind.WARNING, text, found.place))
            seen[key] = found.value
            target = self._common if found.vcpu is None else self._own.setdefault(found.vcpu, {})
            if self._is_possible(found.msr, found.value, found.place):
                target[found.msr] = found.value
            else:
                refused.append((target, found.msr))
        for target, msr in refused:
            # Half a pair would be another range. A real CPU has some value there: nobody knows it.
            if msr in self._cpu.pair_msrs:
                target[msr & ~1] = target[msr | 1] = 0
                if self._cpu.is_host:
                    del target[msr & ~1], target[msr | 1]
        self._note_cut_pairs()

    def _note_cut_pairs(self) -> None:
        """Name the pairs of which the text has no more than a part of a line."""
        known = set(self._common).union(*self._own.values())
        for number, place in self._facts.cut_pairs.items():
            msr = PHYSBASE0 + 2 * number
            if not {msr, msr + 1} <= known and number < self._cpu.pairs:
                rest = "its values are unknown" if self._cpu.is_host else "it is taken to be off"
                text = f"the line of pair {number} is cut: {rest}"
                self._notes.append(Note(NoteKind.WARNING, text, place))

    def _unprinted_pairs(self) -> Values:
        """Return pairs behind the last one shown as off: many tools end with the last in use.

        One that is missing before that was lost on the way, and is unknown. So is one that is
        missing where the CPU is said to have it, unless firmware printed those in use alone.
        """
        shown = shown_pairs(self._facts)
        listed = {found.index for found in self._facts.ranges}
        first = max(shown, default=self._cpu.pairs) + 1
        missing = [n for n in range(first, self._cpu.pairs) if n not in listed]
        is_firmware = any(found.sign is Sign.FIRMWARE for found in self._facts.signs)
        if not missing or (shown and not is_firmware and told_pairs(self._facts)):
            return {}
        numbers = number_runs(missing)
        be = "pair {} is" if len(missing) == 1 else "pairs {} are"
        text = f"{be.format(numbers)} not printed: taken to be off"
        self._notes.append(Note(NoteKind.ASSUMED, text))
        return {msr: 0 for number in missing for msr in pair_msrs(number)}

    def _is_possible(self, msr: int, value: int, place: Place) -> bool:
        """Say why the CPU would refuse a value, if it would."""
        refusal = self._cpu.refusal(msr, value)
        if refusal:
            text = f"{self._cpu.owner} would refuse this value, so it was left out: {refusal}"
            self._notes.append(Note(NoteKind.WARNING, text, place))
        return not refusal

    def _beyond(self, msr: int, value: int, place: Place) -> None:
        if msr & 1 and value & VALID_BIT:
            pair = (msr - PHYSBASE0) // 2
            text = f"pair {pair} is in use, but {self._has_only}: left out"
            self._notes.append(Note(NoteKind.WARNING, text, place))

    @property
    def _has_only(self) -> str:
        return f"{self._cpu.owner} has only {self._cpu.pairs}"

    def _check_cap(self, value: int, place: Place) -> None:
        pairs = value & 0xFF
        if not self._cpu.is_host and pairs != VARIABLE_PAIRS:
            text = (
                f"IA32_MTRRCAP says {pairs} variable ranges; under KVM there are {VARIABLE_PAIRS}"
            )
            self._notes.append(Note(NoteKind.INFO, text, place))

    # What words say

    def _derived(self) -> Values:
        """Return registers that no raw value gives but ranges and words do."""
        known = set(self._common).union(*self._own.values())
        derived: Values = {}
        map_ranges = [found for found in self._facts.ranges if found.is_map]
        pairs = [found for found in self._facts.ranges if not found.is_map]
        fixed = list(self._facts.fixed)
        has_pairs = any(msr in known for msr in self._cpu.pair_msrs)
        if pairs:
            # Lines to be written choose a free pair, which only all pairs together can tell.
            listed = [found for found in pairs if not has_pairs or found.index is not None]
            values = self._pairs(listed) if listed else {}
            derived |= {msr: value for msr, value in values.items() if msr not in known}
            self.assumed -= known
        elif not has_pairs and map_ranges:
            fixed += [part for found in map_ranges if (part := _below_1mib(found))]
            derived |= self._pairs_of_map(map_ranges)
        if fixed:
            listed = self._fixed([(f.start, f.end, f.type | f.dram_bits) for f in fixed])
            derived |= {msr: value for msr, value in listed.items() if msr not in known}
        if DEFTYPE not in known and (known - {PAT} or derived or self._is_asked_for_default()):
            self._add_default(derived, known)
        return derived

    def _fixed(self, ranges: list[tuple[int, int, int]]) -> Values:
        """Return the fixed registers for ranges; on a host none of which a part is not known."""
        values = fixed_values(ranges)
        if not self._cpu.is_host:
            return values
        return {
            msr: value
            for msr, value in values.items()
            if all(
                any(low <= start and start + size <= high for low, high, _ in ranges)
                for start, size in fixed_subranges(msr)
            )
        }

    def _is_asked_for_default(self) -> bool:
        """Return whether words or the user say something on the default type or the enables."""
        told = {Told.DEFAULT_TYPE, Told.FIXED_ENABLED, Told.MTRR_ENABLED}
        if self._cpu.is_host and self._facts.value(Told.MTRR_ENABLED) == 1:
            # That MTRRs are on says nothing about the type.
            told.discard(Told.MTRR_ENABLED)
        return self._options.default_type is not None or bool(told.intersection(self._facts.told))

    def _pairs(self, ranges: list[MtrrRange]) -> Values:
        """Return the pairs of /proc/mtrr or of lines written to it, unused ones cleared."""
        cut = {msr for number in self._facts.cut_pairs for msr in pair_msrs(number)}
        values: Values = dict.fromkeys(self._cpu.pair_msrs, 0)
        if self._cpu.is_host:
            listed = {msr for f in ranges if f.index is not None for msr in pair_msrs(f.index)}
            values = {msr: 0 for msr in values if msr not in cut - listed}
            # Pairs in use alone are printed: that one is not need not mean that it is off.
            self.assumed |= values.keys() - listed
        for found in ranges:
            index = found.index
            if index is None:
                free = (i for i in range(self._cpu.pairs) if values.get(PHYSBASE0 + 2 * i + 1) == 0)
                index = next(free, 999)
            if index >= self._cpu.pairs:
                text = f"there is no pair for it: {self._has_only}; the range was left out"
                self._notes.append(Note(NoteKind.WARNING, text, found.place))
                continue
            base, mask = self._pair(found)
            values[PHYSBASE0 + 2 * index], values[PHYSBASE0 + 2 * index + 1] = base, mask
        return values

    def _pair(self, found: MtrrRange) -> tuple[int, int]:
        if found.size == 0:
            return 0, 0
        is_power = found.size & found.size - 1 == 0
        try:
            if self._cpu.is_host and is_power and found.base % found.size:
                return self._pair_off_its_size(found)
            return range_to_pair(found.base, found.size, found.type, self._cpu.maxphyaddr)
        except ValueError as error:
            text = f"no pair can stand for this range, so it was left out: {error}"
            self._notes.append(Note(NoteKind.WARNING, text, found.place))
            return 0, 0

    def _pair_off_its_size(self, found: MtrrRange) -> tuple[int, int]:
        """Return a pair whose base is not a multiple of its size: the CPU takes base AND mask.

        Raises ValueError as :func:`range_to_pair`.
        """
        start = found.base & -found.size
        _, mask = range_to_pair(start, found.size, found.type, self._cpu.maxphyaddr)
        text = (
            f"the base {format_gpa(found.base)} is not a multiple of the size "
            f"({format_size(found.size, exact=True)}): the CPU takes base AND mask, "
            f"{format_gpa(start)} to {format_gpa(start + found.size - 1)}"
        )
        self._notes.append(Note(NoteKind.WARNING, text, found.place))
        return found.base & -PAGE_SIZE | found.type, mask

    def _pairs_of_map(self, ranges: list[MtrrRange]) -> Values:
        """Return pairs that give the same types as an effective map, as far as eight suffice."""
        default = self._default_type([])
        wanted = [found for found in ranges if found.type != default]
        blocks = [
            MtrrRange(None, base, size, found.type, found.place)
            for found in wanted
            for base, size in split_blocks(max(found.base, 1 << 20), found.base + found.size)
        ]
        text = "an effective map does not say the registers: pairs with the same effect were chosen"
        self._notes.append(Note(NoteKind.ASSUMED, text, ranges[0].place))
        return self._pairs(blocks)

    def _add_default(self, derived: Values, known: set[int]) -> None:
        """Compose IA32_MTRR_DEF_TYPE, with the fixed ranges of a PC if none are known."""
        kind = self._default_type([f for f in self._facts.ranges if not f.is_map], derived)
        enabled = self._facts.value(Told.MTRR_ENABLED)
        fixed_on = self._facts.value(Told.FIXED_ENABLED)
        has_fixed = bool(known.intersection(FIXED_MSRS)) or bool(
            set(derived).intersection(FIXED_MSRS)
        )
        if fixed_on is None and not has_fixed and not self._cpu.is_host:
            derived |= fixed_values(list(_STANDARD_FIXED))
            text = "fixed ranges are not given: below 640 KiB WB, 640 to 768 KiB UC, up to 1 MiB WP"
            self._notes.append(Note(NoteKind.ASSUMED, text))
        value = int(kind)
        value |= FIXED_ENABLE_BIT if fixed_on in (None, 1) else 0
        value |= MTRR_ENABLE_BIT if enabled in (None, 1) else 0
        derived[DEFTYPE] = value

    def _default_type(self, pairs: list[MtrrRange], derived: Values | None = None) -> MemoryType:
        """Return the default type: chosen, told, or the one that makes sense of the ranges."""
        if self._options.default_type is not None:
            return self._options.default_type
        told = self._facts.value(Told.DEFAULT_TYPE)
        if told is None:
            told = self._facts.value(Told.IMPLIED_DEFAULT)
        if told is not None:
            return MemoryType(told)
        types = {found.type for found in pairs if found.size}
        for values in (self._common, derived or {}, *self._own.values()):
            types |= {MemoryType(values[m] & 7) for m in self._cpu.pair_msrs if not m & 1
                      and m in values and values.get(m + 1, 0) & VALID_BIT}  # fmt: skip
        kind = MemoryType.UC if MemoryType.WB in types else MemoryType.WB
        reason = (
            "RAM is listed as write-back" if kind is MemoryType.UC else "no range is write-back"
        )
        text = f"the default type is not given: {kind.linux_name}, since {reason}"
        if derived is not None:
            self.assumed |= {DEFTYPE}
            self._notes.append(Note(NoteKind.ASSUMED, text, option="default-type"))
        return kind


def fixed_values(ranges: list[tuple[int, int, int]]) -> Values:
    """Return all fixed registers for ranges (start, end, byte of the register); the rest is UC."""
    values: Values = {}
    for msr in FIXED_MSRS:
        value = 0
        for byte, (start, size) in enumerate(fixed_subranges(msr)):
            for low, high, kind in ranges:
                if low <= start and start + size <= high:
                    value = value & ~(0xFF << 8 * byte) | kind << 8 * byte
        values[msr] = value
    return values


def _below_1mib(found: MtrrRange) -> FixedRange | None:
    """Return the part of an effective range that fixed registers decide."""
    if found.base >= 1 << 20:
        return None
    return FixedRange(found.base, min(found.base + found.size, 1 << 20), found.type, found.place)


def split_blocks(start: int, end: int) -> list[tuple[int, int]]:
    """Return [start, end) as (base, size) blocks of a power of two, each at a multiple of its size.

    Bytes that are no whole page at the ends are left out; at most 64 blocks are made.
    """
    start, end = -(-start // 4096) * 4096, end // 4096 * 4096
    blocks: list[tuple[int, int]] = []
    while start < end and len(blocks) < 64:
        size = min(start & -start or 1 << 63, 1 << (end - start).bit_length() - 1)
        blocks.append((start, size))
        start += size
    return blocks


def address_bits(values: list[int]) -> int:
    """Return the physical address width that valid PHYSMASK values show, 0 if there are none."""
    return max((value.bit_length() for value in values if value & VALID_BIT), default=0)


def device_start(values: Values) -> int:
    """Return where the first UC range below 4 GiB starts, 0 if there is none."""
    starts = [
        values.get(msr, 0) & ~0xFFF
        for msr in PAIR_MSRS[::2]
        if values.get(msr + 1, 0) & VALID_BIT and values.get(msr, 0) & 0xFF == MemoryType.UC
    ]
    return min((start for start in starts if 1 << 20 <= start < 1 << 32), default=0)

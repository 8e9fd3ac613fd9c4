"""Every register in words: its fields, what values mean, which are refused and why, as it is kept.

Sizes, times and lists of numbers are among them, at the ends of each unit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.ept import IPAT_BIT, PFN_MASK, EptEntry, decode, leaf_text
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.describe import describe, describe_pair
from mtrrviz.core.msr.register_rules import bit_words, refusal
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS, fixed_subranges, mtrr_msrs
from mtrrviz.core.units import address_reading, format_size, format_time_ns, size_reading
from mtrrviz.core.wording.number_lists import number_list, vcpu_list
from tests.kept_texts import require_as_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT = Path(__file__).parents[2] / "data" / "told_registers.txt"
#: One of each kind, and both ends of those that there are many of.
SOME = (0xFE, 0x2FF, 0x250, 0x259, 0x26F, 0x200, 0x201, 0x20F, 0x210, 0x277, CR0_ID, 0x300)
#: Each bit of these is looked at by itself.
BIT_BY_BIT = (0xFE, 0x2FF, 0x201, CR0_ID)
WORD = (1 << 64) - 1
WIDTHS = (32, 36, 52)


def answer(work: Callable[[], object]) -> object:
    """Return what a function returns, or what it refuses."""
    try:
        return work()
    except (MtrrvizError, ValueError) as error:
        return f"refused: {error}"


def fields() -> Iterator[str]:
    for msr, reg in REGISTERS.items():
        if reg.index > 1 and reg.kind in {"base", "mask"}:
            continue
        yield f"{msr:#x} {reg.name} {reg.kind} {reg.index} {reg.section} | {reg.title}"
        for field in (*reg.fields, *reg.fields_at(40)):
            bits = f"{field.bits} {field.low}-{field.high} {field.mask:#x}"
            yield f"  {field.name} {bits} {field.kind} {field.section} | {field.meaning}"
        if reg.kind == "fixed":
            yield f"  {[(hex(start), hex(size)) for start, size in fixed_subranges(msr)]}"
    for pairs in (0, 1, 8, 16):
        yield f"{pairs} pairs: {' '.join(f'{msr:x}' for msr in mtrr_msrs(pairs))}"


def values(msr: int) -> Iterator[int]:
    yield from (0, WORD, 0x0706_0504_0302_0100, 0x0606_0606_0606_0606, 0x0007_0406_0007_0406)
    yield from (0xC06, 0x508, 0xD08, 0xFF_8000_0800, 0xFF_4000_0800, 0x8005_0033, 0xE000_0011)
    yield from (0x0600_0000_0000_0006, 0x0006_0600_0505_0404, 0x1E1E_1E1E_1E1E_1E1E)
    yield from (1 << bit for bit in range(64) if msr in BIT_BY_BIT)
    yield from (1 << 40, 1 << 39, 1 << 63)


def meanings() -> Iterator[str]:
    for msr in SOME:
        for value in values(msr):
            said = describe(msr, value, 40) if msr in REGISTERS else ""
            why = [refusal(msr, value, 40, pairs, has_dram_bits=False) for pairs in (0, 8)]
            why.append(refusal(msr, value, 52, 8, has_dram_bits=True))
            yield f"{msr:#x} {value:#x} {said} | {' | '.join(dict.fromkeys(why))}"
    for width in WIDTHS:
        for value in (0, 0x800, 0x8000_0800, 0xF_8000_0800, 0xF_4000_0800, 0xF_FFFF_F800, WORD):
            yield f"{width}: {describe(0x201, value, width)}, {describe_pair(5, value, width)}"
            yield f"  {describe_pair(0x8000_0006, value, width)}"
    for mask in (0, 1, 2, 3, 5, 6, 0b11011, 1 << 63, 3 << 62, WORD):
        yield f"{mask:#x}: {bit_words(mask)}"


def numbers() -> Iterator[str]:
    for power in range(0, 70, 5):
        for size in ((1 << power) - 1, 1 << power, (1 << power) + 1, 3 << power, 1000 << power):
            texts = (format_size(size), format_size(size, exact=True), format_time_ns(size))
            yield f"{size}: {' | '.join(texts)} | {size_reading(str(size))}"
            yield f"  {address_reading(str(size))} | {address_reading(hex(size))}"
    for time_ns in (999, 1000, 1001, 999_999, 10**6, 999_999_999, 10**9, 10**9 + 1, -999, -1000):
        yield f"{time_ns}: {format_time_ns(time_ns)}"
    for text in (
        "1,2,...,999", "1,3,...,2000", "1,2,...,1001", "1,2,...,1002", "1,2,...,1003", "0", "1e-9",
        "inf", "nan", "-1", "1,1,...,3", "2,1,...,3", "1,...,3", "1,2,...,2", "1,2,...,3", "1.5",
        "3,4,5,...,9", "1,2,4,...,64", "1,2,...,...,4", "1,2,...,4,...,9", "1,,2", "2,3,...,9.5",
    ):  # fmt: skip
        yield f"{text}: {answer(lambda text=text: str(number_list(text))[:300])}"
        yield f"  {answer(lambda text=text: len(vcpu_list(text)))}"


def entries() -> Iterator[str]:
    for bit in range(64):
        yield f"entry bit {bit}: {answer(lambda bit=bit: decode(1 << bit))}"
    last = PFN_MASK >> 12
    for flags in range(128):
        read, write, execute, ipat, is_large, accessed, dirty = (
            flags >> n & 1 > 0 for n in range(7)
        )
        made = (read, write, execute, MemoryType.WP, ipat, is_large, accessed, dirty)
        yield f"{flags:07b} {EptEntry(*made, last).encode():#x}"
    others = ((0, 1 << bit) for bit in (0, 9, 10, 11, 12, 51, 52, 63, 64))
    for pfn, other in ((0, 0), (last, 0), (last + 1, 0), (-1, 0), (0, -1), *others):
        entry = EptEntry(True, True, True, MemoryType.WB, False, False, False, False, pfn, other)
        yield f"{pfn:#x} {other:#x} {answer(lambda entry=entry: hex(entry.encode()))}"
    for code in range(8):
        yield f"{code}: {leaf_text(code << 3)} | {leaf_text(code << 3 | IPAT_BIT)}"


def test_registers_and_numbers_say_what_they_said() -> None:
    found = "".join(f"{line}\n" for part in (fields, meanings, numbers, entries) for line in part())
    require_as_kept(found, KEPT)

"""Real machines whose registers are right, drawn at random, and what their kernel prints of them.

The types of every address are known from the machine itself, so that what a program makes of a
text, or of what is left of it, can be judged without asking the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import assume
from hypothesis import strategies as st

from mtrrviz.core.memtype import MemoryType
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Region, RegionKind
from tests.analysis.solve.solve_judge import all_registers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.analysis.solve.solve_judge import Values

MIB, GIB = 1 << 20, 1 << 30
UC, WC, WB = MemoryType.UC, MemoryType.WC, MemoryType.WB

Pair = tuple[int, int, MemoryType]
"""Start, size (bytes) and type of a variable range."""

FIXED = (
    (0x00000, 0xA0000, "write-back"),
    (0xA0000, 0xC0000, "uncachable"),
    (0xC0000, 0xD0000, "write-protect"),
    (0xD0000, 0xE0000, "uncachable"),
    (0xE0000, 0x100000, "write-protect"),
)
_FIXED_VALUES = {0x259: 0} | {
    msr: value * 0x0101_0101_0101_0101
    for msr, value in (
        (0x250, 6), (0x258, 6), (0x268, 5), (0x269, 5), (0x26A, 0), (0x26B, 0), (0x26C, 5),
        (0x26D, 5), (0x26E, 5), (0x26F, 5),
    )
}  # fmt: skip


@dataclass(frozen=True)
class TrueMachine:
    """A machine: ``memory`` has bytes [start, end) and the words of its e820 map."""

    width: int
    default: MemoryType
    pairs: tuple[Pair | None, ...]
    memory: tuple[tuple[int, int, str], ...]
    ram: tuple[tuple[int, int], ...]
    devices: tuple[tuple[int, int], ...]

    @property
    def spec(self) -> MachineSpec:
        """The machine for the judge of mends."""
        kinds = ((self.ram, RegionKind.RAM), (self.devices, RegionKind.MMIO))
        regions = sorted((start, end, kind) for spans, kind in kinds for start, end in spans)
        return MachineSpec(
            1, 0, tuple(Region(str(kind), kind, start, end) for start, end, kind in regions),
            self.width, kind=MachineKind.HOST, pairs=len(self.pairs),
        )  # fmt: skip

    @property
    def registers(self) -> Values:
        """All registers that types depend on."""
        values: Values = dict.fromkeys(all_registers(len(self.pairs)), 0)
        values |= _FIXED_VALUES | {0x2FF: 0xC00 | self.default}
        for number, pair in enumerate(self.pairs):
            if pair is not None:
                start, size, kind = pair
                values[0x200 + 2 * number] = start | kind
                values[0x201 + 2 * number] = (1 << self.width) - size | 0x800
        return values

    def e820_lines(self) -> Iterator[str]:
        """Yield the firmware's map as Linux prints it."""
        yield "BIOS-provided physical RAM map:"
        for start, end, words in self.memory:
            yield f"BIOS-e820: [mem {start:#018x}-{end - 1:#018x}] {words}"

    def mtrr_lines(self) -> Iterator[str]:
        """Yield the registers as Linux prints them: print_mtrr_state of its mtrr/generic.c."""
        yield f"MTRR default type: {self.default.linux_name}"
        yield "MTRR fixed ranges enabled:"
        for start, end, words in FIXED:
            yield f"  {start:05X}-{end - 1:05X} {words}"
        yield "MTRR variable ranges enabled:"
        for number, pair in enumerate(self.pairs):
            if pair is None:
                yield f"  {number} disabled"
                continue
            start, size, kind = pair
            digits = (self.width - 12 + 3) // 4
            mask = (1 << self.width) - size >> 12
            word = kind.linux_name
            yield f"  {number} base {start >> 12:0{digits}X}000 mask {mask:0{digits}X}000 {word}"

    def proc_lines(self) -> Iterator[str]:
        """Yield /proc/mtrr, which has the pairs in use alone and no default type."""
        for number, pair in enumerate(self.pairs):
            if pair is not None:
                start, size, kind = pair
                words = f"base=0x{start:09x} ({start >> 20:5}MB), size={size >> 20:5}MB, count=1"
                yield f"reg{number:02}: {words}: {kind.linux_name}"


def blocks(start: int, end: int) -> list[tuple[int, int]]:
    """Return bytes [start, end) as (start, size) of powers of two, each at its multiple."""
    found: list[tuple[int, int]] = []
    while start < end:
        size = 1 << (end - start).bit_length() - 1
        while start % size:
            size //= 2
        found.append((start, size))
        start += size
    return found


@st.composite
def true_machines(draw: st.DrawFn) -> TrueMachine:
    """Draw RAM below and above 4 GiB, devices of every kind, and registers that suit them."""
    width = draw(st.sampled_from((36, 39, 46)))
    low = draw(st.integers(4, 24)) * 128 * MIB
    high = draw(st.sampled_from((0, 0, 1, 2, 4, 6, 8, 12, 28))) * GIB
    stolen = draw(st.sampled_from((0, 32 * MIB, 64 * MIB)))
    kept = draw(st.sampled_from((0, 0, 16 * MIB)))
    window = (64 * GIB, 96 * GIB) if width > 36 and draw(st.booleans()) else None
    style = draw(st.sampled_from(("WB blocks", "UC over WB", "WB default")))
    ram = [(0, 0xA0000), (MIB, low - kept), *([(4 * GIB, 4 * GIB + high)] if high else [])]
    pairs: list[Pair] = [(start, size, UC) for start, size in blocks(low, 4 * GIB)]
    if style == "WB blocks":
        pairs = [(start, size, WB) for start, size in blocks(0, low)]
        if low <= 0xC000_0000 and draw(st.booleans()):
            pairs.append((0xC000_0000, 256 * MIB, WC))
    elif style == "UC over WB":
        pairs.append((0, 4 * GIB, WB))
    if style != "WB default":
        pairs += [(start, size, WB) for start, size in blocks(4 * GIB, 4 * GIB + high)]
    elif window:
        pairs.append((window[0], window[1] - window[0], UC))
    count = draw(st.sampled_from((8, 8, 10)))
    assume(len(pairs) <= count)
    if draw(st.booleans()):
        pairs = draw(st.permutations(pairs))
    devices = [(0xA0000, 0xC0000), (low, 4 * GIB), *([window] if window else [])]
    return TrueMachine(
        width,
        WB if style == "WB default" else UC,
        (*pairs, *[None] * (count - len(pairs))),
        tuple(sorted(_memory(draw, low - kept, kept, stolen, high))),
        tuple(ram),
        tuple(devices),
    )


def _memory(
    draw: st.DrawFn, top: int, kept: int, stolen: int, high: int
) -> Iterator[tuple[int, int, str]]:
    """Yield the e820 map; firmware need not name devices in it, and names some only."""
    yield 0, 0x9FC00, "usable"
    yield 0x9FC00, 0xA0000, "reserved"
    yield 0xF0000, MIB, "reserved"
    yield MIB, top, "usable"
    if kept:
        yield top, top + kept, draw(st.sampled_from(("reserved", "ACPI NVS", "ACPI data")))
    if stolen and draw(st.booleans()):
        yield top + kept, top + kept + stolen, "reserved"
    for start, end in ((0xE000_0000, 0xF000_0000), (0xFEC0_0000, 0xFEC0_1000),
                       (0xFEE0_0000, 0xFEE0_1000), (0xFF00_0000, 4 * GIB)):  # fmt: skip
        if draw(st.booleans()):
            yield start, end, "reserved"
    if high:
        yield 4 * GIB, 4 * GIB + high, "usable"

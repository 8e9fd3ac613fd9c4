"""The register table, the rules for writes, ranges and words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.errors import GeneralProtectionFault, MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.describe import describe, describe_pair
from mtrrviz.core.msr.register_rules import check_write, refusal
from mtrrviz.core.msr.registers import (
    CR0_ID,
    MAX_PAIRS,
    REGISTERS,
    fixed_subranges,
    mtrr_msrs,
    register,
    reserved_mask,
)
from mtrrviz.core.units import PAGE_SIZE
from mtrrviz.core.variable_ranges import pair_to_range, pairs_cover, range_to_pair
from tests.core.oracle import accepts

GIB = 1 << 30


@pytest.mark.parametrize("msr", REGISTERS)
@pytest.mark.parametrize("maxphyaddr", [36, 46, 52, 64])
def test_fields_cover_64_bits_once(msr: int, maxphyaddr: int) -> None:
    for fields in (register(msr).fields, register(msr).fields_at(maxphyaddr)):
        bits = [bit for field in fields for bit in range(field.low, field.high + 1)]
        assert bits == list(range(64))


@pytest.mark.parametrize("msr", REGISTERS)
def test_every_row_has_words(msr: int) -> None:
    reg = register(msr)
    assert reg.name
    assert reg.title
    for field in reg.fields:
        assert field.name
        assert field.meaning
        assert field.section.split(".")[0] in {"2", "12"}


def test_display_order_holds_every_msr_once() -> None:
    assert len(mtrr_msrs()) == len(set(mtrr_msrs())) == 30
    assert {CR0_ID, *mtrr_msrs(MAX_PAIRS)} == set(REGISTERS)


@given(st.sampled_from(mtrr_msrs()), st.integers(0, 2**64 - 1), st.sampled_from((36, 46, 52, 64)))
def test_check_write_matches_oracle(msr: int, value: int, maxphyaddr: int) -> None:
    for candidate in (value, value & 0x0707_0707_0707_0707, value & 0xF_FFFF_F800, value & 0xC07):
        if accepts(msr, candidate, maxphyaddr):
            check_write(msr, candidate, maxphyaddr)
        else:
            with pytest.raises(GeneralProtectionFault):
                check_write(msr, candidate, maxphyaddr)


@pytest.mark.parametrize(
    ("msr", "value", "words"),
    [
        (0x200, 0x300, "bits 8-9 are reserved"),
        (0x200, 1 << 40, "bit 40 is reserved (bits 63:40: at or above MAXPHYADDR (40)"),
        (0x201, 0x1, "bit 0 is reserved (bits 10:0: must be 0)"),
        (0x250, 0x0202 << 16, "byte 2 (bits 23:16, 20000) holds type 0x2; allowed are 0 UC, 1 WC"),
        (0x2FF, 0x1000, "bit 12 is reserved"),
        (0x277, 0x2, "allowed are 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC-"),
        (0xFE, 0x508, "can only be read"),
        (0x300, 0, "no MTRR or PAT register"),
        (CR0_ID, 0x2000_0011, "needs CD"),
    ],
)
def test_refusals_name_the_bits(msr: int, value: int, words: str) -> None:
    with pytest.raises(GeneralProtectionFault) as caught:
        check_write(msr, value, 40)
    assert words in caught.value.reason
    assert words in str(caught.value)
    assert (caught.value.msr, caught.value.value) == (msr, value)
    assert isinstance(caught.value, MtrrvizError)


@pytest.mark.parametrize("value", [-1, 1 << 64])
def test_values_that_are_no_register_contents(value: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        check_write(0x2FF, value, 40)


def test_reserved_mask_follows_maxphyaddr() -> None:
    assert reserved_mask(register(0x200), 40) == 0xFFFF_FF00_0000_0F00
    assert reserved_mask(register(0x201), 64) == 0x7FF
    assert reserved_mask(register(0x2FF), 40) == 0xFFFF_FFFF_FFFF_F300
    assert reserved_mask(register(0x250), 40) == 0


@pytest.mark.parametrize(
    ("msr", "value", "words"),
    [
        (0xFE, 0x508, "8 variable ranges, fixed ranges, WC, no SMRR"),
        (0x2FF, 0xC06, "E on, FE on, default WB"),
        (0x2FF, 0x2, "E off, FE off, default reserved type 0x2"),
        (0x200, 0x8000_0000, "from 0x8000_0000, UC"),
        (0x201, 0xFF_8000_0800, "on, 2 GiB range"),
        (0x201, 0xFF_4000_0000, "off, 3 GiB range, mask has holes"),
        (0x201, 0x0, "off, 1 TiB range"),
        (0x250, 0x0606_0606_0606_0606, "WB 0x0-0x7_ffff"),
        (0x259, 0x0500_0000_0000_0000, "UC 0xa_0000-0xb_bfff, WP 0xb_c000-0xb_ffff"),
        (0x277, 0x0007_0406_0007_0406, "WB, WT, UC-, UC, WB, WT, UC-, UC"),
        (CR0_ID, 0x6000_0010, "caches off (CD 1, NW), real mode, paging off"),
    ],
)
def test_descriptions(msr: int, value: int, words: str) -> None:
    assert describe(msr, value, 40) == words


def test_pairs_are_described_as_a_range() -> None:
    assert describe_pair(0x8000_0000, 0xFF_8000_0800, 40) == "2 GiB at 0x8000_0000, UC"
    assert describe_pair(6, 0xFF_FFFF_F000, 40) == "off (4 KiB at 0x0, WB)"


@given(st.sampled_from(mtrr_msrs()), st.integers(0, 2**64 - 1))
def test_decoded_fields_make_up_the_value(msr: int, value: int) -> None:
    parts = [field.extract(value) << field.low for field in REGISTERS[msr].fields]
    assert sum(parts) == value
    assert describe(msr, value, 46)


def test_fixed_subranges_tile_the_first_mib() -> None:
    fixed = [msr for msr, reg in REGISTERS.items() if reg.kind == "fixed"]
    spans = [span for msr in fixed for span in fixed_subranges(msr)]
    assert len(spans) == 88
    assert [start for start, _ in spans[1:]] == [start + size for start, size in spans[:-1]]
    assert (spans[0][0], sum(spans[-1])) == (0, 1 << 20)
    with pytest.raises(KeyError):
        fixed_subranges(0x2FF)


@given(st.integers(12, 45), st.integers(0, 2**34), st.sampled_from(MemoryType), st.integers(46, 52))
def test_ranges_survive_the_registers(
    bits: int, place: int, memory_type: MemoryType, maxphyaddr: int
) -> None:
    base = place * PAGE_SIZE & -(1 << bits) & (1 << maxphyaddr) - 1
    physbase, physmask = range_to_pair(base, 1 << bits, memory_type, maxphyaddr)
    check_write(0x200, physbase, maxphyaddr)
    check_write(0x201, physmask, maxphyaddr)
    span = pair_to_range(physbase, physmask, maxphyaddr)
    assert (span.start, span.end, span.size_bytes) == (base, base + (1 << bits), 1 << bits)
    assert (span.type, span.valid) == (memory_type, True)
    assert span.is_contiguous_mask
    assert span.is_aligned


@pytest.mark.parametrize(
    ("base", "size_bytes", "words"),
    [
        (0, 3 * GIB, "power of two of at least 4 KiB, not 3 GiB"),
        (0, 2048, "not 2 KiB"),
        (0, 0, "not 0 B"),
        (GIB, 2 * GIB, "0x4000_0000 must be a multiple of the size (2 GiB)"),
        (-GIB, GIB, "multiple"),
        (1 << 40, GIB, "beyond the guest's 40-bit"),
    ],
)
def test_impossible_ranges_are_explained(base: int, size_bytes: int, words: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        range_to_pair(base, size_bytes, MemoryType.UC, 40)
    assert words in str(caught.value)


def test_odd_pairs_are_seen_as_kvm_does() -> None:
    unaligned = pair_to_range(0x9000_0000, 0xFF_8000_0800, 40)
    assert (unaligned.start, unaligned.end) == (0x9000_0000, 0x1_0000_0000)
    assert not unaligned.is_aligned
    holed = pair_to_range(0, 0xFF_4000_0800, 40)
    assert (holed.start, holed.end) == (0, 0xC000_0000)
    assert not holed.is_contiguous_mask
    everything = pair_to_range(0, 0, 40)
    assert (everything.end, everything.valid) == (1 << 40, False)


@pytest.mark.parametrize(
    ("msr", "value", "reasons"),
    [(0x200, 0x300, 1), (0x200, 1 << 40, 1), (0x200, 1 << 40 | 0x302, 3), (0x2FF, 0x1002, 2),
     (0x2FF, 0x2, 1), (0x201, 0x1, 1), (0x250, 0x0202, 2)],
)  # fmt: skip
def test_a_refusal_names_what_is_wrong_and_nothing_else(msr: int, value: int, reasons: int) -> None:
    text = refusal(msr, value, 40, 8, has_dram_bits=False)
    assert text.count("reserved (") + text.count("holds type") == reasons


@given(
    st.integers(0, (1 << 52) - 1),
    st.integers(0, (1 << 52) - 1),
    st.sampled_from([36, 46, 52]),
    st.integers(-2, 2),
    st.booleans(),
)
def test_pairs_cover_the_pages_of_their_ranges(base, mask, maxphyaddr, step, is_at_end):
    limit = (1 << maxphyaddr) - 1
    base, mask = base & ~0xFFF & limit | MemoryType.WB, mask & ~0x7FF & limit
    found = pair_to_range(base, mask, maxphyaddr)
    gfn = max(0, (found.end_gfn if is_at_end else found.start_gfn) + step)
    covers = pairs_cover(np.array([base], np.uint64), np.array([mask], np.uint64), maxphyaddr, gfn)
    assert covers[0] == (found.valid and found.start_gfn <= gfn < found.end_gfn)

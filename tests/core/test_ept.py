"""EPT entries as bits, and the way down the tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.ept import (
    HOST_FRAME_OFFSET,
    EptEntry,
    bits_to_leaf,
    block,
    decode,
    encode,
    ept_bits,
    has_ipat,
    host_frame,
    leaf_entry,
    type_bits,
    type_code,
    type_codes,
)
from mtrrviz.core.memtype import MemoryType

FLAGS = st.booleans()
ENTRIES = st.builds(
    EptEntry,
    FLAGS,
    FLAGS,
    FLAGS,
    st.sampled_from(MemoryType),
    FLAGS,
    FLAGS,
    FLAGS,
    FLAGS,
    st.integers(0, (1 << 40) - 1),
    st.integers(0, (1 << 12) - 1).map(lambda top: top << 52),
)


@given(ENTRIES)
def test_entries_survive_their_bits(entry: EptEntry) -> None:
    assert decode(encode(entry)) == entry


@given(st.integers(0, 2**64 - 1))
def test_bits_survive_decoding(value: int) -> None:
    if value >> 3 & 7 in (2, 3, 7):
        with pytest.raises(ValueError, match="misconfiguration"):
            decode(value)
    else:
        assert encode(decode(value)) == value


def test_each_field_sits_where_the_manual_says() -> None:
    entry = leaf_entry(0x8_0123, 2, ept_bits(MemoryType.WB, 1))
    assert entry.pfn == 0x8_0000 + HOST_FRAME_OFFSET
    assert entry.encode() == (0x18_0000 << 12) | 0x3F7
    assert leaf_entry(5, 1, ept_bits(MemoryType.UC, 0)).encode() == (0x10_0005 << 12) | 0x307


@pytest.mark.parametrize("value", [-1, 1 << 64])
def test_values_beyond_64_bits_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        decode(value)


def test_fields_that_do_not_fit_are_refused() -> None:
    wide = EptEntry(True, True, True, MemoryType.WB, True, False, False, False, 1 << 40)
    with pytest.raises(ValueError, match="51:12"):
        wide.encode()
    overlapping = EptEntry(True, True, True, MemoryType.WB, True, False, False, False, 0, 1)
    with pytest.raises(ValueError, match="overlap"):
        overlapping.encode()


@pytest.mark.parametrize("memory_type", MemoryType)
@pytest.mark.parametrize("ipat", [0, 1])
def test_leaf_bits_read_back(memory_type: MemoryType, ipat: int) -> None:
    assert ept_bits(memory_type, ipat) == memory_type << 3 | ipat << 6
    assert bits_to_leaf(ept_bits(memory_type, ipat)) == (memory_type, ipat)
    assert type_code(ept_bits(memory_type, ipat)) == memory_type


def test_bits_of_many_leaves_read_back() -> None:
    """Reserved codes too, which a trace may have."""
    codes = np.arange(8, dtype=np.uint8)
    plain = type_bits(codes)
    ignoring = plain | np.uint8(ept_bits(MemoryType.UC, 1))
    assert type_codes(plain).tolist() == type_codes(ignoring).tolist() == codes.tolist()
    assert plain[list(MemoryType)].tolist() == [ept_bits(kind, 0) for kind in MemoryType]
    assert not has_ipat(plain).any()
    assert has_ipat(ignoring).all()


@pytest.mark.parametrize(
    ("level", "expected"), [(1, (0x4_0321, 1)), (2, (0x4_0200, 512)), (3, (0x4_0000, 262144))]
)
def test_blocks_are_aligned(level: int, expected: tuple[int, int]) -> None:
    assert block(0x4_0321, level) == expected


def test_host_frames_are_a_plain_offset() -> None:
    assert host_frame(7) - host_frame(0) == 7

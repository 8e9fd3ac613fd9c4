"""Writing and reading addresses, sizes and times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.levels import LEVEL_SHIFTS, PAGES_OF_LEVEL
from mtrrviz.core.units import (
    LEVEL_PAGES,
    format_gpa,
    format_size,
    format_time_ns,
    parse_address,
    parse_size,
)


@pytest.mark.parametrize(
    ("address", "text"),
    [(0x8000_0000, "0x8000_0000"), (0, "0x0"), (0xA_0000, "0xa_0000"), (1 << 36, "0x10_0000_0000")],
)
def test_addresses_are_grouped_by_four(address: int, text: str) -> None:
    assert format_gpa(address) == text


@pytest.mark.parametrize(
    ("size_bytes", "text", "exact"),
    [
        (0, "0 B", "0 B"),
        (4096, "4 KiB", "4 KiB"),
        (1 << 31, "2 GiB", "2 GiB"),
        (3 << 29, "1.5 GiB", "1536 MiB"),
        ((3 << 30) - 4096, "3 GiB", "3145724 KiB"),
        (1 << 44, "16 TiB", "16 TiB"),
        (1_000_000, "976.56 KiB", "1000000 B"),
    ],
)
def test_sizes(size_bytes: int, text: str, exact: str) -> None:
    assert format_size(size_bytes) == text
    assert format_size(size_bytes, exact=True) == exact


@given(st.integers(0, 1 << 60))
def test_exact_sizes_read_back(size_bytes: int) -> None:
    assert parse_size(format_size(size_bytes, exact=True)) == size_bytes


@given(st.integers(0, 2**64 - 1))
def test_addresses_read_back(address: int) -> None:
    assert parse_address(format_gpa(address)) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (3_412_000_000, "3.412 s"),
        (16_070_000, "16.070 ms"),
        (1_500, "1.500 us"),
        (999, "999 ns"),
        (-2_000_000, "-2.000 ms"),
        (0, "0 ns"),
    ],
)
def test_times(time_ns: int, text: str) -> None:
    assert format_time_ns(time_ns) == text


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("2 GiB", 2 << 30),
        ("512K", 512 << 10),
        ("1.5 MiB", 3 << 19),
        ("4096", 4096),
        ("16tib", 16 << 40),
        ("4_096", 4096),
        ("0x1000", 4096),
        ("0.1 KiB", None),
        ("2 GB", None),
        ("two", None),
        ("", None),
        ("-1 MiB", None),
        ("0xzz", None),
    ],
)
def test_parse_size(text: str, size_bytes: int | None) -> None:
    if size_bytes is not None:
        assert parse_size(text) == size_bytes
        return
    with pytest.raises(ValueError, match=r"whole number|unknown unit|is not a"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [("0x8000_0000", 1 << 31), (" 0XFEE00000 ", 0xFEE0_0000), ("3 GiB", 3 << 30), ("4095", 4095)],
)
def test_parse_address(text: str, address: int) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "fee0", "0x", "0xg", "-1", "1" + "0" * 30, "0x1" + "0" * 16])
def test_bad_addresses_are_explained(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an address|64 bits|unknown unit"):
        parse_address(text)


@pytest.mark.parametrize(("level", "pages"), LEVEL_PAGES.items())
def test_shifting_by_a_level_counts_its_blocks(level: int, pages: int) -> None:
    assert PAGES_OF_LEVEL[level] == pages
    gfns = (0, pages - 1, pages, 5 * pages - 1, 5 * pages)
    assert [gfn >> int(LEVEL_SHIFTS[level]) for gfn in gfns] == [0, 0, 1, 4, 5]

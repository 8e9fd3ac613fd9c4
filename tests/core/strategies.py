"""Random register writes that meet each other: few places, few sizes, all the oddities."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

TYPES = (0, 1, 4, 5, 6)
FIXED = (0x250, 0x258, 0x259, *range(0x268, 0x270))
WIDTHS = (36, 40, 46, 52)

Write = tuple[int, int]

_GIB = 1 << 30
_PLACES = (0, 0xA_0000, 0x10_0000, 0x20_0000, _GIB - 0x20_0000, _GIB, 3 * _GIB, 4 * _GIB - 0x1000)
_SIZES = tuple(1 << bits for bits in (12, 13, 20, 21, 22, 29, 30, 31, 32, 34))


@cache
def bases(width: int) -> st.SearchStrategy[int]:
    """PHYSBASE values: near the few places, anywhere, or at the very top."""
    top = (1 << width) - 0x1000
    near = st.builds(
        lambda place, pages: place + 0x1000 * pages, st.sampled_from(_PLACES), st.integers(0, 3)
    )
    where = st.one_of(
        st.sampled_from(_PLACES), near, st.integers(0, top >> 12).map(lambda g: g << 12)
    )
    return st.builds(lambda at, kind: min(at, top) | kind, where, st.sampled_from(TYPES))


@cache
def masks(width: int) -> st.SearchStrategy[int]:
    """PHYSMASK values: contiguous, with holes, all zero or all ones, valid or not."""
    full = (1 << width) - 0x1000
    contiguous = st.sampled_from(_SIZES).map(lambda size: full & -size)
    holed = st.builds(
        lambda size, hole: full & -size & ~(1 << hole),
        st.sampled_from(_SIZES),
        st.integers(12, width - 1),
    )
    odd = st.one_of(
        holed, st.sampled_from((0, full)), st.integers(0, full >> 12).map(lambda m: m << 12)
    )
    mask = st.one_of(contiguous, contiguous, odd)
    return st.builds(lambda bits, valid: bits | valid, mask, st.sampled_from((0x800, 0x800, 0)))


@cache
def fixed_values() -> st.SearchStrategy[int]:
    """Eight type bytes, mostly all alike."""
    alike = st.sampled_from(TYPES).map(lambda kind: kind * 0x0101_0101_0101_0101)
    mixed = st.lists(st.sampled_from(TYPES), min_size=8, max_size=8)
    return st.one_of(alike, mixed.map(lambda kinds: int.from_bytes(bytes(kinds), "little")))


@cache
def default_types() -> st.SearchStrategy[int]:
    """DEF_TYPE values, mostly with E set."""
    flags = st.sampled_from((0xC00, 0xC00, 0x800, 0x800, 0x400, 0))
    return st.builds(int.__or__, flags, st.sampled_from(TYPES))


@cache
def accepted_writes(width: int) -> st.SearchStrategy[Write]:
    """One write that KVM accepts."""
    pair = st.integers(0, 3)
    return st.one_of(
        st.tuples(pair.map(lambda i: 0x200 + 2 * i), bases(width)),
        st.tuples(pair.map(lambda i: 0x201 + 2 * i), masks(width)),
        st.tuples(st.sampled_from(FIXED), fixed_values()),
        st.tuples(st.just(0x2FF), default_types()),
        st.tuples(st.just(0x277), st.sampled_from((0x0007_0406_0007_0406, 0x0007_0106_0007_0106))),
    )


@cache
def any_writes() -> st.SearchStrategy[Write]:
    """One write that KVM most likely refuses."""
    numbers = st.sampled_from((0xFE, 0x1FF, 0x200, 0x201, 0x210, 0x250, 0x251, 0x277, 0x2FF))
    return st.tuples(numbers, st.integers(0, 2**64 - 1))


@st.composite
def register_sets(draw: st.DrawFn) -> tuple[int, bool, list[Write]]:
    """MAXPHYADDR, CPUID's MTRR bit, and pairs, fixed values and at last a default type."""
    width = draw(st.sampled_from(WIDTHS))
    has_mtrr = draw(st.booleans())
    writes: list[Write] = []
    for pair in range(draw(st.integers(0, 8))):
        writes += [(0x200 + 2 * pair, draw(bases(width))), (0x201 + 2 * pair, draw(masks(width)))]
    if draw(st.booleans()):
        writes += [(msr, draw(fixed_values())) for msr in FIXED]
    writes += draw(st.lists(accepted_writes(width), max_size=4))
    return width, has_mtrr, [*writes, (0x2FF, draw(default_types()))]

"""The solver beside the ways of edk2's MtrrLib and of Linux's MTRR cleanup, in simple versions.

Both take UC to win wherever it lies, as on hardware. KVM hears UC only behind another range, so
their ranges are first made fit for KVM: a UC range that KVM would not see gets a second range of
the outer type below it. What is compared is what each needs to be right under KVM and the SDM.
"""

from __future__ import annotations

import random

import pytest

from mtrrviz.analysis.solve import Limits, WantedRange, solve, wanted_map
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.variable_ranges import range_to_pair

UC, WB, WT = MemoryType.UC, MemoryType.WB, MemoryType.WT
WIDTH = 40
MIB = 1 << 20
TOP = 1 << WIDTH


def largest_block(start, end):
    """Return the size of the largest aligned power-of-two block at a start."""
    size = start & -start or TOP
    while start + size > end:
        size >>= 1
    return size


def added(start, end, kind):
    """Return ranges side by side, as large as alignment lets them be, from the left."""
    ranges = []
    while start < end:
        size = largest_block(start, end)
        ranges.append((start, size, kind))
        start += size
    return ranges


def edk2_ranges(runs, default):
    """Cover each run that is not of the default type: add blocks, or take UC off a larger one."""
    ranges = []
    for start, end, kind in runs:
        if kind is default:
            continue
        ways = [added(start, end, kind)]
        if kind is not UC:
            after = next((stop for first, stop, k in runs if first == end and k is UC), end)
            ways += [
                [*added(start, top, kind), *added(end, top, UC)]
                for top in rounded_up(end)
                if top <= after
            ]
        ranges += min(ways, key=len)
    return ranges


def rounded_up(end):
    """Return the multiples of growing powers of two at or above an address."""
    size = MIB
    while size < TOP:
        yield -(-end // size) * size
        size <<= 1


def linux_ranges(runs, gran):
    """Cover RAM from the left; where its end is odd, round up to a chunk and punch a UC hole."""
    ranges = []
    ram = [(start, end) for start, end, kind in runs if kind is WB]
    for index, (start, end) in enumerate(ram):
        limit = ram[index + 1][0] if index + 1 < len(ram) else TOP
        top = -(-end // gran) * gran
        plain, holed = added(start, end, WB), [*added(start, top, WB), *added(end, top, UC)]
        ranges += holed if top <= limit and len(holed) < len(plain) else plain
    return ranges


def fit_for_kvm(ranges):
    """Add what makes KVM see each UC range: a range of the outer type that starts with it."""
    fit = list(ranges)
    for start, size, kind in ranges:
        outer = [r for r in ranges if r[2] is not UC and r[0] <= start < r[0] + r[1]]
        if kind is UC and outer and all(first != start for first, _, _ in outer):
            fit.append((start, size, outer[0][2]))
    return fit


def gives(ranges, default, runs):
    """Look a set of ranges up at every border, in both readings."""
    for start, _, kind in runs:
        state = MtrrState(WIDTH)
        hits = [r for r in ranges if r[0] <= start < r[0] + r[1]]
        for index, one in enumerate(hits[:8]):
            at, size, type_ = one
            for offset, value in enumerate(range_to_pair(at, size, type_, WIDTH)):
                state.write(PHYSBASE0 + 2 * index + offset, value)
        state.write(DEFTYPE, 0x800 | default)
        found = (state.memory_type(start >> 12), state.sdm_memory_type(start >> 12))
        if len(hits) > 8 or found != (kind, kind):
            return False
    return True


def random_runs(choice, kinds):
    """Return a map of a few runs: low RAM, holes, high RAM, as machines have and odder."""
    unit = choice.choice((MIB, 64 * MIB, 1024 * MIB))
    cuts = sorted(choice.sample(range(1, 64), choice.randrange(1, 6)))
    edges = [0, *(cut * unit for cut in cuts), TOP]
    types = [choice.choice(kinds) for _ in edges[1:]]
    return merged(list(zip(edges, edges[1:], [*types[:-1], UC], strict=False)))


def merged(runs):
    """Join neighbours of one type."""
    joined = [runs[0]]
    for start, end, kind in runs[1:]:
        first = joined.pop()[0] if kind is joined[-1][2] else start
        joined.append((first, end, kind))
    return joined


def needed(runs, default):
    wanted = wanted_map([WantedRange(*run) for run in runs], WIDTH)
    found = solve(wanted, Limits(default=default, use_fixed=False)).needed
    assert found is not None
    return found


@pytest.mark.parametrize("default", [UC, WB])
def test_no_more_pairs_than_edk2(default):
    choice, compared, saved = random.Random(3), 0, 0
    for _ in range(300):
        runs = random_runs(choice, (UC, WB, WT))
        theirs = fit_for_kvm(edk2_ranges(runs, default))
        ours = needed(runs, default)
        if gives(theirs, default, runs):
            compared += 1
            saved += len(theirs) - ours
            assert ours <= len(theirs)
    assert compared > 200
    assert saved > 0


def test_no_more_pairs_than_linux_with_any_chunk_size():
    choice, compared, saved = random.Random(5), 0, 0
    for _ in range(100):
        runs = random_runs(choice, (UC, WB))
        ours = needed(runs, UC)
        for gran in (64 * MIB, 1024 * MIB, 4096 * MIB):
            theirs = fit_for_kvm(linux_ranges(runs, gran))
            if gives(theirs, UC, runs):
                compared += 1
                saved += len(theirs) - ours
                assert ours <= len(theirs)
    assert compared > 200
    assert saved > 0

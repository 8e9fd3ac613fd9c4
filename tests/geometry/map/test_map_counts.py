"""Counts of live leaves by dot, against looking at each leaf, at and beside births and deaths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.geometry.map import map_counts
from mtrrviz.geometry.map.map_counts import LiveCounts
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.tables import ALIVE

LEAVES = simulate(open_scenario("small-machine"), "per-vcpu").leaves
MOMENTS = sorted({*LEAVES.born_ns.tolist(), *LEAVES.died_ns.tolist()} - {int(ALIVE)})
BINS = 5

#: Times just before, at and just after something happens, and any other.
moments = st.one_of(
    st.tuples(st.sampled_from(MOMENTS), st.integers(-1, 1)).map(sum),
    st.integers(-10, MOMENTS[-1] + 10),
)


def counts_by_hand(bins, time_ns):
    is_alive = (LEAVES.born_ns <= time_ns) & (time_ns < LEAVES.died_ns)
    return np.bincount(bins[is_alive], minlength=BINS).tolist()


@pytest.fixture(scope="module", params=[1, 7, 1 << 16])
def between(request):
    """So many events lie between kept counts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_counts, "_EVENTS_BETWEEN", request.param)
        yield request.param


@settings(max_examples=60)
@given(seed=st.integers(0, 99), times=st.lists(moments, min_size=1, max_size=8))
def test_counts_are_those_of_the_leaves_that_live(between, seed, times):
    bins = np.random.default_rng(seed).integers(0, BINS, len(LEAVES)).astype(np.intp)
    dead = LEAVES.by_death
    births, deaths = (LEAVES.born_ns, bins), (LEAVES.died_ns[dead], bins[dead])
    counts = LiveCounts(births, deaths, BINS)
    for time_ns in times:
        assert counts.at(time_ns).tolist() == counts_by_hand(bins, time_ns)

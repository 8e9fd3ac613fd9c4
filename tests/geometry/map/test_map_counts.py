"""Counts of live leaves by dot, against looking at each leaf, at and beside births and deaths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.geometry.map import map_counts
from mtrrviz.geometry.map.map_counts import Deaths, LiveCounts
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.tables import ALIVE

LEAVES = simulate(open_scenario("small-machine"), "per-vcpu").leaves
DEATHS = Deaths.of(LEAVES)
MOMENTS = np.unique(np.concatenate([LEAVES.born_ns, DEATHS.times_ns])).tolist()
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
    counts = LiveCounts.of(LEAVES, DEATHS, bins, BINS)
    for time_ns in times:
        assert counts.at(time_ns).tolist() == counts_by_hand(bins, time_ns)


@given(moments, moments)
def test_deaths_after_one_time_up_to_and_at_another(after_ns, until_ns):
    after_ns, until_ns = sorted((after_ns, until_ns))
    died = LEAVES.died_ns
    wanted = np.flatnonzero((died != ALIVE) & (after_ns < died) & (died <= until_ns))
    found = DEATHS.between(after_ns, until_ns)
    assert sorted(found.tolist()) == wanted.tolist()
    assert (np.diff(died[found]) >= 0).all()

"""Leaves found by address and by death, against looking at every leaf of a run."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.tables import ALIVE
from tests.sim.made import leaf_table


def any_leaves():
    draw = np.random.default_rng(7)
    level = draw.choice([1, 1, 1, 2, 3], 800)
    pages = np.array([0, *LEVEL_PAGES.values()])[level]
    return leaf_table(draw.integers(0, 1 << 20, 800) // pages * pages, level=level)


TABLES = {
    "any": any_leaves(),
    "boot": simulate(open_scenario("small-machine"), "per-vcpu").leaves,
    "none": leaf_table([]),
}


@pytest.mark.parametrize("name", TABLES)
def test_leaves_are_found_by_address(name):
    leaves = TABLES[name]
    first = leaves.first_gfn.astype(np.int64)
    end = first + leaves.pages.astype(np.int64)
    draw = np.random.default_rng(8)
    borders = np.concatenate([first, end - 1, end, np.arange(5)])
    gfns = [*draw.choice(borders, 150), *draw.integers(0, 1 << 20, 50)]
    for gfn in gfns:
        wanted = np.flatnonzero((first <= gfn) & (gfn < end))
        assert leaves.rows_at(int(gfn)).tolist() == wanted.tolist()
    for low, high in np.sort(draw.choice(borders, (50, 2)), axis=1).tolist():
        for level in LEVEL_PAGES:
            rows = leaves.rows_from(level, low, high)
            wanted = (leaves.level == level) & (low <= first) & (first < high)
            assert sorted(rows.tolist()) == np.flatnonzero(wanted).tolist()
            assert (np.diff(first[rows]) >= 0).all()
            if low < high:
                wanted = (leaves.level == level) & (first < high) & (low < end)
                assert sorted(leaves.rows_in(level, low, high)) == np.flatnonzero(wanted).tolist()


def test_the_order_of_deaths_is_by_time_where_ranges_are_zapped():
    died_ns = simulate(open_scenario("small-machine"), "fine-grained").leaves.died_ns
    assert (np.diff(died_ns[died_ns != ALIVE]) < 0).any()
    found = simulate(open_scenario("small-machine"), "fine-grained").leaves.by_death
    assert died_ns[found].tolist() == sorted(died_ns[died_ns != ALIVE].tolist())


@pytest.mark.parametrize("died_ns", [[3, 5, ALIVE, 9], [9, ALIVE, 3, 5], [], [ALIVE]])
def test_the_order_of_deaths_leaves_out_what_lives(died_ns):
    leaves = leaf_table(range(len(died_ns)), died_ns=died_ns)
    times_ns = leaves.died_ns[leaves.by_death].tolist()
    assert times_ns == sorted(time for time in died_ns if time != ALIVE)

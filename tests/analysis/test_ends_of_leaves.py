"""What ended a leaf, in words, for every zap of a run from its first one on."""

from __future__ import annotations

from mtrrviz.analysis.explaining.page_facts import past_leaves
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate


def test_the_zap_that_ended_a_leaf_is_named_by_its_number_from_the_first_one_on():
    run = simulate(open_scenario("small-machine"), "per-vcpu")
    rows = {int(zap): int(row) for row, zap in enumerate(run.leaves.zap) if zap >= 0}
    assert 0 in rows
    for zap, row in rows.items():
        born_ns = int(run.leaves.born_ns[row])
        past = past_leaves(run, int(run.leaves.first_gfn[row]))
        (leaf,) = [leaf for leaf in past if leaf.born_ns == born_ns]
        assert leaf.end.startswith(f"zap {zap + 1} by ")

"""Curves of a run against counting by hand."""

from __future__ import annotations

import numpy as np

from mtrrviz.core.memtype import MemoryType
from mtrrviz.facts.figures import figures_until
from mtrrviz.geometry.timeline.history_curves import leaf_history
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate


def test_curves_count_the_live_leaves_of_each_type_at_every_sample() -> None:
    run = simulate(open_scenario("small-machine"), "per-vcpu")
    history = leaf_history(run)
    for index in range(0, len(history.times_ns), 97):
        state = run.at(int(history.times_ns[index]))
        kinds = run.leaves.memory_type[state.live_rows]
        for memory_type, values in history.live.items():
            assert values[index] == np.count_nonzero(kinds == memory_type)
        assert history.zaps[index] == figures_until(state.run, state.time_ns).zap_count


def test_no_zap_falls_between_two_samples() -> None:
    run = simulate(open_scenario("small-machine"), "per-vcpu")
    assert np.isin(run.zaps.time_ns, leaf_history(run).times_ns).all()


def test_a_type_without_leaves_has_no_curve() -> None:
    history = leaf_history(simulate(open_scenario("sandbox"), "per-vcpu"))
    assert MemoryType.WC not in history.live
    assert history.zaps[-1] == 0

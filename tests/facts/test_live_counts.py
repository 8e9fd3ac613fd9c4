"""How many leaves there are over time: at each zap, just before it, and from 0 on."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.facts.live_counts import live_counts, sample_times
from mtrrviz.sim import simulate
from tests.sim.made import DEFTYPE, ON_UC, ON_WB, machine, ram, scenario, wrmsr

SPEC = machine(ram(0, 0x4000_0000), vcpus=1, host_level=1)


@pytest.mark.parametrize("first_ns", [0, 1, 5])
def test_times_are_the_zaps_the_moments_before_them_and_a_grid_from_0_on(first_ns):
    events = (wrmsr(first_ns, DEFTYPE, ON_WB), wrmsr(20, DEFTYPE, ON_UC))
    run = simulate(scenario(SPEC, events, (10, 0x100), (11, 0x101)), "per-vcpu")
    zaps = sorted(set(run.zaps.time_ns.tolist()))
    assert zaps == [first_ns, 20]
    times = sample_times(run, 2).tolist()
    wanted = {0, run.scenario.duration_ns, *zaps, *(max(zap - 1, 0) for zap in zaps)}
    assert times == sorted(wanted)


def test_a_leaf_is_there_from_its_birth_to_before_its_death():
    events = (wrmsr(1, DEFTYPE, ON_WB), wrmsr(20, DEFTYPE, ON_UC))
    run = simulate(scenario(SPEC, events, (10, 0x100), (11, 0x101)), "per-vcpu")
    times = np.array([9, 10, 11, 19, 20], np.int64)
    everything = np.ones(len(run.leaves), np.bool_)
    assert live_counts(run, everything, times).tolist() == [0, 1, 2, 2, 0]
    assert live_counts(run, ~everything, times).tolist() == [0] * 5

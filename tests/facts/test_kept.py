"""What is worked out of a run is kept for it, and never keeps it."""

from __future__ import annotations

import gc
import weakref

from mtrrviz.facts.boot.boot_length import replayed, stall_s
from mtrrviz.facts.boot.srcu_leaks import leak_times
from mtrrviz.facts.figures import figures
from mtrrviz.facts.kept import kept
from mtrrviz.facts.trace.mismatch_causes import mismatch_causes
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import Run, simulate
from mtrrviz.sim.cost_model import DEFAULT_COSTS

KEPT = (replayed, stall_s, figures, leak_times, trace_check, mismatch_causes)


def a_run() -> Run:
    return simulate(open_scenario("small-machine"), "per-vcpu")


def test_a_run_is_asked_once_and_each_run_by_itself() -> None:
    asked = []

    @kept()
    def number(run: Run) -> int:
        asked.append(run)
        return len(asked)

    first, second = a_run(), a_run()
    assert [number(first), number(second), number(first)] == [1, 2, 1]


def test_runs_that_share_a_part_share_what_follows_from_it() -> None:
    run = a_run()
    other = run.with_costs(DEFAULT_COSTS.with_values({"turn": 1.0}))
    assert replayed(other) is replayed(run)
    assert figures(other) is not figures(run)


def test_nothing_kept_of_a_run_keeps_it() -> None:
    run = a_run()
    for work in KEPT:
        work(run)
    gone = weakref.ref(run)
    leaves_gone = weakref.ref(run.leaves)
    del run
    gc.collect()
    assert gone() is None
    assert leaves_gone() is None

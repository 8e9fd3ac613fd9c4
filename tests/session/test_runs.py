"""Runs: made once, kept, taken as a base, and never shown for another scenario."""

from __future__ import annotations

import gc
import weakref

import pytest

from mtrrviz.scenario import Event, EventKind
from mtrrviz.session import runs as session_runs
from mtrrviz.session.runs import KEPT_RUNS, Runs, at_once
from tests.session.slow_executor import SlowExecutor
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr

BOTH = ("per-vcpu", "per-vm")


def made(value: int = ON_WB):
    return scenario(machine(), (wrmsr(5, DEFTYPE, value),), (1, 5), (9, 6))


@pytest.fixture
def executor():
    return SlowExecutor()


@pytest.fixture
def told():
    return []


@pytest.fixture
def runs(executor, told):
    return Runs(executor, lambda: told.append(True), lambda: told.append(False))


def test_runs_appear_when_they_are_finished(runs, executor, told):
    first = made()
    runs.want(first, BOTH)
    assert runs.newest("per-vcpu") is None
    assert not runs.is_current(first, "per-vcpu")
    executor.finish()
    assert runs.newest("per-vcpu").scenario is first
    assert runs.is_current(first, "per-vcpu")
    assert not runs.is_current(first, "per-vm")
    assert told == [True]


def test_what_is_under_way_is_not_started_again(runs, executor):
    first = made()
    runs.want(first, BOTH)
    runs.want(first, BOTH)
    assert len(executor.waiting) == 2


def test_a_run_of_an_older_scenario_stays_until_the_new_one_is_finished(runs, executor):
    first, second = made(), made(0)
    runs.want(first, ["per-vcpu"])
    executor.finish()
    runs.want(second, ["per-vcpu"])
    assert runs.newest("per-vcpu").scenario is first
    assert not runs.is_current(second, "per-vcpu")
    executor.finish()
    assert runs.newest("per-vcpu").scenario is second


def test_a_late_run_of_an_older_scenario_is_not_shown(runs, executor, told):
    first, second = made(), made(0)
    runs.want(first, ["per-vcpu"])
    runs.want(second, ["per-vcpu"])
    executor.finish(1)
    executor.finish(0)
    assert runs.newest("per-vcpu").scenario is second
    assert told == [True]


def test_a_run_of_a_forgotten_scenario_never_appears(runs, executor, told):
    first, second = made(), made(0)
    runs.want(first, BOTH)
    runs.forget()
    runs.want(second, BOTH)
    executor.finish()
    executor.finish()
    assert runs.newest("per-vcpu") is runs.newest("per-vm") is None
    assert told == []
    executor.finish_all()
    assert runs.newest("per-vcpu").scenario is second


def test_the_same_scenario_opened_again_is_simulated_again(runs, executor):
    first = made()
    runs.want(first, ["per-vcpu"])
    runs.forget()
    runs.want(first, ["per-vcpu"])
    executor.finish()
    assert runs.newest("per-vcpu") is None
    executor.finish()
    assert runs.is_current(first, "per-vcpu")


def test_going_back_answers_at_once(runs, executor, told):
    first, second = made(), made(0)
    for wanted in (first, second):
        runs.want(wanted, BOTH)
        executor.finish_all()
    done = executor.done
    runs.want(first, BOTH)
    assert executor.done == done
    assert executor.waiting == []
    assert runs.newest("per-vm").scenario is first


def test_few_runs_are_kept_and_the_ones_in_use_among_them(told):
    runs = Runs(at_once, lambda: told.append(True), lambda: told.append(False))
    first = made()
    runs.want(first, ["per-vcpu"])
    gone = weakref.ref(runs.newest("per-vcpu"))
    for value in range(KEPT_RUNS - 1):
        runs.want(made(value), ["per-vcpu"])
    runs.want(first, ["per-vcpu"])
    runs.want(made(), ["per-vcpu"])
    runs.want(first, ["per-vcpu"])
    assert runs.newest("per-vcpu") is gone()
    for value in range(KEPT_RUNS):
        runs.want(made(value), ["per-vcpu"])
    gc.collect()
    assert gone() is None


def test_large_runs_are_dropped_but_for_the_two_newest(monkeypatch, told):
    runs = Runs(at_once, lambda: told.append(True), lambda: told.append(False))
    seen = []
    for value in range(4):
        runs.want(made(value), ["per-vcpu"])
        seen.append(weakref.ref(runs.newest("per-vcpu")))
    size_bytes = seen[0]().size_bytes
    assert size_bytes > seen[0]().leaves.size_bytes > 8 * len(seen[0]().leaves)
    for limit_bytes, expected in ((100 * size_bytes, 5), (3 * size_bytes, 3), (0, 2)):
        monkeypatch.setattr(session_runs, "KEPT_BYTES", limit_bytes)
        runs.want(made(limit_bytes % 7), ["per-vcpu"])
        seen.append(weakref.ref(runs.newest("per-vcpu")))
        gc.collect()
        alive = [run() is not None for run in seen]
        assert alive == [False] * (len(seen) - expected) + [True] * expected


def test_a_scenario_at_the_place_in_memory_of_a_dead_one_gets_its_own_run(told):
    runs = Runs(at_once, lambda: told.append(True), lambda: told.append(False))
    for value in range(50):
        one = made(value % 2 * 6)
        runs.want(one, ["per-vcpu"])
        newest = runs.newest("per-vcpu")
        assert newest
        assert newest.scenario is one
        del one, newest


def test_saving_keeps_finished_runs_and_those_being_made(runs, executor):
    first, saved = made(), made()
    runs.want(first, BOTH)
    executor.finish()
    runs.adopt(saved, first)
    assert runs.is_current(saved, "per-vcpu")
    assert not runs.is_current(saved, "per-vm")
    executor.finish()
    assert runs.is_current(saved, "per-vm")
    runs.want(saved, BOTH)
    assert executor.waiting == []


def test_an_edit_goes_on_from_the_run_before_it(runs, executor, monkeypatch):
    calls = []
    from mtrrviz.session import runs as module

    simulate = module.simulate
    monkeypatch.setattr(module, "simulate", lambda *a, **kw: calls.append(kw) or simulate(*a, **kw))
    first = made()
    runs.want(first, ["per-vcpu"])
    executor.finish()
    edited = first.inserting(Event(7, EventKind.WRMSR, 0, DEFTYPE, 0))
    runs.want(edited, ["per-vcpu"], first, 7)
    executor.finish()
    assert [(call["base"] and call["base"].scenario, call["since_ns"]) for call in calls] == [
        (None, 0),
        (first, 7),
    ]


def test_a_state_is_made_once_for_each_time(told):
    runs = Runs(at_once, lambda: told.append(True), lambda: told.append(False))
    runs.want(made(), ["per-vcpu"])
    run = runs.newest("per-vcpu")
    assert run
    assert runs.state(run, 5) is runs.state(run, 5)
    assert runs.state(run, 5) is not runs.state(run, 6)

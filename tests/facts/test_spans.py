"""Phases and DMA devices from when to when, and exactly at their ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.facts.spans import DmaSpan, PhaseSpan, dma_devices_at, dma_spans, phase_spans
from mtrrviz.scenario import Event, EventKind, Phase
from mtrrviz.sim import simulate
from tests.sim.made import machine, scenario
from tests.sim.strategies import LAST_NS, scenarios

ATTACH, DETACH = EventKind.DMA_ATTACH, EventKind.DMA_DETACH


def test_devices_come_and_go_and_the_last_stays_to_the_end() -> None:
    story = scenario(machine(), (Event(5, ATTACH), Event(9, DETACH)))
    assert dma_spans(story) == [DmaSpan(0, 5, 1), DmaSpan(5, 9, 2), DmaSpan(9, 1000, 1)]


def test_a_device_that_leaves_twice_is_gone_once() -> None:
    story = scenario(machine(), (Event(5, DETACH), Event(6, DETACH), Event(7, ATTACH)))
    assert dma_spans(story) == [DmaSpan(0, 5, 1), DmaSpan(7, 1000, 1)]


@pytest.mark.parametrize(("time_ns", "devices"), [(4, 1), (5, 0), (6, 0), (7, 1)])
def test_devices_are_counted_from_the_very_time(time_ns: int, devices: int) -> None:
    story = scenario(machine(), (Event(5, DETACH), Event(7, ATTACH)))
    assert dma_devices_at(story, time_ns) == devices


def test_no_device_is_owed_after_one_left_that_was_not_there() -> None:
    story = scenario(machine(), (Event(5, DETACH), Event(6, DETACH), Event(7, ATTACH)))
    assert [dma_devices_at(story, time_ns) for time_ns in (4, 5, 6, 7)] == [1, 0, 0, 1]


@given(scenarios(), st.integers(0, LAST_NS + 10))
def test_devices_are_those_of_the_machine_at_that_time(scenario, time_ns) -> None:
    devices = simulate(scenario, "per-vcpu").at(time_ns).machine.noncoherent_dma
    assert dma_devices_at(scenario, time_ns) == devices
    spans = [s.devices for s in dma_spans(scenario) if s.start_ns <= time_ns < s.end_ns]
    assert spans == ([devices] if devices and time_ns < scenario.duration_ns else [])


def test_each_phase_lasts_until_the_next_and_the_last_to_the_end() -> None:
    phases = (Phase(10, "one"), Phase(30, "two"))
    story = replace(scenario(machine()), phases=phases)
    assert phase_spans(story) == [PhaseSpan(phases[0], 30), PhaseSpan(phases[1], 1000)]
    assert phase_spans(scenario(machine())) == []

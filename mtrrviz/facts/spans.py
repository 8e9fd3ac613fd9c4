"""The stretches of time of a scenario: its phases, and with devices with non-coherent DMA."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from mtrrviz.scenario.events import DMA_KINDS, EventKind

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Phase, Scenario


class PhaseNames:
    """Looks up the name of the phase of a time."""

    def __init__(self, scenario: Scenario) -> None:
        self._starts = [phase.start_ns for phase in scenario.phases]
        self._names = [None, *(phase.name for phase in scenario.phases)]

    def name(self, time_ns: int) -> str | None:
        """Return the phase's name, None before the first."""
        return self._names[bisect_right(self._starts, time_ns)]


class PhaseSpan(NamedTuple):
    """A phase with its end, exclusive; the last one lasts until the scenario ends."""

    phase: Phase
    end_ns: int


def phase_spans(scenario: Scenario) -> list[PhaseSpan]:
    """Return the phases in order."""
    starts = [phase.start_ns for phase in scenario.phases[1:]]
    ends = [*starts, max(scenario.duration_ns, *starts, 0)]
    pairs = zip(scenario.phases, ends[: len(scenario.phases)], strict=True)
    return [PhaseSpan(phase, end_ns) for phase, end_ns in pairs]


class DmaSpan(NamedTuple):
    """Times [start_ns, end_ns) with ``devices`` with non-coherent DMA, one or more."""

    start_ns: int
    end_ns: int
    devices: int


def dma_spans(scenario: Scenario) -> list[DmaSpan]:
    """Return when there were devices with non-coherent DMA, the last until the scenario ends."""
    devices, since_ns = scenario.machine.noncoherent_dma, 0
    spans: list[DmaSpan] = []
    for index in scenario.events.rows_of(DMA_KINDS):
        event = scenario.events[index]
        step = _DMA_STEPS[event.kind]
        if devices + step >= 0:
            spans.append(DmaSpan(since_ns, event.time_ns, devices))
            devices, since_ns = devices + step, event.time_ns
    spans.append(DmaSpan(since_ns, scenario.duration_ns, devices))
    return [span for span in spans if span.devices]


def dma_devices_at(scenario: Scenario, time_ns: int) -> int:
    """Return how many devices with non-coherent DMA there are, events of that time included."""
    done = scenario.events_until(time_ns)
    devices = scenario.machine.noncoherent_dma
    for index in scenario.events[:done].rows_of(DMA_KINDS):
        devices = max(0, devices + _DMA_STEPS[scenario.events[index].kind])
    return devices


_DMA_STEPS = {EventKind.DMA_ATTACH: 1, EventKind.DMA_DETACH: -1}

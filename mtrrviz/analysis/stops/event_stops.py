"""Conditions on events, phases and the number and cost of zaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.scenario.events import REGISTER_KINDS, Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.sim.run import Run


def writes(stop: StopCondition, run: Run) -> Iterator[int]:
    """Yield when the register is written, be it by a write that KVM refuses."""
    for event in run.scenario.events:
        if event.kind not in REGISTER_KINDS or stop.vcpu not in (None, event.vcpu):
            continue
        if stop.register in (None, _register(event)):
            yield event.time_ns


def _register(event: Event) -> int:
    return event.register if event.writes_msr else CR0_ID


def phase_starts(stop: StopCondition, run: Run) -> Iterator[int]:
    """Yield when the phases of the name begin."""
    for phase in run.scenario.phases:
        if stop.phase in ("", phase.name):
            yield phase.start_ns


def notes(_stop: StopCondition, run: Run) -> Iterator[int]:
    """Yield the times of the notes."""
    return (event.time_ns for event in run.scenario.events if event.kind is EventKind.NOTE)


def zaps_exceeding(stop: StopCondition, run: Run) -> NDArray[np.int64]:
    """Return when there is one zap more than the limit, once at most."""
    number = int(stop.limit or 0)
    return run.zaps.time_ns[number : number + 1]


def cycles_exceeding(stop: StopCondition, run: Run) -> NDArray[np.int64]:
    """Return when zaps have taken more than the limit, as modelled, once at most."""
    mcycles = np.cumsum(run.zaps.cycles) / 1e6
    over = np.flatnonzero(mcycles > (stop.limit or 0.0))
    return run.zaps.time_ns[over[:1]]

"""The conditions to stop at that a register, pages, an event, a zap or a phase suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.kvm_rules.vm_view import zaps_all
from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.scenario.events import REGISTER_KINDS, EventKind
from mtrrviz.scenario.stop_condition import StopCondition, StopKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Phase

Stops = tuple[StopCondition, ...]


def register_stops(msrs: Iterable[int], vcpu: int) -> Stops:
    """Return stops at writes of registers: each by this vCPU, and by any."""
    return tuple(
        StopCondition(StopKind.WRITE, vcpu=who, register=msr)
        for msr in msrs
        for who in (vcpu, None)
    )


def range_stops(gfns: tuple[int, int], vcpu: int) -> Stops:
    """Return stops at what can happen to the pages of [first, end)."""
    return (
        StopCondition(StopKind.FAULT, gfns=gfns),
        StopCondition(StopKind.ZAP, gfns=gfns),
        StopCondition(StopKind.TYPE, gfns=gfns),
        StopCondition(StopKind.TYPE, vcpu=vcpu, gfns=gfns),
        StopCondition(StopKind.STALE, gfns=gfns),
    )


def event_stops(event: Event) -> Stops:
    """Return stops at events like this one; none for kinds that no condition is about."""
    if event.kind in REGISTER_KINDS:
        return register_stops((event.register if event.writes_msr else CR0_ID,), event.vcpu)
    return (StopCondition(StopKind.NOTE),) if event.kind is EventKind.NOTE else ()


def phase_stops(phase: Phase) -> Stops:
    """Return stops at the beginning of this phase, and of any."""
    return (StopCondition(StopKind.PHASE, phase=phase.name), StopCondition(StopKind.PHASE))


def zap_stops(ranges: tuple[tuple[int, int], ...], event: Event) -> Stops:
    """Return stops at zaps: any, of leaves in the same ranges of frames, and by like events."""
    spans = () if zaps_all(ranges) else ranges
    within = tuple(StopCondition(StopKind.ZAP, gfns=gfns) for gfns in spans)
    return (StopCondition(StopKind.ZAP), *within, *event_stops(event))

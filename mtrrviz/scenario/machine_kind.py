"""One machine seen as the other kind: a host as a KVM guest would be, and a guest as a host."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.units import PAGE_SIZE
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.scenario.model import IMPORTED

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario


def as_kind(scenario: Scenario, kind: MachineKind) -> Scenario:
    """Return the scenario as of this kind of machine; itself if it is of this kind."""
    if scenario.machine.kind is kind:
        return scenario
    return as_guest(scenario) if kind is MachineKind.GUEST else as_host(scenario)


def as_guest(scenario: Scenario) -> Scenario:
    """Return the scenario as if the machine were a KVM guest with a non-coherent device.

    The device comes after the state that the scenario starts with is set up, so that this zaps
    nothing. A guest has eight pairs: writes of further ones are refused, as KVM does.
    """
    memory = max(scenario.machine.memory_bytes, PAGE_SIZE)
    machine = replace(scenario.machine, kind=MachineKind.GUEST, memory_bytes=memory)
    events = scenario.events
    attaches = any(event.kind is EventKind.DMA_ATTACH for event in events)
    if not machine.noncoherent_dma and not attaches:
        at = bisect_right([event.time_ns for event in events], 0)
        events = (*events[:at], _ATTACH, *events[at:])
    tags = (*scenario.tags, FROM_HOST_TAG)
    return replace(scenario, machine=machine, events=events, tags=tags)


def is_seen_as_guest(scenario: Scenario) -> bool:
    """Return whether this guest is a real machine seen as one."""
    return not scenario.machine.is_host and FROM_HOST_TAG in scenario.tags


def as_host(scenario: Scenario) -> Scenario:
    """Return the scenario as of a real machine, without the device that an import assumed."""
    machine = replace(scenario.machine, kind=MachineKind.HOST)
    events = tuple(event for event in scenario.events if event != _ATTACH)
    tags = tuple(tag for tag in scenario.tags if tag != FROM_HOST_TAG)
    return replace(scenario, machine=machine, events=events, tags=tags)


FROM_HOST_TAG = "real machine seen as a guest"
"""Tag of guests that are real machines, so that they can be seen as such again."""

_ATTACH = Event(0, EventKind.DMA_ATTACH, origin=IMPORTED)

"""Edits of the machine: devices with non-coherent DMA, its settings, its kind."""

from __future__ import annotations

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_kind import as_guest, as_host
from mtrrviz.scenario.model import USER, Scenario
from mtrrviz.session.edits.edit import Edit, inserting


def attach_dma(scenario: Scenario, time_ns: int) -> Edit:
    """Let a device with non-coherent DMA join."""
    event = Event(time_ns, EventKind.DMA_ATTACH, origin=USER)
    return inserting(scenario, "Attach a non-coherent DMA device", [event])


def detach_dma(scenario: Scenario, time_ns: int, count: int = 1) -> Edit:
    """Let ``count`` devices with non-coherent DMA leave."""
    event = Event(time_ns, EventKind.DMA_DETACH, origin=USER)
    label = "Detach the non-coherent DMA device" if count == 1 else "Detach all non-coherent DMA"
    return inserting(scenario, label, [event] * count)


def seen_as_other_kind(scenario: Scenario) -> Edit:
    """Show a real machine as a KVM guest with a non-coherent device, or such a guest as a host."""
    if scenario.machine.is_host:
        label = "See the real machine as a KVM guest"
        return Edit(label, as_guest(scenario), 0, None)
    return Edit("See the real machine as it is", as_host(scenario), 0, None)

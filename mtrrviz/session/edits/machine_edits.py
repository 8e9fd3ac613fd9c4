"""Edits of the machine: devices with non-coherent DMA, quirks of KVM, its kind."""

from __future__ import annotations

from mtrrviz.facts.event_words import KIND_WORDS
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_kind import as_guest, as_host
from mtrrviz.scenario.model import USER, Scenario
from mtrrviz.session.edits.edit import Edit, inserting
from mtrrviz.session.edits.event_edits import check_event


def attach_dma(scenario: Scenario, time_ns: int) -> Edit:
    """Attach a device with non-coherent DMA."""
    event = Event(time_ns, EventKind.DMA_ATTACH, origin=USER)
    return inserting(scenario, "Attach a non-coherent DMA device", [event])


def detach_dma(scenario: Scenario, time_ns: int, count: int = 1) -> Edit:
    """Detach ``count`` devices with non-coherent DMA."""
    event = Event(time_ns, EventKind.DMA_DETACH, origin=USER)
    label = "Detach the non-coherent DMA device" if count == 1 else "Detach all non-coherent DMA"
    return inserting(scenario, label, [event] * count)


def disable_quirk(scenario: Scenario, time_ns: int, kind: EventKind) -> Edit:
    """Let the VMM disable a quirk of KVM, of which ``kind`` speaks; no event enables it again.

    MtrrvizError where KVM refuses.
    """
    event = Event(time_ns, kind, origin=USER)
    check_event(scenario, event)
    words = KIND_WORDS[kind]
    return inserting(scenario, words[:1].upper() + words[1:], [event])


def seen_as_other_kind(scenario: Scenario) -> Edit:
    """Show a real machine as a KVM guest with a non-coherent device, or such a guest as a host."""
    if scenario.machine.is_host:
        label = "See the real machine as a KVM guest"
        return Edit(label, as_guest(scenario), 0, None)
    return Edit("See the real machine as it is", as_host(scenario), 0, None)

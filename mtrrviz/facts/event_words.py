"""One event in words, the same in tables and tooltips."""

from __future__ import annotations

from mtrrviz.core.units import format_gpa
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.sim.event_facts import register_name

#: What the kinds are called on screen.
KIND_WORDS = {
    EventKind.WRMSR: "WRMSR",
    EventKind.VMM_WRMSR: "VMM WRMSR",
    EventKind.MOV_CR0: "MOV CR0",
    EventKind.INIT: "INIT",
    EventKind.DMA_ATTACH: "DMA attach",
    EventKind.DMA_DETACH: "DMA detach",
    EventKind.DISABLE_CD_NW_QUIRK: "disable quirk CD_NW_CLEARED",
    EventKind.DISABLE_IGNORE_GUEST_PAT: "disable quirk IGNORE_GUEST_PAT",
    EventKind.NOTE: "note",
}
#: What events that write nothing do.
KIND_MEANINGS = {
    EventKind.INIT: "CR0 becomes 0x10, CD and NW kept; MTRRs stay",
    EventKind.DMA_ATTACH: "a device with non-coherent DMA is attached",
    EventKind.DMA_DETACH: "a device with non-coherent DMA is detached",
    EventKind.DISABLE_CD_NW_QUIRK: "from now on faults under CR0.CD=1 are UC with IPAT, not WB, "
    "where KVM looks at CD; leaves stay as they are",
    EventKind.DISABLE_IGNORE_GUEST_PAT: "from now on new leaves respect the guest's PAT also "
    "without non-coherent DMA, where KVM has this quirk; leaves stay as they are",
}
#: Words for a real machine, where no VMM is: an import sets its first values.
HOST_KIND_WORDS = {**KIND_WORDS, EventKind.VMM_WRMSR: "initial value"}


def has_value(event: Event) -> bool:
    """Whether the event writes a value to a register."""
    return event.writes_msr or event.kind is EventKind.MOV_CR0


def event_words(event: Event) -> str:
    """Return what happens, e.g. "IA32_PAT = 0x6" or "INIT"."""
    if has_value(event):
        return f"{register_name(event)} = {format_gpa(event.value)}"
    return event.text if event.kind is EventKind.NOTE and event.text else KIND_WORDS[event.kind]


def rivals_words(rivals: int) -> str:
    """Return by how many vCPUs a zap was contended, "" if by none."""
    if not rivals:
        return ""
    return "by 1 vCPU" if rivals == 1 else f"by {rivals} vCPUs"

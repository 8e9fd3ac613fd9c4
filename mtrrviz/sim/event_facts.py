"""What can be said of one event by itself: the register it names, and whether KVM refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.register_rules import refusal
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.scenario.events import Event, EventKind

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec


def register_name(event: Event) -> str:
    """Return the name of the register that is written, "" if none is."""
    if event.kind is EventKind.MOV_CR0:
        return "CR0"
    if not event.writes_msr:
        return ""
    known = REGISTERS.get(event.register)
    return known.name if known is not None else f"MSR {event.register:#x}"


def register_number(event: Event) -> int | None:
    """Return the number by which the register table knows what is written, None if nothing is."""
    if event.writes_msr:
        return event.register
    return CR0_ID if event.kind is EventKind.MOV_CR0 else None


def is_refused(spec: MachineSpec, event: Event) -> bool:
    """Whether KVM refuses an event's write with #GP."""
    number = register_number(event)
    if number is None:
        return False
    return bool(
        refusal(number, event.value, spec.maxphyaddr, spec.variable_pairs, spec.has_dram_bits)
    )

"""What can be said of one event by itself: the register it names, and whether KVM refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.register_rules import refusal, refused_values
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.scenario.event_columns import KIND_CODES, kind_flags
from mtrrviz.scenario.events import REGISTER_KINDS, Event, EventKind
from mtrrviz.sim.alike import rows_of_each

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.event_columns import EventColumns
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


_WRITES = kind_flags(REGISTER_KINDS)
_MOV_CR0 = KIND_CODES[EventKind.MOV_CR0]
_NO_REGISTER = -2


def refused_rows(spec: MachineSpec, events: EventColumns, rows: slice) -> NDArray[np.bool_]:
    """Return which events of some rows are writes that KVM refuses, as :func:`is_refused`."""
    kind = events.kind[rows]
    number = np.where(kind == _MOV_CR0, np.int32(CR0_ID), events.register[rows])
    np.putmask(number, ~_WRITES.take(kind), _NO_REGISTER)
    refused = np.zeros(len(kind), np.bool_)
    limits = (spec.maxphyaddr, spec.variable_pairs, spec.has_dram_bits)
    values = events.value[rows]
    # Numbers of 16 bits, which are sorted in one go over them.
    for places in rows_of_each(number.astype(np.int16)):
        msr = int(number[places[0]])
        if msr != _NO_REGISTER:
            refused[places] = refused_values(msr, values[places], *limits)
    return refused

"""The event behind a step: the last one that set what the step speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.scenario.events import DMA_KINDS, Event, EventKind
from mtrrviz.sim.event_facts import is_refused, register_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.explaining.explanation import Step
    from mtrrviz.scenario.model import Scenario

_Key = tuple[int, int]
"""vCPU and register number; what concerns the VM has neither."""
_DMA: _Key = (-1, 0)
_CD_NW_QUIRK: _Key = (-1, 1)
_IGNORE_GUEST_PAT: _Key = (-1, 2)
_VM_KEYS = {
    **dict.fromkeys(DMA_KINDS, _DMA),
    EventKind.DISABLE_CD_NW_QUIRK: _CD_NW_QUIRK,
    EventKind.DISABLE_IGNORE_GUEST_PAT: _IGNORE_GUEST_PAT,
}


def step_events(scenario: Scenario, time_ns: int, steps: Sequence[Step]) -> tuple[int | None, ...]:
    """Return for each step the number of the event that set what it speaks of.

    That is the last one up to and at ``time_ns`` which wrote the register (either one of a pair),
    attached or detached a device, or disabled the quirk; None where there was none or the step
    speaks of none of these.
    """
    keys = [step_keys(step) for step in steps]
    found = _last_events(scenario, time_ns, {key for some in keys for key in some})
    return tuple(max((found[key] for key in some if key in found), default=None) for some in keys)


def step_keys(step: Step) -> tuple[_Key, ...]:
    """Return what a step speaks of that events set."""
    if step.kind == "dma":
        return (_DMA,)
    if step.kind == "pat-quirk":
        return (_IGNORE_GUEST_PAT,)
    if step.msr is None or step.vcpu is None:
        return ()
    registers = (step.msr, step.msr + 1) if REGISTERS[step.msr].kind == "base" else (step.msr,)
    written = tuple((step.vcpu, number) for number in registers)
    return (*written, _CD_NW_QUIRK) if step.kind == "cd" else written


def _last_events(scenario: Scenario, time_ns: int, wanted: set[_Key]) -> dict[_Key, int]:
    """Return the last event for each key, looked for from the latest one backwards."""
    found: dict[_Key, int] = {}
    for number in range(scenario.events_until(time_ns) - 1, -1, -1):
        if len(found) == len(wanted):
            break
        event = scenario.events[number]
        key = _key_of(event)
        if key in wanted and key not in found and not is_refused(scenario.machine, event):
            found[key] = number
    return found


def _key_of(event: Event) -> _Key | None:
    if event.kind in _VM_KEYS:
        return _VM_KEYS[event.kind]
    number = register_number(event)
    return None if number is None else (event.vcpu, number)

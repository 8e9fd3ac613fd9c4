"""The event behind a step: the last one that set what the step speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.sim.event_facts import is_refused, register_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.explaining.explanation import Step
    from mtrrviz.scenario.model import Scenario

_Key = tuple[int, int]
"""vCPU and register number; a device change has neither."""
_DMA: _Key = (-1, 0)
_DMA_KINDS = frozenset({EventKind.DMA_ATTACH, EventKind.DMA_DETACH})


def step_events(scenario: Scenario, time_ns: int, steps: Sequence[Step]) -> tuple[int | None, ...]:
    """Return for each step the number of the event that set what it speaks of.

    That is the last one up to and at ``time_ns`` which wrote the register (either one of a pair),
    or attached or detached a device; None where there was none or the step speaks of neither.
    """
    keys = [step_keys(step) for step in steps]
    found = _last_events(scenario, time_ns, {key for some in keys for key in some})
    return tuple(max((found[key] for key in some if key in found), default=None) for some in keys)


def step_keys(step: Step) -> tuple[_Key, ...]:
    """Return what a step speaks of that events set."""
    if step.kind == "dma":
        return (_DMA,)
    if step.msr is None or step.vcpu is None:
        return ()
    registers = (step.msr, step.msr + 1) if REGISTERS[step.msr].kind == "base" else (step.msr,)
    return tuple((step.vcpu, number) for number in registers)


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
    if event.kind in _DMA_KINDS:
        return _DMA
    number = register_number(event)
    return None if number is None else (event.vcpu, number)

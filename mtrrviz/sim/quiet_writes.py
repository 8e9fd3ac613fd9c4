"""Register writes that no zap can follow, many at once: of each register only the last one counts.

They are nearly all of a long scenario: without devices no policy zaps for writes. What a write
leaves behind does not depend on those before it that it overwrites, and whether it is refused
depends on its value alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.scenario.event_columns import KIND_CODES, kind_flags
from mtrrviz.scenario.events import MSR_KINDS, REGISTER_KINDS, EventKind
from mtrrviz.sim.event_facts import refused_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.event_columns import EventColumns
    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.machine_spec import MachineSpec

#: Kinds that may be done together; the others change what follows from writes.
QUIET_KINDS = REGISTER_KINDS | {EventKind.INIT, EventKind.NOTE}
_WRITES_MSR = kind_flags(MSR_KINDS)
_MOV_CR0, _INIT = KIND_CODES[EventKind.MOV_CR0], KIND_CODES[EventKind.INIT]
_REGISTER_BITS = 16


def write_all(machine: Machine, spec: MachineSpec, events: EventList) -> None:
    """Let events of :data:`QUIET_KINDS` happen to a machine that zaps for none of them."""
    for columns, rows in events.parts:
        accepted = np.flatnonzero(~refused_rows(spec, columns, rows)) + rows.start
        kind = columns.kind[accepted]
        _write_msrs(machine, columns, accepted[_WRITES_MSR[kind]])
        _write_cr0(machine, columns, accepted[kind == _MOV_CR0], accepted[kind == _INIT])


def _write_msrs(machine: Machine, columns: EventColumns, rows: NDArray[np.intp]) -> None:
    vcpu, register = columns.vcpu[rows].astype(np.int64), columns.register[rows]
    for row in _last_of_each(vcpu << _REGISTER_BITS | register, rows):
        msr, value = int(columns.register[row]), int(columns.value[row])
        machine.write_msr(int(columns.vcpu[row]), msr, value)


def _write_cr0(
    machine: Machine, columns: EventColumns, moves: NDArray[np.intp], inits: NDArray[np.intp]
) -> None:
    """Write CR0s, then deliver INITs; one before the write of the same vCPU leaves nothing."""
    last_move: dict[int, int] = {}
    for row in _last_of_each(columns.vcpu[moves].astype(np.int64), moves):
        vcpu = int(columns.vcpu[row])
        machine.write_cr0(vcpu, int(columns.value[row]))
        last_move[vcpu] = row
    for row in _last_of_each(columns.vcpu[inits].astype(np.int64), inits):
        vcpu = int(columns.vcpu[row])
        if row > last_move.get(vcpu, -1):
            machine.init(vcpu)


def _last_of_each(keys: NDArray[np.int64], rows: NDArray[np.intp]) -> list[int]:
    """Return the last of the rows of each key."""
    _, places = np.unique(keys[::-1], return_index=True)
    return rows[::-1][places].tolist()

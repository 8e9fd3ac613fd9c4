"""A solution and the open scenario: what its registers would change, and the edit that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.analysis.solve import GUEST, differences, write_note
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, register
from mtrrviz.core.policies import HARDWARE
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_size
from mtrrviz.core.wording.words import plural
from mtrrviz.session.edits import Edit, RegisterWrite, write_as_kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.solve import Solution, Target, WantedMap
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.scenario.model import Scenario


class RegisterChange(Record):
    """A register that a solution sets: its value now and then, and what it means then."""

    msr: int
    name: str
    before: int
    after: int
    note: str

    @property
    def is_change(self) -> bool:
        """Whether the value becomes another one."""
        return self.before != self.after


def register_changes(state: MtrrState, solution: Solution) -> list[RegisterChange]:
    """Return every register that has a value before or after: default, pairs, fixed ranges."""
    rows = [
        RegisterChange(msr, register(msr).name, state.read(msr), value, write_note(solution, msr))
        for msr, value in sorted(solution.writes, key=_telling_first)
    ]
    return [row for row in rows if row.before or row.after]


def _telling_first(write: tuple[int, int]) -> tuple[int, int]:
    """Return a key that sorts registers: the default type, the pairs, the fixed ranges."""
    msr, _ = write
    return 0 if msr == DEFTYPE else 2 if msr in FIXED_MSRS else 1, msr


def now_words(state: MtrrState, wanted: WantedMap, target: Target = GUEST) -> str:
    """Say how many pairs a vCPU uses now, and how far its types are from those wanted."""
    if DEFTYPE in state.unknown:
        return "nothing tells its MTRRs"
    wrong = sum(one.end - one.start for one in differences(state, wanted, target))
    used = f"{len(state.walk_order())} of {plural(state.pairs, 'pair')} in use"
    if not wrong:
        return f"{used}: every page has the type that is wanted"
    return f"{used}: {format_size(wrong << PAGE_SHIFT)} would get another type than is wanted"


def effect_note(machine: Machine, vcpus: Sequence[int]) -> str:
    """Say why the map would not show a solution for these vCPUs; "" if it would."""
    if machine.policy is HARDWARE:
        return ""
    if not machine.noncoherent_dma:
        return "There is no non-coherent DMA: KVM does not look at MTRRs, so the map stays."
    if not any(machine.policy.mtrr_owner(vcpu) == vcpu for vcpu in vcpus):
        return f"Policy {machine.policy.id} does not look at these vCPUs' MTRRs: the map stays."
    return ""


def solution_edit_of(
    scenario: Scenario, time_ns: int, machine: Machine, solution: Solution, vcpus: Sequence[int]
) -> Edit:
    """Return the edit that gives vCPUs the solution's registers from ``time_ns`` on.

    ``machine`` is the state at that time. Each vCPU in turn: caches off, MTRRs off, the registers,
    MTRRs on, caches on.
    """
    writes = [RegisterWrite(msr, value) for msr, value in solution.writes]
    edit = write_as_kernel(scenario, time_ns, machine, vcpus, writes)
    who = "" if len(vcpus) == machine.vcpus else f" of {plural(len(vcpus), 'vCPU')}"
    label = f"Solve for MTRRs{who}: {plural(len(solution.pairs), 'variable range')}"
    return replace(edit, label=label)

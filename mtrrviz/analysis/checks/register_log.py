"""Every register write up to a time with what it met: the values before, E, CD, a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.msr.register_rules import check_write
from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.scenario.events import REGISTER_KINDS
from mtrrviz.scenario.model import IMPORTED
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.scenario.events import Event
    from mtrrviz.sim.run import State


@dataclass(frozen=True, slots=True)
class LoggedWrite:
    """One write: ``index`` of its event, the vCPU's MTRRs and CR0.CD before and the MTRRs after.

    ``had_cd`` is None where an import had to assume CR0. ``refusal`` says why KVM refused the
    write, "" if it did not. The MTRRs are to read only.
    """

    index: int
    event: Event
    before: MtrrState
    after: MtrrState
    had_cd: bool | None
    refusal: str

    @property
    def changed(self) -> bool:
        """Return whether the write gave an MSR another value."""
        msr = self.event.register
        return not self.refusal and self.before.read(msr) != self.after.read(msr)


def register_log(state: State) -> list[LoggedWrite]:
    """Return the writes of MSRs and CR0 up to a state's time, in order."""
    run = state.run
    machine = new_machine(run.scenario.machine, run.policy)
    now = [machine.mtrr(vcpu).copy() for vcpu in range(machine.vcpus)]
    assumed: set[int] = set()
    log: list[LoggedWrite] = []
    for index, event in enumerate(run.scenario.events[: run.scenario.events_until(state.time_ns)]):
        if event.kind in REGISTER_KINDS:
            log.append(_logged(machine, index, event, now, assumed))
        else:
            apply_event(machine, event)
    return log


def _logged(
    machine: Machine, index: int, event: Event, now: list[MtrrState], assumed: set[int]
) -> LoggedWrite:
    """Apply a write and return its entry.

    ``now`` holds a copy of each vCPU's MTRRs, ``assumed`` the vCPUs whose CR0 is assumed.
    """
    before = now[event.vcpu]
    had_cd = None if event.vcpu in assumed else machine.cd(event.vcpu)
    if not event.writes_msr:
        (assumed.add if event.origin == IMPORTED else assumed.discard)(event.vcpu)
    refusal = _refusal(event, before)
    apply_event(machine, event)
    if event.writes_msr and not refusal:
        now[event.vcpu] = machine.mtrr(event.vcpu).copy()
    return LoggedWrite(index, event, before, now[event.vcpu], had_cd, refusal)


def _refusal(event: Event, state: MtrrState) -> str:
    try:
        if event.writes_msr:
            state.check_write(event.register, event.value)
        else:
            check_write(CR0_ID, event.value, state.maxphyaddr)
    except GeneralProtectionFault as fault:
        return fault.reason
    return ""

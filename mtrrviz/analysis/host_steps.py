"""Why a page of a real machine has its type: what is there, the registers that speak, the type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explanation import Step
from mtrrviz.core.hardware import hardware_type
from mtrrviz.core.registers import DEFTYPE, PHYSBASE0, describe_pair
from mtrrviz.core.units import format_gpa
from mtrrviz.facts.hardware_types import deciding_words

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import Region


def host_steps(machine: Machine, region: Region | None, gfn: int, cpu: int) -> list[Step]:
    """Return the steps of the processor's own lookup for any address."""
    state = machine.mtrr(cpu)
    steps = [_region_step(region)]
    is_variable = DEFTYPE not in state.unknown and state.enabled
    if is_variable and state.deciding(gfn)[0].kind != "fixed":
        for number, kind in state.sdm_matches(gfn).items():
            msr = PHYSBASE0 + 2 * number
            words = describe_pair(state.read(msr), state.read(msr + 1), state.maxphyaddr)
            text = f"variable range {number}, {words}: holds this page: {kind.name}"
            steps.append(Step("variable", text, msr=msr, vcpu=cpu, field="Type"))
    found = hardware_type(machine, cpu, gfn)
    text = f"{found.label} by the MTRRs of CPU {cpu} ({deciding_words(machine, cpu, gfn)})"
    if found.memory_type is None:
        text += f": {found.meaning}"
    return [*steps, Step("manual", text, decides=True)]


def _region_step(region: Region | None) -> Step:
    if region is None:
        return Step("region", "no memory map names this address")
    span = f"{format_gpa(region.start)} to {format_gpa(region.end - 1)}"
    gfns = (region.first_gfn, region.end_gfn)
    return Step("region", f"{region.words}, {span}", gfns=gfns)

"""From the vCPU tables of a scenario file to the names of vCPUs, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.scenario.scenario_error import shown
from mtrrviz.scenario.vcpu_name import VcpuName

if TYPE_CHECKING:
    from mtrrviz.scenario.files.schema import VcpuFile
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.machine_spec import MachineSpec


def build_vcpu_names(
    content: list[VcpuFile], machine: MachineSpec, source: ScenarioSource
) -> tuple[VcpuName, ...]:
    """Return the names by vCPU; ScenarioError for vCPUs that are not there, or named twice."""
    names: dict[int, VcpuName] = {}
    for number, one in enumerate(content):
        place = f"vcpu[{number}]"
        if one.index >= machine.vcpus:
            expected = f"0 to {machine.vcpus - 1}"
            raise source.error(f"{place}.index", f"{shown(one.index)} is no vCPU", expected)
        if one.index in names:
            problem = f"vCPU {one.index} has a name already"
            raise source.error(f"{place}.index", problem, "one name for each vCPU")
        if not one.name.strip():
            raise source.error(f"{place}.name", "the name is empty", "a name")
        names[one.index] = VcpuName(one.index, one.name)
    return tuple(names[vcpu] for vcpu in sorted(names))

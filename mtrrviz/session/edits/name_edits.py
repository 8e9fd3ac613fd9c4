"""Edits of what vCPUs are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.vcpu_name import VcpuName
from mtrrviz.session.edits.edit import Edit

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario


def name_vcpu(scenario: Scenario, vcpu: int, name: str) -> Edit:
    """Give a vCPU a name, or with an empty one the usual name back."""
    machine, name = scenario.machine, name.strip()
    if not 0 <= vcpu < machine.vcpus:
        raise MtrrvizError(f"there is no vCPU {vcpu}: expected 0 to {machine.vcpus - 1}")
    others = [one for one in scenario.vcpu_names if one.vcpu != vcpu]
    label = f"Clear the name of {machine.cpu_word} {vcpu}"
    if name:
        others.append(VcpuName(vcpu, name))
        label = f"Rename {machine.cpu_word} {vcpu} to {name!r}"
    named = replace(scenario, vcpu_names=tuple(sorted(others, key=lambda one: one.vcpu)))
    return Edit(label, named, scenario.duration_ns + 1)

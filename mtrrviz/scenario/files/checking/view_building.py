"""From the view table of a scenario file to a View, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import get_policy, policy_ids
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.scenario.files.checking.numbers import nanoseconds, page_bytes
from mtrrviz.scenario.scenario_error import shown
from mtrrviz.scenario.view import MapMode, View

if TYPE_CHECKING:
    from mtrrviz.scenario.files.schema import ViewFile
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.machine_spec import MachineSpec


def build_view(
    content: ViewFile, machine: MachineSpec, duration_ns: int, source: ScenarioSource
) -> View:
    """Return the view; ScenarioError for policies, times, pages or vCPUs that are not there."""
    return View(
        policy=_policy(content.policy, "view.policy", source),
        compared=_policy(content.compare, "view.compare", source),
        time_ns=_time(content.at, duration_ns, source),
        gfn=_gfn(content.page, machine, source),
        vcpu=_vcpu(content.vcpu, machine, source),
        map_mode=None if content.map is None else MapMode(content.map),
    )


def _policy(name: str | None, place: str, source: ScenarioSource) -> str | None:
    if name is None:
        return None
    try:
        return get_policy(name).id
    except MtrrvizError as error:
        known = "one of " + ", ".join(policy_ids())
        raise source.error(place, f"{shown(name)} is no policy", known) from error


def _time(at: float | None, duration_ns: int, source: ScenarioSource) -> int | None:
    if at is None:
        return None
    time_ns = nanoseconds(at)
    if time_ns > duration_ns:
        expected = f"at most {duration_ns / 1e9:g}, where the scenario ends"
        raise source.error("view.at", f"{shown(at)} is not possible here", expected)
    return time_ns


def _gfn(page: int | str | None, machine: MachineSpec, source: ScenarioSource) -> int | None:
    if page is None:
        return None
    limit = (1 << machine.maxphyaddr) - 1
    return page_bytes(source, page, "view.page", limit) >> PAGE_SHIFT


def _vcpu(vcpu: int | None, machine: MachineSpec, source: ScenarioSource) -> int | None:
    if vcpu is not None and vcpu >= machine.vcpus:
        expected = f"a vCPU below {machine.vcpus}"
        raise source.error("view.vcpu", f"{vcpu} is not possible here", expected)
    return vcpu

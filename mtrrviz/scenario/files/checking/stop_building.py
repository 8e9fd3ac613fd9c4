"""From the stop tables of a scenario file to stop conditions, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.scenario.events import KNOWN_MSRS, KNOWN_MSRS_TEXT
from mtrrviz.scenario.files.checking.numbers import page_bytes
from mtrrviz.scenario.scenario_error import shown
from mtrrviz.scenario.stop_condition import (
    LIMIT_KINDS,
    RANGE_KINDS,
    VCPU_KINDS,
    StopCondition,
    StopKind,
)

if TYPE_CHECKING:
    from mtrrviz.scenario.files.schema import StopFile
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.machine_spec import MachineSpec


def build_stops(
    content: list[StopFile], machine: MachineSpec, source: ScenarioSource
) -> tuple[StopCondition, ...]:
    """Return the conditions; ScenarioError for what the kind does not have or lacks."""
    return tuple(_stop(one, f"stop[{i}]", machine, source) for i, one in enumerate(content))


def keys_of(kind: StopKind) -> dict[str, bool]:
    """Return the keys that may limit a condition, and whether they say anything in this kind."""
    return {
        "vcpu": kind in VCPU_KINDS,
        "register": kind is StopKind.WRITE,
        "start": kind in RANGE_KINDS,
        "size": kind in RANGE_KINDS,
        "limit": kind in LIMIT_KINDS,
        "phase": kind is StopKind.PHASE,
    }


def _stop(
    content: StopFile, place: str, machine: MachineSpec, source: ScenarioSource
) -> StopCondition:
    kind = StopKind(content.when)
    _check_keys(content, kind, place, source)
    if content.vcpu is not None and content.vcpu >= machine.vcpus:
        expected = f"a vCPU below {machine.vcpus}"
        raise source.error(f"{place}.vcpu", f"there is no vCPU {content.vcpu}", expected)
    gfns = _range(content, place, machine, source)
    if kind is StopKind.TYPE and gfns is None:
        raise source.error(f"{place}.start", "a type is that of a page", "the page's address")
    return StopCondition(
        kind=kind,
        vcpu=content.vcpu,
        register=_register(content, place, source),
        gfns=gfns,
        limit=content.limit,
        phase=content.phase,
        is_on=content.on,
    )


def _check_keys(content: StopFile, kind: StopKind, place: str, source: ScenarioSource) -> None:
    """Refuse keys that say nothing in a condition of this kind."""
    allowed = keys_of(kind)
    for key, is_allowed in allowed.items():
        if not is_allowed and getattr(content, key) not in (None, ""):
            fitting = ", ".join(name for name, fits in allowed.items() if fits) or "when alone"
            raise source.error(f"{place}.{key}", f"{kind} does not depend on it", fitting)
    if kind in LIMIT_KINDS and content.limit is None:
        raise source.error(place, f"{kind} needs a limit", "limit = ...")


def _register(content: StopFile, place: str, source: ScenarioSource) -> int | None:
    value = content.register
    if value is None:
        return None
    known = (*KNOWN_MSRS, CR0_ID)
    found = next((msr for msr in known if value in (msr, REGISTERS[msr].name)), None)
    if found is None or value == CR0_ID:  # CR0 is not an MSR and goes by its name
        problem = f"{shown(value)} is no register that events write"
        raise source.error(f"{place}.register", problem, f"CR0, or {KNOWN_MSRS_TEXT}")
    return found


def _range(
    content: StopFile, place: str, machine: MachineSpec, source: ScenarioSource
) -> tuple[int, int] | None:
    """Return the gfns of the range, end exclusive; one page where no size is given."""
    if content.start is None:
        if content.size is not None:
            raise source.error(place, "a size without a start", "start = ... beside it")
        return None
    limit = 1 << machine.maxphyaddr
    start = page_bytes(source, content.start, f"{place}.start", limit - 1)
    size = 1 << PAGE_SHIFT
    if content.size is not None:
        size = page_bytes(source, content.size, f"{place}.size", limit - start)
    if size == 0:
        raise source.error(f"{place}.size", "the range is empty", "at least 4 KiB")
    return start >> PAGE_SHIFT, (start + size) >> PAGE_SHIFT

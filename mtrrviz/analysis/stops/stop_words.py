"""Stop conditions in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import register
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size
from mtrrviz.scenario.stop_condition import StopCondition, StopKind

if TYPE_CHECKING:
    from collections.abc import Callable


def stop_words(stop: StopCondition) -> str:
    """Return when playing stops: "IA32_MTRR_DEF_TYPE is written by vCPU 1"."""
    return _WORDS[stop.kind](stop)


def _write(stop: StopCondition) -> str:
    name = "a register" if stop.register is None else register(stop.register).name
    return f"{name} is written" + ("" if stop.vcpu is None else f" by vCPU {stop.vcpu}")


def _type(stop: StopCondition) -> str:
    if stop.vcpu is None:
        return f"the leaf of {_range(stop)} gets another type"
    return f"a fault by vCPU {stop.vcpu} would get another type at {_range(stop)}"


def _fault(stop: StopCondition) -> str:
    who = "a vCPU" if stop.vcpu is None else f"vCPU {stop.vcpu}"
    return f"{who} faults on {_range(stop)}"


def _zap(stop: StopCondition) -> str:
    return "KVM zaps" if stop.gfns is None else f"a leaf of {_range(stop)} is zapped"


def _stale(stop: StopCondition) -> str:
    return "a leaf becomes stale" + ("" if stop.gfns is None else f" in {_range(stop)}")


def _phase(stop: StopCondition) -> str:
    return f"phase {stop.phase!r} begins" if stop.phase else "a phase begins"


def _range(stop: StopCondition) -> str:
    """Return the addresses of a condition: a page, or a range with its size."""
    if stop.gfns is None:
        return "any page"
    first, end = stop.gfns
    start = format_gpa(first * PAGE_SIZE)
    return start if end == first + 1 else f"{start} ({format_size((end - first) * PAGE_SIZE)})"


_WORDS: dict[StopKind, Callable[[StopCondition], str]] = {
    StopKind.WRITE: _write,
    StopKind.TYPE: _type,
    StopKind.FAULT: _fault,
    StopKind.ZAP: _zap,
    StopKind.STALE: _stale,
    StopKind.VCPUS_DIFFER: lambda _: "vCPUs begin or cease to have different MTRRs",
    StopKind.POLICIES_DIFFER: lambda _: "the EPTs of the two policies begin to differ",
    StopKind.ZAPS_EXCEED: lambda stop: f"there are more than {stop.limit:,.0f} zaps",
    StopKind.CYCLES_EXCEED: lambda stop: f"zaps took more than {stop.limit:,.12g} Mcycles",
    StopKind.PHASE: _phase,
    StopKind.NOTE: lambda _: "a note is reached",
}

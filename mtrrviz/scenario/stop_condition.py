"""Conditions at which playing a scenario stops, as values; what fulfils them is found elsewhere."""

from __future__ import annotations

from enum import StrEnum

from mtrrviz.core.record import Record


class StopKind(StrEnum):
    """What playing waits for. The values are the words used in files."""

    WRITE = "write"
    """A register is written: one of all, of one vCPU or any."""
    TYPE = "type"
    """The memory type of a page changes: of its leaf, or of what a vCPU's MTRRs say of it."""
    FAULT = "fault"
    """A page of a range is faulted in; without a range any page."""
    ZAP = "zap"
    """A leaf of a range is zapped; without a range any request to zap counts."""
    STALE = "stale"
    """A leaf becomes stale: a fault now would make it differently."""
    VCPUS_DIFFER = "vcpus-differ"
    """vCPUs begin to have different MTRRs, or cease to."""
    POLICIES_DIFFER = "policies-differ"
    """The EPTs of the policy in use and of the one compared with begin to differ."""
    ZAPS_EXCEED = "zaps-exceed"
    """There have been more zaps than a number."""
    CYCLES_EXCEED = "cycles-exceed"
    """Zaps have taken more than a number of millions of cycles, as modelled."""
    PHASE = "phase"
    """A phase begins: that of a name, or any."""
    NOTE = "note"
    """A note is reached."""


#: Kinds that may be limited to a range of addresses.
RANGE_KINDS = frozenset({StopKind.TYPE, StopKind.FAULT, StopKind.ZAP, StopKind.STALE})
#: Kinds that may be limited to one vCPU.
VCPU_KINDS = frozenset({StopKind.WRITE, StopKind.TYPE, StopKind.FAULT})
#: Kinds that need a number to exceed.
LIMIT_KINDS = frozenset({StopKind.ZAPS_EXCEED, StopKind.CYCLES_EXCEED})


class StopCondition(Record):
    """One thing to stop at; None and "" stand for any.

    ``register`` is an MSR number, or :data:`~mtrrviz.core.msr.registers.CR0_ID`. ``gfns`` is
    a range of frames, end exclusive. ``limit`` is a number of zaps or of millions of cycles.
    """

    kind: StopKind
    vcpu: int | None = None
    register: int | None = None
    gfns: tuple[int, int] | None = None
    limit: float | None = None
    phase: str = ""
    is_on: bool = True

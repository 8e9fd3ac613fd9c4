"""Small scenarios for tests, said in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.scenario import (
    Access,
    Event,
    EventKind,
    MachineSpec,
    Region,
    RegionKind,
    Scenario,
    Touches,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

GIB = 1 << 30
DEFTYPE = 0x2FF
ON_WB, ON_UC, OFF = 0x806, 0x800, 0x006

Touch = tuple[int, int] | tuple[int, int, int] | tuple[int, int, int, Access]


def ram(start: int, end: int, kind: RegionKind = RegionKind.RAM) -> Region:
    return Region(f"{kind} {start:x}", kind, start, end)


def machine(*regions: Region, vcpus: int = 2, host_level: int = 2, dma: int = 1) -> MachineSpec:
    return MachineSpec(
        vcpus=vcpus,
        memory_bytes=GIB,
        regions=regions or (ram(0, 2 * GIB),),
        maxphyaddr=36,
        host_level=host_level,
        noncoherent_dma=dma,
    )


def wrmsr(time_ns: int, register: int, value: int, vcpu: int = 0) -> Event:
    return Event(time_ns, EventKind.WRMSR, vcpu, register, value, "kernel")


def touches(*rows: Touch) -> Touches:
    """Rows are (time_ns, gfn), then vCPU and access where they matter."""
    return touch_table([(*row, *(0, Access.READ)[len(row) - 2 :]) for row in rows])


def touch_table(rows: Sequence[tuple[int, ...]]) -> Touches:
    """Rows are (time_ns, gfn, vCPU, access), by time."""
    time_ns, gfn, vcpu, access = zip(*rows, strict=True) if rows else [()] * 4
    return Touches(
        np.array(time_ns, np.int64),
        np.array(gfn, np.uint64),
        np.array(vcpu, np.uint8),
        np.array(access, np.uint8),
    )


def scenario(spec: MachineSpec, events: tuple[Event, ...] = (), *rows: Touch) -> Scenario:
    return Scenario(
        name="test",
        title="test",
        machine=spec,
        events=events,
        recorded=touches(*rows),
        duration_ns=1000,
    )

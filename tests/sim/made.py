"""Small scenarios for tests, said in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from mtrrviz.sim.tables import ALIVE, LeafTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

GIB = 1 << 30
DEFTYPE = 0x2FF
ON_WB, ON_UC, OFF = 0x806, 0x800, 0x006

_LEAF_KINDS: dict[str, type[np.generic]] = {
    "level": np.uint8, "bits": np.uint8, "vcpu": np.uint8,
    "access": np.uint8, "refault": np.bool_, "born_ns": np.int64, "died_ns": np.int64,
    "zap": np.int32,
}  # fmt: skip

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


def leaf_table(first_gfn: ArrayLike, **told: ArrayLike) -> LeafTable:
    """Return leaves: of 4 KiB and UC, born one after the other, never dropped, unless told."""
    count = np.size(first_gfn)
    usual = {"level": 1, "born_ns": np.arange(count), "died_ns": ALIVE, "zap": -1}
    columns: dict[str, Any] = {"first_gfn": np.asarray(first_gfn, np.uint64)}
    for name, kind in _LEAF_KINDS.items():
        column = np.asarray(told.get(name, usual.get(name, 0)), kind)
        columns[name] = np.broadcast_to(column, count)
    return LeafTable(**columns, touch=np.arange(count, dtype=np.int32))

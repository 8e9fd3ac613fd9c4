"""A boot of two seconds on three vCPUs, small enough to count everything by hand."""

from __future__ import annotations

import numpy as np

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import USER, Aps, Phase, Scenario
from mtrrviz.scenario.touches import Touches

MS = 1_000_000
SECOND = 1000 * MS
DEFTYPE, PAT, FIX64K, PHYSBASE0, PHYSMASK0 = 0x2FF, 0x277, 0x250, 0x200, 0x201
RESERVED = 0xFF00  # no such bits in the default type register


def wrmsr(time_ms: int, vcpu: int, register: int, value: int, origin: str = "firmware") -> Event:
    return Event(time_ms * MS, EventKind.WRMSR, vcpu, register, value, origin)


#: 5 zaps under per-vcpu: one of the fixed range only, two contended; 4 under per-vm. The APs
#: contend as neither had an INIT: APs with as many INITs were woken together.
EVENTS = (
    Event(50 * MS, EventKind.INIT, 0, origin="apic"),
    wrmsr(100, 0, DEFTYPE, 0x800),
    wrmsr(200, 0, DEFTYPE, 0xC06),
    wrmsr(300, 0, FIX64K, 0x0606_0606_0606_0606),
    wrmsr(400, 0, PAT, 0x0007_0406_0007_0406),
    wrmsr(500, 1, DEFTYPE, RESERVED),
    wrmsr(600, 1, DEFTYPE, 0xC06, "kernel"),
    Event(600 * MS, EventKind.MOV_CR0, 1, 0, 0x11, "kernel"),
    wrmsr(610, 2, DEFTYPE, 0xC06, "kernel"),
    Event(1000 * MS, EventKind.DMA_DETACH, origin="vmm"),
    wrmsr(1200, 0, DEFTYPE, 0xC00, USER),
    Event(1500 * MS, EventKind.NOTE, text="nothing more"),
)
PHASES = (
    Phase(0, "reset", text="before anything"),
    Phase(150 * MS, "firmware", Aps.CONCURRENT),
    Phase(900 * MS, "kernel", Aps.SERIALISED),
)


def boot(events: tuple[Event, ...] = EVENTS, vcpus: int = 3) -> Scenario:
    """Each vCPU touches one page again and again."""
    times = np.arange(0, 2 * SECOND, 10 * MS, dtype=np.int64)
    vcpu = (np.arange(len(times)) % 3).astype(np.uint8)
    touches = Touches(times, vcpu.astype(np.uint64) + np.uint64(16), vcpu, np.zeros_like(vcpu))
    machine = MachineSpec(
        vcpus=vcpus,
        memory_bytes=64 << 20,
        regions=(Region("RAM", RegionKind.RAM, 0, 64 << 20),),
        maxphyaddr=36,
        host_level=1,
        noncoherent_dma=1,
    )
    return Scenario(
        name="boot",
        title="boot",
        machine=machine,
        events=events,
        phases=PHASES,
        recorded=touches,
        duration_ns=2 * SECOND,
    )

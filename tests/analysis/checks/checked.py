"""Small machines to check: a scenario made of a few writes, and what the rules say of it."""

from __future__ import annotations

from msgspec.structs import replace

from mtrrviz.analysis.checks import check
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0, PHYSMASK0
from mtrrviz.core.variable_ranges import range_to_pair
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Scenario
from mtrrviz.scenario.touches import Sweep
from mtrrviz.sim import simulate

UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))
WIDTH = 40
MIB, GIB = 1 << 20, 1 << 30
REGIONS = (
    Region("low RAM", RegionKind.RAM, 0, 0xA_0000),
    Region("RAM", RegionKind.RAM, MIB, 2 * GIB),
    Region("PCI window", RegionKind.MMIO, 3 * GIB, 4 * GIB),
)
CAREFUL = 0x6000_0010
"""CR0 with caches off."""


def wrmsr(msr, value, vcpu=0):
    """Return a write to be timed by its place."""
    return EventKind.WRMSR, vcpu, msr, value


def mov_cr0(value, vcpu=0):
    """Return a write of CR0."""
    return EventKind.MOV_CR0, vcpu, 0, value


def pair(index, start, size, kind, vcpu=0):
    """Return the two writes of a well-formed range."""
    base, mask = range_to_pair(start, size, kind, WIDTH)
    return [
        wrmsr(PHYSBASE0 + 2 * index, base, vcpu),
        wrmsr(PHYSMASK0 + 2 * index, mask, vcpu),
    ]


def on(kind=WB, flags=0x800, vcpu=0):
    """Return the write that turns MTRRs on."""
    return wrmsr(DEFTYPE, flags | kind, vcpu)


def good(vcpu=0):
    """Return writes of a setup that no rule minds: caches off, ranges, PAT, on, caches on."""
    return [
        *pair(0, 3 * GIB, GIB, UC, vcpu),
        wrmsr(0x277, 0x0407_0506_0007_0106, vcpu),
        on(vcpu=vcpu),
        mov_cr0(0x11, vcpu),
    ]


def run(*writes, vcpus=1, policy="per-vcpu", sweeps=(), **settings):
    """Return the run of writes 1 ms apart."""
    usual = MachineSpec(vcpus, 2 * GIB, REGIONS, WIDTH, noncoherent_dma=1)
    spec = replace(usual, **settings)
    events = tuple(Event((at + 1) * 1_000_000, *write) for at, write in enumerate(writes))
    duration = (len(events) + 10) * 1_000_000
    scenario = Scenario("made", "made", spec, events, sweeps=tuple(sweeps), duration_ns=duration)
    return simulate(scenario, policy)


def touch(after, gfn, pages=1, vcpu=0):
    """Return touches just after the write number ``after``."""
    return Sweep((after + 1) * 1_000_000 + 1000, vcpu, gfn, pages)


def found(rule, *writes, **settings):
    """Return what one rule finds."""
    return [problem for problem in check(run(*writes, **settings)) if problem.rule == rule]

"""A second simulator, slow and obvious: one touch and one event at a time over a list of leaves.

Shares with the fast one only `core.Machine`'s answers for a single page. Slots, the order of things
at one time, what a larger leaf replaces, what a zap drops and which zaps contend are all written
down again here, as plainly as they can be said. What a zap costs is a model's matter, not judged
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.machine import Machine
from mtrrviz.scenario import Access, EventKind, RegionKind

if TYPE_CHECKING:
    from mtrrviz.scenario import Event, MachineSpec, Scenario
    from mtrrviz.sim import Run

PAGES = {1: 1, 2: 512, 3: 512 * 512}
NEVER = 2**63 - 1

NO_SLOT = {RegionKind.MMIO, RegionKind.RESERVED, RegionKind.UNKNOWN}


@dataclass
class Leaf:
    first_gfn: int
    level: int
    bits: int
    vcpu: int
    access: int
    refault: bool
    born_ns: int
    died_ns: int = NEVER
    zap: int = -1

    @property
    def end_gfn(self) -> int:
        return self.first_gfn + PAGES[self.level]

    def covers(self, gfn: int) -> bool:
        return self.first_gfn <= gfn < self.end_gfn


@dataclass
class Zap:
    time_ns: int
    vcpu: int
    event: int
    cause: int
    start_gfn: int
    end_gfn: int
    leaves_dropped: int
    rivals: int = 0


class SlowSimulation:
    """Everything that ever happened is in `leaves` and `zaps` once `run` is done."""

    def __init__(self, scenario: Scenario, policy: str) -> None:
        self.scenario = scenario
        self.spec = scenario.machine
        self.machine = machine_after_reset(self.spec, policy)
        self.leaves: list[Leaf] = []
        self.zaps: list[Zap] = []

    def run(self, until_ns: int = NEVER) -> SlowSimulation:
        for time_ns, kind, index, what in happenings(self.scenario):
            if time_ns > until_ns:
                break
            if kind == 0:
                self.event(index, what)
            else:
                self.touch(time_ns, *what)
        for zap in self.zaps:
            zap.rivals = rivals(self.scenario, self.zaps, zap)
        return self

    def living(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf.died_ns == NEVER]

    def touch(self, time_ns: int, gfn: int, vcpu: int, access: int) -> None:
        region = self.spec.region_at(gfn)
        if region is None or region.kind in NO_SLOT:
            return
        if region.kind is RegionKind.ROM and access == Access.WRITE:
            return
        if any(leaf.covers(gfn) for leaf in self.living()):
            return
        level = min(slot_level(self.spec, gfn), self.machine.max_level(vcpu, gfn))
        mmio = region.kind is RegionKind.PASSTHROUGH
        kind, ipat = self.machine.leaf(vcpu, gfn, mmio=mmio)
        first = gfn // PAGES[level] * PAGES[level]
        refault = any(leaf.covers(gfn) for leaf in self.leaves)
        new = Leaf(first, level, kind << 3 | ipat << 6, vcpu, access, refault, time_ns)
        for leaf in self.living():
            if leaf.first_gfn < new.end_gfn and new.first_gfn < leaf.end_gfn:
                leaf.died_ns = time_ns
        self.leaves.append(new)

    def event(self, index: int, event: Event) -> None:
        requests = self.machine.zap_requests
        ranges = apply(self.machine, event)
        if self.machine.zap_requests == requests:
            return
        dropped = 0
        for leaf in self.living():
            if any(leaf.first_gfn < end and start < leaf.end_gfn for start, end in ranges):
                leaf.died_ns, leaf.zap = event.time_ns, len(self.zaps)
                dropped += 1
        whole_vm = event.kind in (EventKind.DMA_ATTACH, EventKind.DMA_DETACH)
        vcpu = -1 if whole_vm else event.vcpu
        start = min([start for start, _ in ranges], default=0)
        end = max([end for _, end in ranges], default=0)
        zap = Zap(event.time_ns, vcpu, index, cause(event), start, end, dropped)
        self.zaps.append(zap)


def happenings(scenario: Scenario) -> list[tuple[int, int, int, Any]]:
    """Return (time, 0 event or 1 touch, index, what) in order: at one time events come first."""
    events: list[tuple[int, int, int, Any]]
    events = [(event.time_ns, 0, i, event) for i, event in enumerate(scenario.events)]
    recorded = scenario.recorded
    columns = (recorded.time_ns, recorded.gfn, recorded.vcpu, recorded.access)
    touches = list(zip(*(column.tolist() for column in columns), strict=True))
    for sweep in scenario.sweeps:
        for step in range(sweep.pages):
            time_ns = sweep.time_ns + step * sweep.lasts_ns // sweep.pages
            touches.append((time_ns, sweep.first_gfn + step, sweep.vcpu, int(sweep.access)))
    rows = [(touch[0], 1, i, touch[1:]) for i, touch in enumerate(touches)]
    return sorted([*events, *rows], key=lambda row: row[:3])


def machine_after_reset(spec: MachineSpec, policy: str) -> Machine:
    machine = Machine(
        spec.vcpus,
        policy,
        spec.maxphyaddr,
        spec.has_mtrr,
        cd_nw_quirk=spec.cd_nw_quirk,
        self_snoop=spec.self_snoop,
        ignore_guest_pat=spec.ignore_guest_pat,
        slots=[(slot.first_gfn, slot.end_gfn) for slot in spec.slots],
    )
    for _ in range(spec.noncoherent_dma):
        machine.attach_noncoherent_dma()
    return machine


def apply(machine: Machine, event: Event) -> list[tuple[int, int]]:
    try:
        if event.kind in (EventKind.WRMSR, EventKind.VMM_WRMSR):
            return machine.write_msr(event.vcpu, event.register, event.value)
        if event.kind == EventKind.MOV_CR0:
            return machine.write_cr0(event.vcpu, event.value)
        if event.kind == EventKind.INIT:
            return machine.init(event.vcpu)
    except GeneralProtectionFault:
        return []
    return change_vm(machine, event)


def change_vm(machine: Machine, event: Event) -> list[tuple[int, int]]:
    if event.kind == EventKind.DMA_ATTACH:
        return machine.attach_noncoherent_dma()
    if event.kind == EventKind.DMA_DETACH and machine.noncoherent_dma > 0:
        return machine.detach_noncoherent_dma()
    if event.kind == EventKind.DISABLE_CD_NW_QUIRK:
        machine.cd_nw_quirk = False
    if event.kind == EventKind.DISABLE_IGNORE_GUEST_PAT:
        machine.ignore_guest_pat &= not machine.self_snoop
    return []


def cause(event: Event) -> int:
    if event.kind in (EventKind.DMA_ATTACH, EventKind.DMA_DETACH):
        return 4
    if event.kind in (EventKind.MOV_CR0, EventKind.INIT):
        return 3
    if event.register == 0x2FF:
        return 0
    return 2 if event.register < 0x210 else 1


def slot_level(spec: MachineSpec, gfn: int) -> int:
    """Return the largest leaf that lies in one slot and that the host's pages permit."""
    for level in range(spec.host_level, 1, -1):
        first = gfn // PAGES[level] * PAGES[level]
        for slot in spec.slots:
            if slot.first_gfn <= first and first + PAGES[level] <= slot.end_gfn:
                return level
    return 1


def woken(scenario: Scenario, zap: Zap) -> int | None:
    """Return how often the AP that makes the zap was woken before, None if it zaps alone.

    APs fight for the lock where the phase says that they act at once. Where they take turns they
    still all leave the state after INIT together: clearing CR0.CD, before a first write of an MSR.
    """
    event = scenario.events[zap.event]
    guest = (EventKind.WRMSR, EventKind.MOV_CR0, EventKind.INIT)
    if event.kind not in guest or event.vcpu == 0:
        return None
    past = [e for e in scenario.events[: zap.event + 1] if e.vcpu == event.vcpu]
    inits = [i for i, e in enumerate(past) if e.kind == EventKind.INIT]
    acts = "none"
    for phase in scenario.phases:
        if phase.start_ns <= zap.time_ns:
            acts = phase.aps.value
    if acts == "concurrent":
        return len(inits)
    if acts == "none" or not inits or event.kind != EventKind.MOV_CR0 or event.value & 1 << 30:
        return None
    wrote = any(e.kind in (EventKind.WRMSR, EventKind.VMM_WRMSR) for e in past[inits[-1] :])
    return None if wrote else len(inits)


def rivals(scenario: Scenario, zaps: list[Zap], zap: Zap) -> int:
    """Return how many other APs that were woken as often zap in a burst."""
    own = woken(scenario, zap)
    others = {z.vcpu for z in zaps if woken(scenario, z) == own and z.vcpu != zap.vcpu}
    return 0 if own is None else len(others)


LEAF_COLUMNS = tuple(Leaf.__annotations__)
ZAP_COLUMNS = tuple(Zap.__annotations__)


def leaf_rows(run: Run) -> list[tuple[object, ...]]:
    return list(zip(*(getattr(run.leaves, name).tolist() for name in LEAF_COLUMNS), strict=True))


def zap_rows(run: Run) -> list[tuple[object, ...]]:
    return list(zip(*(getattr(run.zaps, name).tolist() for name in ZAP_COLUMNS), strict=True))


def rows_of(things: list[Leaf] | list[Zap], columns: tuple[str, ...]) -> list[tuple[object, ...]]:
    return [tuple(getattr(thing, name) for name in columns) for thing in things]


def assert_agrees(run: Run, slow: SlowSimulation) -> None:
    """Compare every column of both tables but modelled cycles, which no rule of KVM gives."""
    assert leaf_rows(run) == rows_of(slow.leaves, LEAF_COLUMNS)
    assert zap_rows(run) == rows_of(slow.zaps, ZAP_COLUMNS)

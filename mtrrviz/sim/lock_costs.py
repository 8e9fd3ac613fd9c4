"""What the zaps of a boot cost at mmu_lock, by which vCPUs act at once in the scenario.

Each request is put where it happens: by the VMM or by one vCPU alone while the others sleep; by
one vCPU while the others wait in the guest for their turn (a serialised phase); or in a burst of
application processors (APs) that were woken together. Its cost depends on that, on
what it walks and on how the policy locks.

A request belongs to a burst if an AP of the guest makes it where the phase says that APs act at
once; or where they take turns, but by clearing CR0.CD as the first thing after INIT, before any
write of an MSR, which comes before the AP can wait for its turn. Requests of APs that had as many
INITs are one burst. A request is contended if other vCPUs zap in its burst: its rivals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.core.costs.lock_queue import LockRequest, Program, Rules, lone_cycles, run_burst
from mtrrviz.core.msr.registers import CR0_CD
from mtrrviz.scenario.events import VM_KINDS, Event, EventKind
from mtrrviz.scenario.model import Aps, Scenario
from mtrrviz.sim.lock_tables import ram_in_use, table_history, walk_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mtrrviz.core.costs.lock_walk import Walk
    from mtrrviz.core.policy import GfnRange, Policy

DEFAULT_LOCK = LockModel()


class Requested(Protocol):
    """A zap request: the event that asks for it (an index) and the ranges it walks, in order."""

    @property
    def event(self) -> int:
        """Index of the scenario's event."""
        ...

    @property
    def ranges(self) -> tuple[GfnRange, ...]:
        """Gfns [start, end), in the order in which they are walked."""
        ...


@dataclass(frozen=True, slots=True)
class ZapRequest:
    """A request by itself, without a run."""

    event: int
    ranges: tuple[GfnRange, ...]


@dataclass(frozen=True)
class LockCosts:
    """Modelled cycles of each request (float64, in the order asked for).

    ``wall_cycles`` are what the boot waits for: a burst counts from its first zap to its last, all
    else one after the other. ``disturbing`` counts requests that drop pages a running guest needs.
    """

    cycles: NDArray[np.float64]
    wall_cycles: float
    disturbing: int


@dataclass(frozen=True, slots=True)
class _Occasion:
    """When a request comes: in a burst (its number), or alone with so many in the guest.

    ``in_guest`` is False for requests of the VMM, whose vCPUs are all stopped.
    """

    burst: int | None
    faulters: int = 0
    in_guest: bool = True


def plan_of(scenario: Scenario, policy: Policy, requests: Sequence[Requested]) -> LockPlan:
    """Return who meets whom at the lock; no constant of the model changes that."""
    walks = _walks(scenario, requests)
    occasions = _occasions(scenario, requests)
    programs: dict[int, dict[int, list[int]]] = {}
    for number, (request, occasion) in enumerate(zip(requests, occasions, strict=True)):
        if occasion.burst is not None:
            burst = programs.setdefault(occasion.burst, {})
            burst.setdefault(scenario.events[request.event].vcpu, []).append(number)
    return LockPlan(
        vcpus=scenario.machine.vcpus,
        rules=Rules(policy.zap_lock == "shared", policy.serialises),
        walks=walks,
        occasions=occasions,
        traps=_traps_before(scenario.events, requests),
        bursts=tuple(tuple(map(tuple, burst.values())) for burst in programs.values()),
        disturbing=sum(
            not _by_vmm(scenario.events[request.event]) and any(w.stalls_faults for w in walk)
            for request, walk in zip(requests, walks, strict=True)
        ),
    )


@dataclass(frozen=True)
class LockPlan:
    """Requests with all that the model has to know of them.

    ``traps`` counts the vCPU's own register writes since its last request, ``bursts`` holds the
    numbers of the requests of each vCPU of each burst.
    """

    vcpus: int
    rules: Rules
    walks: tuple[tuple[Walk, ...], ...]
    occasions: tuple[_Occasion, ...]
    traps: tuple[int, ...]
    bursts: tuple[tuple[tuple[int, ...], ...], ...]
    disturbing: int

    @cached_property
    def rivals(self) -> NDArray[np.int16]:
        """How many other vCPUs zap in the burst of each request, 0 outside bursts."""
        counts = np.zeros(len(self.walks), np.int16)
        for burst in self.bursts:
            for numbers in burst:
                counts[list(numbers)] = len(burst) - 1
        return counts

    def costs(self, model: LockModel) -> LockCosts:
        """Return the cycles under ``model``."""
        cycles = np.zeros(len(self.walks))
        wall = self._lone(model, cycles)
        for burst in self.bursts:
            programs = [self._program(model, numbers) for numbers in burst]
            outcome = run_burst(model, programs, self.vcpus, self.rules)
            wall += outcome.span_cycles
            for numbers, spent in zip(burst, outcome.cycles, strict=True):
                cycles[list(numbers)] = spent
        return LockCosts(cycles, wall, self.disturbing)

    def _lone(self, model: LockModel, cycles: NDArray[np.float64]) -> float:
        """Fill in the requests that meet no other, and return their sum."""

        @cache
        def cost(walks: tuple[Walk, ...], occasion: _Occasion) -> float:
            walking = lone_cycles(model, walks, occasion.faulters, shared=self.rules.shared)
            return walking + model.flush.value * bool(walks and occasion.in_guest)

        for number, occasion in enumerate(self.occasions):
            if occasion.burst is None:
                cycles[number] = cost(self.walks[number], occasion)
        return float(cycles.sum())

    def _program(self, model: LockModel, numbers: Iterable[int]) -> Program:
        trap = model.trap.value
        return [LockRequest(self.traps[number] * trap, self.walks[number]) for number in numbers]


def _walks(scenario: Scenario, requests: Sequence[Requested]) -> tuple[tuple[Walk, ...], ...]:
    history = table_history(scenario)
    ram = ram_in_use(scenario.machine)

    walks: dict[tuple[GfnRange, int], Walk] = {}

    def walk(span: GfnRange, time_ns: int) -> Walk:
        key = (span, history.epoch(time_ns))
        if key not in walks:
            walks[key] = walk_of(span, history, time_ns, ram)
        return walks[key]

    return tuple(
        tuple(walk(span, scenario.events[request.event].time_ns) for span in request.ranges)
        for request in requests
    )


def _by_vmm(event: Event) -> bool:
    return event.kind is EventKind.VMM_WRMSR or event.kind in VM_KINDS


def _occasions(scenario: Scenario, requests: Sequence[Requested]) -> tuple[_Occasion, ...]:
    """Return where each request happens."""
    starts = _start_ups(scenario)
    return tuple(_occasion(scenario, scenario.events[r.event], starts[r.event]) for r in requests)


def _start_ups(scenario: Scenario) -> list[tuple[int, bool]]:
    """Return for each event how many INITs its vCPU had, and if it wrote no MSR since."""
    inits = [0] * 256
    wrote = [True] * 256
    result: list[tuple[int, bool]] = []
    for event in scenario.events:
        if event.kind is EventKind.INIT:
            inits[event.vcpu] += 1
            wrote[event.vcpu] = False
        result.append((inits[event.vcpu], not wrote[event.vcpu]))
        wrote[event.vcpu] |= event.writes_msr
    return result


def _occasion(scenario: Scenario, event: Event, start_up: tuple[int, bool]) -> _Occasion:
    phase = scenario.phase_at(event.time_ns)
    if _by_vmm(event):
        return _Occasion(None, in_guest=False)
    if phase is None or phase.aps is Aps.NONE:
        return _Occasion(None)
    burst, starting = start_up
    if phase.aps is Aps.SERIALISED and not (starting and _enables_caches(event)):
        return _Occasion(None, scenario.machine.vcpus - 1)
    # The BSP acts while the APs sleep. APs were woken together if they had as many INITs.
    return _Occasion(None) if event.vcpu == 0 else _Occasion(burst)


def _enables_caches(event: Event) -> bool:
    """Return whether a vCPU clears CR0.CD, which after INIT it does before it can take a lock."""
    return event.kind is EventKind.MOV_CR0 and not event.value & CR0_CD


def _traps_before(events: Sequence[Event], requests: Sequence[Requested]) -> tuple[int, ...]:
    """Return how many register writes each request's vCPU made since INIT or its last request."""
    asked = {request.event for request in requests}
    counts: dict[int, int] = {}
    found: dict[int, int] = {}
    for index, event in enumerate(events):
        counts[event.vcpu] = 0 if event.kind is EventKind.INIT else counts.get(event.vcpu, 0) + 1
        if index in asked:
            found[index] = counts[event.vcpu]
            counts[event.vcpu] = 0
    return tuple(found[request.event] for request in requests)

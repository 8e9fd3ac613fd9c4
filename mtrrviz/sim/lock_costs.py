"""What the zaps of a boot cost at mmu_lock, by which vCPUs act at once in the scenario.

Each request is put where it happens: by the VMM or by one vCPU alone while the others sleep; by
one vCPU while the others wait in the guest for their turn (a serialised phase); or in a burst of
application processors (APs) that were woken together. Its cost depends on that, on
what it walks and on how the policy locks.

A request belongs to a burst if an AP of the guest makes it where the phase says that APs act at
once; or where they take turns, but by clearing CR0.CD as the first thing after INIT, before any
write of an MSR, which comes before the AP can wait for its turn. Requests of APs that had as many
INITs are one burst. A request is contended if other vCPUs zap in its burst: its rivals.

APs do not come at the same pace in every boot, and what bursts cost jumps where one of them comes
a moment earlier or later. So they are worked out at three paces (``PACES``), and together cost the
geometric mean: that of a typical boot, which an odd one among them does not dominate.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mtrrviz.core.columns import Columns
from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.core.costs.lock_queue import (
    Burst,
    LockRequest,
    Program,
    Rules,
    lone_cycles,
    run_burst,
)
from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import plural
from mtrrviz.sim.alike import Alike, alike, rows_of_each
from mtrrviz.sim.lock_occasions import Occasion, by_vmm, occasions_of, traps_before
from mtrrviz.sim.lock_tables import ram_in_use, table_history, walk_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mtrrviz.core.costs.lock_walk import Walk
    from mtrrviz.core.kvm_rules.policy import GfnRange, Policy
    from mtrrviz.scenario.model import Scenario

DEFAULT_LOCK = LockModel()
PACES = (1.0, 0.85, 1.15)
"""Between how many staggers APs come, in the usual boot and in two others."""

#: More structures than that no guest has.
_EPOCH_BITS = 40


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


class ZapRequest(Record):
    """A request by itself, without a run."""

    event: int
    ranges: tuple[GfnRange, ...]


class LockCosts(Columns):
    """Modelled cycles of each request (float64, in the order asked for).

    ``wall_cycles`` are what the boot waits for: a burst counts from its first zap to its last, all
    else one after the other. ``disturbing`` counts requests that drop pages a running guest needs.
    """

    cycles: NDArray[np.float64]
    wall_cycles: float
    disturbing: int


def plan_of(scenario: Scenario, policy: Policy, requests: Sequence[Requested]) -> LockPlan:
    """Return who meets whom at the lock; no constant of the model changes that."""
    rows = np.array([request.event for request in requests], np.intp)
    return plan_at(scenario, policy, rows, alike([request.ranges for request in requests]))


def plan_at(
    scenario: Scenario,
    policy: Policy,
    rows: NDArray[np.intp],
    ranges: Alike[tuple[GfnRange, ...]],
) -> LockPlan:
    """Return the plan of requests of the events at ``rows`` for ``ranges``, as :func:`plan_of`."""
    walks = _walks(scenario, rows, ranges)
    occasions = occasions_of(scenario, rows)
    stalls = walks.which([any(walk.stalls_faults for walk in one) for one in walks.values])
    return LockPlan(
        vcpus=scenario.machine.vcpus,
        rules=Rules(policy.zap_lock == "shared", policy.serialises),
        walks=walks,
        occasions=occasions,
        traps=traps_before(scenario.events, rows),
        bursts=_bursts(occasions, scenario.events.vcpu[rows]),
        disturbing=int(np.count_nonzero(stalls & ~by_vmm(scenario.events, rows))),
    )


def _bursts(
    occasions: Alike[Occasion], vcpus: NDArray[np.int16]
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return the numbers of the requests of each vCPU of each burst, in order."""
    programs: dict[int, dict[int, list[int]]] = {}
    numbers = np.flatnonzero(_in_bursts(occasions))
    for number, vcpu in zip(numbers.tolist(), vcpus[numbers].tolist(), strict=True):
        burst = occasions[number].burst
        if burst is not None:
            programs.setdefault(burst, {}).setdefault(vcpu, []).append(number)
    return tuple(tuple(map(tuple, burst.values())) for burst in programs.values())


def _in_bursts(occasions: Alike[Occasion]) -> NDArray[np.bool_]:
    return occasions.which([occasion.burst is not None for occasion in occasions.values])


class LockPlan(Record, dict=True):
    """Requests with all that the model has to know of them.

    ``traps`` counts the vCPU's own register writes since its last request, ``bursts`` holds the
    numbers of the requests of each vCPU of each burst.
    """

    vcpus: int
    rules: Rules
    walks: Alike[tuple[Walk, ...]]
    occasions: Alike[Occasion]
    traps: tuple[int, ...]
    bursts: tuple[tuple[tuple[int, ...], ...], ...]
    disturbing: int

    def __repr__(self) -> str:
        requests, bursts = plural(len(self.walks), "request"), plural(len(self.bursts), "burst")
        return f"<LockPlan: {requests}, {bursts}, {plural(self.vcpus, 'vCPU')}>"

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
        if self.bursts:
            stagger = model.stagger.value
            boots = [
                self._in_bursts(with_values(model, {"stagger": pace * stagger})) for pace in PACES
            ]
            usual, _ = boots[0]
            cycles += usual * _typical([each.sum() for each, _ in boots]) / (usual.sum() or 1.0)
            wall += _typical([span for _, span in boots])
        return LockCosts(cycles, wall, self.disturbing)

    def _in_bursts(self, model: LockModel) -> tuple[NDArray[np.float64], float]:
        """Return the cycles of each request, 0 outside bursts, and how long all bursts take."""

        @cache
        def outcome_of(programs: tuple[Program, ...]) -> Burst:
            return run_burst(model, programs, self.vcpus, self.rules)

        cycles, span = np.zeros(len(self.walks)), 0.0
        for burst in self.bursts:
            outcome = outcome_of(tuple(self._program(model, numbers) for numbers in burst))
            span += outcome.span_cycles
            for numbers, spent in zip(burst, outcome.cycles, strict=True):
                cycles[list(numbers)] = spent
        return cycles, span

    def _lone(self, model: LockModel, cycles: NDArray[np.float64]) -> float:
        """Fill in the requests that meet no other, and return their sum."""
        for walks, occasion, numbers in self._lone_cases:
            walking = lone_cycles(model, walks, occasion.faulters, shared=self.rules.shared)
            cycles[numbers] = walking + model.flush.value * bool(walks and occasion.in_guest)
        return float(cycles.sum())

    @cached_property
    def _lone_cases(self) -> list[tuple[tuple[Walk, ...], Occasion, NDArray[np.intp]]]:
        """The requests that meet no other, those together that cost the same."""
        lone = np.flatnonzero(~_in_bursts(self.occasions))
        cases = self.walks.codes * len(self.occasions.values) + self.occasions.codes
        alike = [lone[places] for places in rows_of_each(cases[lone])]
        return [(self.walks[int(rows[0])], self.occasions[int(rows[0])], rows) for rows in alike]

    def _program(self, model: LockModel, numbers: Iterable[int]) -> Program:
        trap = model.trap.value
        return tuple(
            LockRequest(self.traps[number] * trap, self.walks[number]) for number in numbers
        )


def _typical(figures: Sequence[float]) -> float:
    """Return the geometric mean, 0 if any figure is."""
    return math.exp(math.fsum(map(math.log, figures)) / len(figures)) if all(figures) else 0.0


def _walks(
    scenario: Scenario, rows: NDArray[np.intp], ranges: Alike[tuple[GfnRange, ...]]
) -> Alike[tuple[Walk, ...]]:
    """Return the walks of each request, one object for those that are alike."""
    history = table_history(scenario)
    ram = ram_in_use(scenario.machine)
    times_ns = scenario.events.time_ns[rows]
    values: list[tuple[Walk, ...]] = []
    codes = np.zeros(len(rows), np.intp)
    for same in rows_of_each(ranges.codes << _EPOCH_BITS | history.epochs(times_ns)):
        first = int(same[0])
        time_ns = int(times_ns[first])
        codes[same] = len(values)
        values.append(tuple(walk_of(span, history, time_ns, ram) for span in ranges[first]))
    return Alike(values, codes)

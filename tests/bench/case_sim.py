"""Simulation: a million touches, editing, seeking, and the size of the guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import replace

from mtrrviz.scenario import Event, EventKind, MachineSpec, Region, RegionKind, Scenario, Touches
from mtrrviz.sim import simulate
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Callable

TOUCHES = 1_000_000
DURATION_NS = 10_000_000_000
PAGES_PER_GIB = 1 << 18
ARGSORT = "stable np.argsort of as many"


class Load(NamedTuple):
    """What is simulated: guest size, full zaps in the first tenth, the host's pages, touches."""

    memory_gib: int = 16
    zaps: int = 0
    host_level: int = 2
    touches: int = TOUCHES


def rng() -> np.random.Generator:
    return np.random.default_rng(20)


def scattered(load: Load) -> Touches:
    """Touches of frames anywhere in the guest, by eight vCPUs."""
    draw = rng()
    gfn = draw.integers(0, load.memory_gib * PAGES_PER_GIB, load.touches).astype(np.uint64)
    return touches_of(gfn)


def in_runs(load: Load) -> Touches:
    """Touches of runs of neighbouring frames, 64 long on average, the runs anywhere."""
    draw = rng()
    lengths = draw.geometric(1 / 64, load.touches // 32)
    starts = draw.integers(0, load.memory_gib * PAGES_PER_GIB - 4096, len(lengths))
    steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return touches_of((np.repeat(starts, lengths) + steps)[: load.touches].astype(np.uint64))


def touches_of(gfn: np.ndarray) -> Touches:
    draw = rng()
    time_ns = np.sort(draw.integers(0, DURATION_NS, len(gfn)))
    vcpu = draw.integers(0, 8, len(gfn)).astype(np.uint8)
    return Touches(time_ns, gfn, vcpu, np.zeros(len(gfn), np.uint8))


def scenario(load: Load, touches: Touches) -> Scenario:
    end = load.memory_gib << 30
    spec = MachineSpec(
        vcpus=8,
        memory_bytes=end,
        regions=(Region("RAM", RegionKind.RAM, 0, end),),
        host_level=load.host_level,
        noncoherent_dma=1,
    )
    times = [DURATION_NS * (i + 1) // (10 * load.zaps) for i in range(load.zaps)]
    events = tuple(Event(time, EventKind.WRMSR, 0, 0x2FF, 0xC06) for time in times)
    return Scenario("bench", "bench", spec, events, recorded=touches, duration_ns=DURATION_NS)


def from_nothing(made: Scenario) -> None:
    """Simulate with nothing kept from before: the pages are numbered again, too."""
    simulate(replace(made, recorded=replace(made.recorded)), "per-vcpu")


def argsort(count: int) -> Callable[[], object]:
    """Return a callable that finds the order of so many numbers.

    By the stable sort, which is the same on all processors: the default is three times as quick
    where there is AVX-512, and would tell more of the machine than of this program.
    """
    numbers = rng().integers(0, 1 << 63, count)
    return lambda: np.argsort(numbers, kind="stable")


def simulate_against_argsort(load: Load) -> Pair:
    made = scenario(load, scattered(load))
    return Pair(lambda: from_nothing(made), argsort(load.touches))


@case("simulate 1e6 touches, 16 GiB", reference=ARGSORT, limit=2.1)
def simulate_touches() -> Pair:
    return simulate_against_argsort(Load())


@case("simulate 1e6 touches, 16 GiB, 84 zaps", reference=ARGSORT, limit=2.1)
def simulate_zaps() -> Pair:
    return simulate_against_argsort(Load(zaps=84))


@case("simulate 1e6 touches, 16 GiB, 4 KiB pages", reference=ARGSORT, limit=2.1)
def simulate_small_pages() -> Pair:
    return simulate_against_argsort(Load(host_level=1))


@case("simulate 1e6 touches, 4 KiB pages, 84 zaps", reference=ARGSORT, limit=2.1, in_short=False)
def simulate_small_pages_zaps() -> Pair:
    return simulate_against_argsort(Load(zaps=84, host_level=1))


@case("simulate 1e7 touches, 16 GiB", reference=ARGSORT, limit=2.1, in_short=False)
def simulate_ten_million() -> Pair:
    return simulate_against_argsort(Load(touches=10_000_000))


def of_two_sizes(host_level: int, limit_gib: int = 16 * 1024) -> Pair:
    large, small = (Load(gib, 84, host_level) for gib in (limit_gib, 16))
    subject, reference = scenario(large, in_runs(large)), scenario(small, in_runs(small))
    return Pair(lambda: from_nothing(subject), lambda: from_nothing(reference))


@case("simulate 1e6 touches, 16 TiB", reference="the same in 16 GiB", limit=1.5)
def simulate_large_guest() -> Pair:
    return of_two_sizes(host_level=2)


@case(
    "simulate 1e6 touches, 16 TiB, 4 KiB pages",
    reference="the same in 16 GiB",
    limit=1.5,
    in_short=False,
)
def simulate_large_guest_small_pages() -> Pair:
    return of_two_sizes(host_level=1)


def edited_late(load: Load) -> Pair:
    made = scenario(load, scattered(load))
    run = simulate(made, "per-vcpu")
    since_ns = DURATION_NS * 95 // 100
    edited = made.inserting(Event(since_ns, EventKind.WRMSR, 0, 0x2FF, 0x800))
    simulate(edited, "per-vcpu")
    return Pair(
        lambda: simulate(edited, "per-vcpu", base=run, since_ns=since_ns),
        lambda: simulate(edited, "per-vcpu"),
    )


@case("simulate again after an edit at 95 %", reference="from zero", limit=0.8)
def simulate_edit() -> Pair:
    return edited_late(Load(zaps=84))


@case("simulate again after an edit, 4 KiB pages", reference="from zero", limit=0.8, in_short=False)
def simulate_edit_small_pages() -> Pair:
    return edited_late(Load(zaps=84, host_level=1))


@case("seek: live leaves and registers", reference="comparing 1e6 int64", limit=1.0)
def seek() -> Pair:
    """Any time of a boot with 1e6 touches and 1760 register writes."""
    load = Load(zaps=84)
    many = [
        Event(DURATION_NS * i // 1760, EventKind.WRMSR, i % 8, 0x200 + i % 16 // 2 * 2, 0x6)
        for i in range(1760)
    ]
    made = scenario(load, scattered(load))
    events = tuple(sorted([*made.events, *many], key=lambda event: event.time_ns))
    run = simulate(replace(made, events=events), "per-vcpu")
    times = rng().integers(0, DURATION_NS, 100).tolist()
    leaves = run.leaves
    live = {t: np.count_nonzero((leaves.born_ns <= t) & (t < leaves.died_ns)) for t in times}
    numbers = rng().integers(0, DURATION_NS, TOUCHES)
    half = np.int64(DURATION_NS // 2)

    def any_time() -> None:
        state = run.at(times[0])
        times.append(times.pop(0))
        assert len(state.live_rows) == live[times[-1]]
        assert state.machine.vcpus == 8

    return Pair(any_time, lambda: np.flatnonzero(numbers > half))

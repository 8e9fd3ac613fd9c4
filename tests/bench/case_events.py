"""Scenarios of very many register writes: opened, simulated, edited; and how that grows."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from mtrrviz.analysis.checks import check
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_events import LaneEvents
from mtrrviz.scenario import Event, EventKind, Scenario
from mtrrviz.scenario.event_columns import KIND_CODES, EventColumns
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.files.data_files.recorded_events import events_of
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.touches import no_touches
from mtrrviz.session.edits import move_events
from mtrrviz.sim import simulate
from tests.bench.case_sim import ARGSORT, DURATION_NS, Load, argsort, rng, scenario
from tests.bench.registry import Pair, case


class Limits(NamedTuple):
    """How many times their references the work of one size may take."""

    reading: float
    simulating: float
    checking: float
    going_on: float
    marking: float
    ticks: float


LIMITS = {
    10_000: Limits(5.0, 6.0, 5.0, 1.3, 1.6, 3.0),
    100_000: Limits(3.0, 4.0, 5.0, 0.7, 0.9, 0.4),
    1_000_000: Limits(3.0, 3.0, 6.0, 0.25, 0.9, 0.15),
}
FEWEST = min(LIMITS)
POLICY = "per-vcpu"


@cache
def writes(count: int, *, zap: bool = False) -> Scenario:
    """Writes of eight vCPUs all over the time: of variable pairs and the PAT, or what zaps all."""
    draw = rng()
    register = np.where(draw.random(count) < 0.3, 0x277, 0x200 + 2 * draw.integers(0, 8, count))
    value = np.where(register == 0x277, 0x0007040600070406, draw.integers(0, 1 << 10, count) << 20)
    if zap:
        register[:], value = 0x2FF, draw.choice([0xC00, 0xC06], count)
    columns = EventColumns(
        np.arange(count, dtype=np.int64) * (DURATION_NS // count),
        np.full(count, KIND_CODES[EventKind.WRMSR], np.uint8),
        draw.integers(0, 8, count).astype(np.int16),
        register.astype(np.int32),
        value.astype(np.uint64),
        np.zeros(count, np.int32),
        (("kernel", ""),),
    )
    made = scenario(Load(), no_touches())
    machine = replace(made.machine, noncoherent_dma=int(zap))
    return replace(made, machine=machine, events=EventList.of_columns(columns))


def late(made: Scenario, share: float = 0.95) -> tuple[Scenario, int]:
    """Return the scenario after a write at a share of its time, and that time."""
    since_ns = int(DURATION_NS * share)
    return made.inserting(Event(since_ns, EventKind.WRMSR, 0, 0x2FF, 0xC00)), since_ns


def csv_of(made: Scenario) -> str:
    rows = (f"{e.time_ns},{e.vcpu},{e.kind},{e.register:#x},{e.value:#x},{e.origin}\n"
            for e in made.events)  # fmt: skip
    return "t_ns,vcpu,kind,register,value,origin\n" + "".join(rows)


def announce(count: int) -> None:
    """Announce the cases of so many writes; those of a million take too long for a short run."""
    name, short = f"1e{len(str(count)) - 1}", count < max(LIMITS)
    limits = LIMITS[count]

    @case(
        f"reading {name} recorded writes",
        reference="splitting them",
        limit=limits.reading,
        in_short=short,
        work="reading recorded writes",
        size=count,
    )
    def read() -> Pair:
        text = csv_of(writes(count))
        return Pair(
            lambda: events_of(text, Path()), lambda: [line.split(",") for line in text.split("\n")]
        )

    @case(
        f"simulating {name} writes",
        reference=ARGSORT,
        limit=limits.simulating,
        in_short=short,
        work="simulating writes",
        size=count,
    )
    def run() -> Pair:
        made = writes(count)
        return Pair(lambda: simulate(made, POLICY), argsort(count))

    @case(
        f"checking {name} writes",
        reference="simulating them",
        limit=limits.checking,
        in_short=short,
        work="checking writes",
        size=count,
    )
    def look() -> Pair:
        made = writes(count)
        run = simulate(made, POLICY)
        return Pair(lambda: check(run), lambda: simulate(made, POLICY))

    @case(
        f"an edit at 95 % of {name} writes",
        reference="from zero",
        limit=limits.going_on,
        in_short=short,
        work="simulating an edit at 95 % of writes",
        size=count,
    )
    def go_on() -> Pair:
        made = writes(count)
        run, (edited, since_ns) = simulate(made, POLICY), late(made)
        return Pair(
            lambda: simulate(edited, POLICY, base=run, since_ns=since_ns),
            lambda: simulate(edited, POLICY),
        )

    @case(
        f"making an edit among {name} writes",
        reference="among 1e4",
        limit=2.5,
        in_short=short,
        work="making an edit among writes",
        size=count,
    )
    def edit() -> Pair:
        """What the window waits for: nothing as long as the scenario is copied."""
        many, few = writes(count), writes(FEWEST)
        return Pair(
            lambda: (late(many, 0.5), move_events(many, [count // 2], 1000)),
            lambda: (late(few, 0.5), move_events(few, [FEWEST // 2], 1000)),
        )

    @case(
        f"marking {name} writes",
        reference=ARGSORT,
        limit=limits.marking,
        in_short=short,
        work="marking writes",
        size=count,
    )
    def mark() -> Pair:
        """What a scenario's first picture of the lanes waits for, in one turn."""
        made = writes(count)
        return Pair(lambda: LaneEvents(made), argsort(count))

    @case(
        f"ticks of {name} writes",
        reference=ARGSORT,
        limit=limits.ticks,
        in_short=short,
        work="ticks of writes",
        size=count,
    )
    def ticks() -> Pair:
        lanes, axis = LaneEvents(writes(count)), TimeAxis.fitted(DURATION_NS, 80, 1800)
        return Pair(lambda: lanes.columns(axis), argsort(count))


for _count in LIMITS:
    announce(_count)


@case("simulating 1e5 zaps", reference="objects of 1e5 events", limit=10.0)
def zaps() -> Pair:
    made = writes(100_000, zap=True)
    return Pair(lambda: simulate(made, POLICY), lambda: list(made.events))


def go_on_among_zaps(share: float) -> Pair:
    made = writes(100_000, zap=True)
    run, (edited, since_ns) = simulate(made, POLICY), late(made, share)
    return Pair(
        lambda: simulate(edited, POLICY, base=run, since_ns=since_ns),
        lambda: simulate(edited, POLICY),
    )


@case("an edit at 95 % of 1e5 zaps", reference="from zero", limit=0.25)
def go_on_late_among_zaps() -> Pair:
    return go_on_among_zaps(0.95)


@case("an edit at 50 % of 1e5 zaps", reference="from zero", limit=0.8)
def go_on_amid_zaps() -> Pair:
    return go_on_among_zaps(0.5)


@case("checking 1e4 writes of a TOML file", reference="tomllib of it", limit=2.0)
def check_writes() -> Pair:
    made = writes(FEWEST)
    head = (
        'schema = 1\ntitle = "writes"\n[machine]\nvcpus = 8\nmemory = "1 GiB"\n'
        '[[machine.region]]\nname = "RAM"\nkind = "ram"\nstart = 0\nsize = "1 GiB"\n'
    )
    text = head + "".join(
        f'[[event]]\nt = {e.time_ns / 1e9!r}\nkind = "{e.kind}"\nvcpu = {e.vcpu}\n'
        f"register = {e.register:#x}\nvalue = {e.value:#x}\n"
        for e in made.events
    )
    folder = Path(mkdtemp())
    return Pair(
        lambda: check(simulate(parse_scenario(text, "x.toml", folder), POLICY)),
        lambda: tomllib.loads(text),
    )

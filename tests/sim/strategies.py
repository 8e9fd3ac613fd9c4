"""Small scenarios in which everything meets: few places, few times, all kinds of events."""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.scenario import (
    Access,
    Aps,
    Event,
    EventKind,
    MachineSpec,
    Phase,
    Region,
    RegionKind,
    Scenario,
    Sweep,
    Touches,
)
from mtrrviz.scenario.events import KNOWN_MSRS
from mtrrviz.session.edits import (
    add_event,
    add_touch,
    change_event,
    move_events,
    remove_events,
    remove_touches,
)
from tests.core.strategies import accepted_writes, any_writes
from tests.sim.made import touch_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.session.edits import Edit

WIDTH = 36
LAST_NS = 24
#: Page numbers at and around which slots end, fixed and variable ranges end, and touches fall.
EDGES = (
    *(0x0, 0x80, 0xA0, 0xC0, 0x100, 0x200, 0x3FF, 0x400, 0x600, 0x3FE00, 0x3FFFD, 0x40000),
    *(0x40001, 0x40200, 0x7FE00, 0x80000, 0xC0000, 0x100000, 0x140000),
)
KINDS = (RegionKind.RAM, RegionKind.RAM, RegionKind.RAM, *RegionKind, None)
CR0_VALUES = (0x11, 0x60000011, 0x40000011, 0x80000011, 0x20000011, 0x10, 0x80000000)

# Strategies are made once and kept: Hypothesis looks into each new one before it draws.
times = st.integers(0, LAST_NS)
_edge_lists = st.lists(st.sampled_from(EDGES), min_size=2, max_size=7, unique=True)


@cache
@st.composite
def machines(draw: st.DrawFn) -> MachineSpec:
    edges = draw(_edge_lists)
    edges.sort()
    regions: list[Region] = []
    for start, end in itertools.pairwise(edges):
        kind = draw(st.sampled_from(KINDS))
        if kind is not None:
            regions.append(Region(f"{kind} {start:x}", kind, start << 12, end << 12))
    if not regions:  # a machine has one at least
        regions.append(Region("RAM", RegionKind.RAM, edges[0] << 12, edges[1] << 12))
    return MachineSpec(
        vcpus=draw(st.integers(1, 3)),
        memory_bytes=1 << 30,
        regions=tuple(regions),
        maxphyaddr=WIDTH,
        has_mtrr=draw(st.booleans()),
        cd_nw_quirk=draw(st.booleans()),
        self_snoop=True if (honour_pat := draw(st.booleans())) else draw(st.booleans()),
        ignore_guest_pat=not honour_pat,
        host_level=draw(st.sampled_from((1, 2, 2, 3, 3))),
        noncoherent_dma=draw(st.sampled_from((0, 1, 1, 2))),
    )


gfns = st.one_of(
    st.builds(lambda edge, off: max(0, edge + off), st.sampled_from(EDGES), st.integers(-2, 2)),
    st.builds(lambda edge, off: edge + off, st.sampled_from(EDGES), st.integers(0, 0x7FF)),
)


@cache
def events(vcpus: int) -> st.SearchStrategy[Event]:
    vcpu = st.integers(0, vcpus - 1)
    origin = st.sampled_from(("user", "kernel", "user"))
    known_writes = any_writes().filter(lambda write: write[0] in KNOWN_MSRS)
    write = st.one_of(accepted_writes(WIDTH), accepted_writes(WIDTH), known_writes)
    kind = st.sampled_from((EventKind.WRMSR, EventKind.WRMSR, EventKind.VMM_WRMSR))
    wrmsr = st.builds(
        lambda t, k, v, w, o: Event(t, k, v, w[0], w[1], o), times, kind, vcpu, write, origin
    )
    everything = st.builds(
        lambda t, v, kind: Event(t, EventKind.WRMSR, v, 0x2FF, 0x800 | kind, "kernel"),
        *(times, vcpu, st.sampled_from((0, 6, 0x406))),
    )
    cr0 = st.builds(
        lambda t, v, value: Event(t, EventKind.MOV_CR0, v, 0, value, "kernel"),
        *(times, vcpu, st.sampled_from(CR0_VALUES)),
    )
    other = st.builds(
        lambda t, v, kind: Event(t, kind, v if kind is EventKind.INIT else 0),
        *(times, vcpu, st.sampled_from(list(EventKind)[3:])),
    )
    return st.one_of(wrmsr, wrmsr, everything, cr0, other)


@cache
@st.composite
def touches(draw: st.DrawFn, vcpus: int) -> Touches:
    rows = draw(_touch_rows(vcpus))
    rows.sort(key=lambda row: row[0])
    return touch_table(rows)


@cache
def _touch_rows(vcpus: int) -> st.SearchStrategy[list[tuple[int, int, int, Access]]]:
    vcpu = st.integers(0, vcpus - 1)
    return st.lists(st.tuples(times, gfns, vcpu, st.sampled_from(list(Access))), max_size=40)


@cache
@st.composite
def sweeps(draw: st.DrawFn, vcpus: int) -> Sweep:
    return Sweep(
        draw(times),
        draw(st.integers(0, vcpus - 1)),
        draw(gfns),
        draw(st.integers(1, 6)),
        draw(st.sampled_from(list(Access))),
        draw(st.integers(0, 10)),
    )


phases = st.lists(
    st.builds(lambda t, aps: Phase(t, "phase", aps), times, st.sampled_from(list(Aps))), max_size=3
).map(lambda found: tuple(sorted(found, key=lambda phase: phase.start_ns)))


def in_order(found: list[Event]) -> tuple[Event, ...]:
    return tuple(sorted(found, key=lambda event: event.time_ns))


@cache
def _sweep_lists(vcpus: int) -> st.SearchStrategy[list[Sweep]]:
    return st.lists(sweeps(vcpus), max_size=2)


@cache
@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    machine = draw(machines())
    event = events(machine.vcpus).filter(lambda event: can_have(machine, event))
    return Scenario(
        name="made up",
        title="made up",
        machine=machine,
        events=in_order(draw(st.lists(event, max_size=14))),
        phases=draw(phases),
        sweeps=tuple(draw(_sweep_lists(machine.vcpus))),
        recorded=draw(touches(machine.vcpus)),
        duration_ns=LAST_NS + 16,
    )


@st.composite
def edits(draw: st.DrawFn, scenario: Scenario) -> tuple[Scenario, int]:
    """Return a scenario with one event more, less or changed, and since when it differs."""
    machine = scenario.machine
    event = draw(events(machine.vcpus).filter(lambda event: can_have(machine, event)))
    kind = draw(st.sampled_from(("insert", "remove", "change", "move", "touch", "untouch")))
    if kind == "touch":
        return _edited(add_touch(scenario, draw(sweeps(scenario.machine.vcpus))))
    if kind == "untouch" and scenario.sweeps:
        return _edited(remove_touches(scenario, [draw(_index(scenario.sweeps))]))
    if kind == "insert" or not scenario.events:
        return _edited(add_event(scenario, event))
    index = draw(_index(scenario.events))
    if kind == "change":
        return _edited(change_event(scenario, index, event))
    if kind == "move":
        return _edited(move_events(scenario, [index], draw(st.integers(-LAST_NS, 8))))
    return _edited(remove_events(scenario, [index]))


def can_have(machine: MachineSpec, event: Event) -> bool:
    """Return whether a file may hold the event: not what KVM would refuse the VMM."""
    return machine.self_snoop or event.kind is not EventKind.DISABLE_IGNORE_GUEST_PAT


def _edited(edit: Edit) -> tuple[Scenario, int]:
    return edit.scenario, edit.since_ns


def _index(rows: Sequence[object]) -> st.SearchStrategy[int]:
    return st.integers(0, len(rows) - 1)


def later(scenario: Scenario, offset_ns: int) -> Scenario:
    """Return the scenario with all events moved, their order kept."""
    moved = tuple(replace(e, time_ns=e.time_ns + offset_ns) for e in scenario.events)
    return replace(scenario, events=moved)

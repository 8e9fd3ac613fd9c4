"""Ten thousand edits, undos and redos at random: what is undone is as it was, byte for byte."""

from __future__ import annotations

import inspect
import random
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0
from mtrrviz.scenario import Access, Event, EventKind, Phase, Sweep
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import KNOWN_MSRS
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.library import builtin_paths
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.scenario.view import View
from mtrrviz.session import edits
from mtrrviz.session.document import Document
from mtrrviz.sim.replay import machine_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.edits import Edit

STEPS = 10_000
#: One step in so many is an edit; the others undo or redo.
EDITS = 0.5
SAVED_EVERY = 500


def never(_work: Callable[[], Any], _finished: Callable[[Any], None]) -> None:
    """Simulate nothing: what is edited is what counts here."""


class Walker:
    """Makes any kind of edit of a scenario, drawn at random."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        #: The kinds of edit that were made at least once.
        self.made: set[str] = set()

    def step(self, document: Document) -> None:
        """Edit, undo or redo."""
        if self._random.random() < EDITS:
            kind = self._random.choice(self.kinds)
            try:
                document.apply(kind(self, document.scenario))
            except MtrrvizError:
                return  # an edit that cannot be made changes nothing
            self.made.add(kind.__name__)
        elif self._random.random() < 0.6:
            document.undo()
        else:
            document.redo()

    def _time(self, scenario: Scenario) -> int:
        return self._random.randrange(scenario.duration_ns + 1_000_000)

    def _event(self, scenario: Scenario) -> Event:
        kind = self._random.choice(list(EventKind))
        return Event(
            self._time(scenario),
            kind,
            self._random.randrange(scenario.machine.vcpus),
            self._random.choice(KNOWN_MSRS),
            self._random.choice([0, 0x806, 0xC06, 1 << 63]),
            self._random.choice(["", "user"]),
            self._random.choice(["", 'a "quoted" note', "# no comment"]),
        )

    def _some(self, rows: Sequence[Any]) -> list[int]:
        return self._random.sample(range(len(rows)), min(len(rows), self._random.randint(1, 3)))

    def _one(self, rows: Sequence[Any]) -> int:
        if not rows:
            raise MtrrvizError("there is none")
        return self._random.randrange(len(rows))

    def add_event(self, scenario: Scenario) -> Edit:
        return edits.add_event(scenario, self._event(scenario))

    def change_event(self, scenario: Scenario) -> Edit:
        index = self._one(scenario.events)
        return edits.change_event(scenario, index, self._event(scenario))

    def move_events(self, scenario: Scenario) -> Edit:
        by_ns = self._random.randint(-(10**8), 10**8)
        return edits.move_events(scenario, self._some(scenario.events), by_ns)

    def remove_events(self, scenario: Scenario) -> Edit:
        return edits.remove_events(scenario, self._some(scenario.events))

    def duplicate_events(self, scenario: Scenario) -> Edit:
        return edits.duplicate_events(scenario, self._some(scenario.events))

    def reorder_event(self, scenario: Scenario) -> Edit:
        index = self._one(scenario.events)
        return edits.reorder_event(scenario, index, self._random.choice([-1, 1]))

    def paste_events(self, scenario: Scenario) -> Edit:
        return edits.paste_events(scenario, [self._event(scenario)], self._time(scenario))

    def touch(self, scenario: Scenario) -> Edit:
        return edits.add_touch(scenario, self._sweep(scenario))

    def change_touch(self, scenario: Scenario) -> Edit:
        index = self._one(scenario.sweeps)
        return edits.change_touch(scenario, index, self._sweep(scenario))

    def remove_touches(self, scenario: Scenario) -> Edit:
        return edits.remove_touches(scenario, self._some(scenario.sweeps))

    def _sweep(self, scenario: Scenario) -> Sweep:
        return Sweep(
            self._time(scenario),
            self._random.randrange(scenario.machine.vcpus),
            self._random.randrange(1 << 14),
            self._random.randint(1, 64),
            self._random.choice(list(Access)),
            self._random.choice([0, 1000]),
        )

    def add_phase(self, scenario: Scenario) -> Edit:
        return edits.add_phase(scenario, Phase(self._time(scenario), "a phase"))

    def move_phase(self, scenario: Scenario) -> Edit:
        index = self._one(scenario.phases)
        moved = replace(scenario.phases[index], start_ns=self._time(scenario))
        return edits.change_phase(scenario, index, moved)

    def remove_phase(self, scenario: Scenario) -> Edit:
        return edits.remove_phase(scenario, self._one(scenario.phases))

    def add_bookmark(self, scenario: Scenario) -> Edit:
        return edits.add_bookmark(scenario, Bookmark(self._time(scenario), "here", "why", 5))

    def remove_bookmark(self, scenario: Scenario) -> Edit:
        return edits.remove_bookmark(scenario, self._one(scenario.bookmarks))

    def stops(self, scenario: Scenario) -> Edit:
        stop = StopCondition(self._random.choice([StopKind.ZAP, StopKind.NOTE, StopKind.STALE]))
        return edits.change_stops(scenario, "Set a stop", (*scenario.stops[-3:], stop))

    def describe(self, scenario: Scenario) -> Edit:
        word = self._random.choice(["one", "two"])
        return edits.describe(scenario, f"title {word}", word, (word,))

    def view(self, scenario: Scenario) -> Edit:
        return edits.open_here(scenario, View(policy="per-vm", time_ns=0))

    def dma(self, scenario: Scenario) -> Edit:
        return edits.attach_dma(scenario, self._time(scenario))

    def detach(self, scenario: Scenario) -> Edit:
        return edits.detach_dma(scenario, self._time(scenario), self._random.randint(1, 2))

    def change_events(self, scenario: Scenario) -> Edit:
        chosen = self._some(scenario.events)
        return edits.change_events(scenario, {i: self._event(scenario) for i in chosen})

    def change_bookmark(self, scenario: Scenario) -> Edit:
        index = self._one(scenario.bookmarks)
        other = Bookmark(self._time(scenario), "there", gfn=None)
        return edits.change_bookmark(scenario, index, other)

    def remove_bookmarks(self, scenario: Scenario) -> Edit:
        self._one(scenario.bookmarks)
        return edits.remove_bookmarks(scenario, self._some(scenario.bookmarks))

    def _stop(self) -> StopCondition:
        gfns = self._random.choice([None, (16, 32)])
        return StopCondition(self._random.choice([StopKind.ZAP, StopKind.FAULT]), gfns=gfns)

    def add_stop(self, scenario: Scenario) -> Edit:
        return edits.add_stop(scenario, self._stop())

    def change_stop(self, scenario: Scenario) -> Edit:
        return edits.change_stop(scenario, self._one(scenario.stops), self._stop())

    def switch_stop(self, scenario: Scenario) -> Edit:
        is_on = self._random.choice([False, True])
        return edits.switch_stop(scenario, self._one(scenario.stops), is_on=is_on)

    def remove_stops(self, scenario: Scenario) -> Edit:
        self._one(scenario.stops)
        return edits.remove_stops(scenario, self._some(scenario.stops))

    def retell(self, scenario: Scenario) -> Edit:
        told = edits.telling_of(scenario)
        note = edits.ToldNote(Event(self._time(scenario), EventKind.NOTE, text="told"))
        phase = Phase(self._time(scenario), "told")
        kept = told.notes[: self._random.randint(0, len(told.notes))]
        phases = (*told.phases[:3], phase)
        return edits.retell(scenario, replace(told, notes=(*kept, note), phases=phases))

    def _now(self, scenario: Scenario, time_ns: int) -> Machine:
        return machine_at(scenario, "per-vcpu", time_ns)

    def write(self, scenario: Scenario) -> Edit:
        write = edits.RegisterWrite(DEFTYPE, self._random.choice([0, 0xC06]))
        return edits.write_registers(scenario, self._time(scenario), [0], [write])

    def write_as_kernel(self, scenario: Scenario) -> Edit:
        writes = [edits.RegisterWrite(PHYSBASE0, self._random.choice([0, 6]))]
        time_ns = self._time(scenario)
        machine = self._now(scenario, time_ns)
        return edits.write_as_kernel(scenario, time_ns, machine, [0], writes)

    def cache_disable(self, scenario: Scenario) -> Edit:
        time_ns = self._time(scenario)
        disable = self._random.choice([False, True])
        machine = self._now(scenario, time_ns)
        return edits.set_cache_disable(scenario, time_ns, machine, [0], disable=disable)

    def other_kind(self, scenario: Scenario) -> Edit:
        return edits.seen_as_other_kind(scenario)

    def machine(self, scenario: Scenario) -> Edit:
        other = replace(scenario.machine, vcpus=self._random.randint(1, 4))
        return edits.remake_machine(scenario, other).edit

    def shift(self, scenario: Scenario) -> Edit:
        by_ns = self._random.randint(-(10**7), 10**7)
        return edits.shift_after(scenario, self._time(scenario), by_ns)

    def quirk(self, scenario: Scenario) -> Edit:
        kind = self._random.choice(
            [EventKind.DISABLE_CD_NW_QUIRK, EventKind.DISABLE_IGNORE_GUEST_PAT]
        )
        return edits.disable_quirk(scenario, self._time(scenario), kind)

    def name(self, scenario: Scenario) -> Edit:
        vcpu = self._random.randrange(scenario.machine.vcpus)
        return edits.name_vcpu(scenario, vcpu, self._random.choice(["", "boot CPU"]))

    kinds = (
        *(add_event, change_event, move_events, remove_events, duplicate_events, reorder_event),
        *(paste_events, touch, change_touch, remove_touches, add_phase, move_phase, remove_phase),
        *(add_bookmark, remove_bookmark, stops, describe, view, dma, machine, shift),
        *(detach, change_events, change_bookmark, remove_bookmarks, add_stop, change_stop),
        *(switch_stop, remove_stops, retell, write, write_as_kernel, cache_disable, other_kind),
        *(quirk, name),
    )


@pytest.mark.parametrize("name", ["lagging-ap", "small-machine"])
def test_a_long_walk_ends_where_it_began(name):
    original = load_original(builtin_paths()[name])
    text = scenario_text(original.scenario, original)
    assert text == builtin_paths()[name].read_text()
    document = Document(original.scenario, executor=never, original=original)
    walker = Walker(seed=7)
    longest = 0
    for step in range(STEPS):
        walker.step(document)
        longest = max(longest, len(document.scenario.events))
        if step % SAVED_EVERY == 0:
            scenario_text(document.scenario, original)  # can be saved at any time
    assert longest > len(original.scenario.events)
    assert walker.made == {kind.__name__ for kind in Walker.kinds}
    at_the_end = document.scenario
    while document.undo_label:
        document.undo()
    assert document.scenario is original.scenario
    assert scenario_text(document.scenario, original) == text
    while document.redo_label and document.scenario is not at_the_end:
        document.redo()
    assert document.scenario is at_the_end


def test_every_kind_of_edit_is_walked_through():
    """What the package offers as an edit is called by some step of the walk."""
    walked = "".join(inspect.getsource(kind) for kind in Walker.kinds)
    offered = [
        name
        for name, thing in vars(edits).items()
        if inspect.isfunction(thing) and thing.__annotations__.get("return") == "Edit"
    ]
    assert len(offered) > 25
    assert [name for name in offered if f"edits.{name}(" not in walked] == []

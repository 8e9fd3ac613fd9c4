"""What can be edited can be saved and opened again: no text, number or time is beyond a file's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.files.schema import MAX_SECONDS, MAX_TAGS, MAX_TEXT_CHARS
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.scenario.model import Phase
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.scenario.touches import Sweep
from mtrrviz.session import edits
from mtrrviz.session.edits import limits
from tests.scenario.files import GOOD

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.edits import Edit

LONGEST = "\N{SNOWMAN}" * MAX_TEXT_CHARS
DAY_NS = round(MAX_SECONDS * 1e9)


@pytest.fixture
def scenario() -> Scenario:
    return parse_scenario(GOOD, "x.toml", Path())


def opened(edit: Edit) -> Scenario:
    """Return the scenario of an edit as it is read from its text."""
    return parse_scenario(scenario_text(edit.scenario), "x.toml", Path())


def note(text: str = "x", time_ns: int = 0, origin: str = "") -> Event:
    return Event(time_ns, EventKind.NOTE, text=text, origin=origin)


def named(scenario: Scenario, text: str) -> Edit:
    first, *others = scenario.machine.regions
    machine = replace(scenario.machine, regions=(replace(first, name=text), *others))
    return edits.remake_machine(scenario, machine).edit


def told(scenario: Scenario, text: str) -> Edit:
    telling = edits.telling_of(scenario)
    notes = (*telling.notes, edits.ToldNote(note(text)))
    return edits.retell(scenario, replace(telling, notes=notes))


@dataclass(frozen=True)
class Text:
    edit: Callable[[Scenario, str], Edit]
    word: str


TEXTS = {
    "title": Text(lambda s, text: edits.describe(s, text, "", ()), "title"),
    "description": Text(lambda s, text: edits.describe(s, "x", text, ()), "description"),
    "tag": Text(lambda s, text: edits.describe(s, "x", "", (text,)), "tag"),
    "note": Text(lambda s, text: edits.add_event(s, note(text)), "note"),
    "origin": Text(lambda s, text: edits.add_event(s, note(origin=text)), "origin"),
    "changed note": Text(lambda s, text: edits.change_event(s, 0, note(text)), "note"),
    "pasted note": Text(lambda s, text: edits.paste_events(s, [note(text)], 5), "note"),
    "told note": Text(told, "note"),
    "phase": Text(lambda s, text: edits.add_phase(s, Phase(0, text)), "phase"),
    "words of a phase": Text(lambda s, text: edits.add_phase(s, Phase(0, "x", text=text)), "phase"),
    "bookmark": Text(lambda s, text: edits.add_bookmark(s, Bookmark(0, text)), "bookmark"),
    "words of a bookmark": Text(
        lambda s, text: edits.add_bookmark(s, Bookmark(0, "x", text)), "bookmark"
    ),
    "vCPU": Text(lambda s, text: edits.name_vcpu(s, 0, text), "vCPU"),
    "region": Text(named, "region"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_longest_text_can_be_opened_again_and_a_longer_one_is_refused(scenario, name):
    kind = TEXTS[name]
    assert LONGEST in scenario_text(opened(kind.edit(scenario, LONGEST)))
    with pytest.raises(MtrrvizError, match=rf"{kind.word}.* is too long: 10,001 characters"):
        kind.edit(scenario, LONGEST + "x")


def test_the_most_tags_can_be_opened_again(scenario):
    tags = tuple(map(str, range(MAX_TAGS)))
    assert opened(edits.describe(scenario, "x", "", tags)).tags == tags
    with pytest.raises(MtrrvizError, match="at most 1,000 tags"):
        edits.describe(scenario, "x", "", (*tags, "x"))


@pytest.mark.parametrize(
    "edit",
    [
        lambda s, time_ns: edits.add_event(s, note(time_ns=time_ns)),
        lambda s, time_ns: edits.add_phase(s, Phase(time_ns, "x")),
        lambda s, time_ns: edits.add_touch(s, Sweep(time_ns - 5, 0, 0, 1, lasts_ns=5)),
        lambda s, time_ns: edits.move_events(s, [0], time_ns - s.events[0].time_ns),
        lambda s, time_ns: edits.shift_after(s, 0, time_ns - s.duration_ns),
    ],
)
def test_a_scenario_lasts_a_day_at_most(scenario, edit):
    assert opened(edit(scenario, DAY_NS))
    with pytest.raises(MtrrvizError, match="a day at most"):
        edit(scenario, DAY_NS + 1000)


FULL = {
    "events": lambda s: s.with_events([note()] * 20),
    "phases": lambda s: s.with_phases([Phase(0, "x")] * 20),
    "bookmarks": lambda s: replace(s, bookmarks=(Bookmark(0, "x"),) * 20),
    "stops": lambda s: replace(s, stops=(StopCondition(StopKind.ZAP),) * 20),
    "touch ranges": lambda s: s.with_sweeps((Sweep(0, 0, 0, 1),) * 20),
    "regions": lambda s: replace(
        s,
        machine=replace(
            s.machine,
            regions=tuple(
                Region("x", RegionKind.RAM, page << 12, page + 1 << 12) for page in range(20)
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", FULL)
def test_more_rows_than_a_file_may_have_are_refused(scenario, name, monkeypatch):
    full = FULL[name](scenario)
    most = dict.fromkeys(limits.most_rows(), 20)
    monkeypatch.setattr(limits, "most_rows", lambda: most)
    assert edits.describe(full, "x", "", ()).scenario.title == "x"
    most = dict.fromkeys(most, 19)
    with pytest.raises(MtrrvizError, match=f"at most 19 {name}"):
        edits.describe(full, "x", "", ())

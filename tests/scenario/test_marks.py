"""Bookmarks and stop conditions in files: read, refused, and written again."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from mtrrviz.core.msr.registers import CR0_ID, DEFTYPE
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.stop_condition import StopCondition, StopKind

HEAD = """
schema = 1
title = "t"
duration = 2.0
[machine]
vcpus = 2
memory = "1 MiB"
region = [{ name = "RAM", kind = "ram", start = 0, end = 0x100000 }]
"""


SENSELESS = [
    ('[[bookmark]]\nt = 2.1\nname = "x"', "bookmark[0].t"),
    ('[[bookmark]]\nt = 1.0\nname = " "', "bookmark[0].name"),
    ('[[bookmark]]\nt = 1.0\nname = "x"\npage = 1', "bookmark[0].page"),
    ('[[stop]]\nwhen = "note"\nvcpu = 0', "stop[0].vcpu"),
    ('[[stop]]\nwhen = "write"\nvcpu = 2', "stop[0].vcpu"),
    ('[[stop]]\nwhen = "write"\nregister = -1', "stop[0].register"),
    ('[[stop]]\nwhen = "write"\nstart = 0', "stop[0].start"),
    ('[[stop]]\nwhen = "type"', "stop[0].start"),
    ('[[stop]]\nwhen = "zap"\nsize = 4096', "stop[0]"),
    ('[[stop]]\nwhen = "zap"\nstart = 0\nsize = 0', "stop[0].size"),
    ('[[stop]]\nwhen = "cycles-exceed"', "stop[0]"),
    ('[[stop]]\nwhen = "phase"\nlimit = 1', "stop[0].limit"),
]


def parse(text):
    return parse_scenario(HEAD + text, "t.toml", Path())


def test_bookmarks_are_read_by_time():
    found = parse(
        """
[[bookmark]]
t = 1.5
name = "late"
page = 0x1000
[[bookmark]]
t = 0.5
name = "early"
text = "why"
"""
    )
    assert found.bookmarks == (
        Bookmark(500_000_000, "early", "why"),
        Bookmark(1_500_000_000, "late", "", 1),
    )


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ('when = "write"', StopCondition(StopKind.WRITE)),
        (
            'when = "write"\nregister = "IA32_MTRR_DEF_TYPE"\nvcpu = 1',
            StopCondition(StopKind.WRITE, vcpu=1, register=DEFTYPE),
        ),
        ('when = "write"\nregister = "CR0"', StopCondition(StopKind.WRITE, register=CR0_ID)),
        ('when = "type"\nstart = 0x1000', StopCondition(StopKind.TYPE, gfns=(1, 2))),
        (
            'when = "zap"\nstart = 0\nsize = "8 KiB"\non = false',
            StopCondition(StopKind.ZAP, gfns=(0, 2), is_on=False),
        ),
        ('when = "zaps-exceed"\nlimit = 20', StopCondition(StopKind.ZAPS_EXCEED, limit=20)),
        ('when = "phase"\nphase = "boot"', StopCondition(StopKind.PHASE, phase="boot")),
    ],
)
def test_stops_are_read_and_written_again(text, stop):
    found = parse(f"[[stop]]\n{text}\n")
    assert found.stops == (stop,)
    marked = replace(found, bookmarks=(Bookmark(1, "x", "y", 3),))
    again = parse_scenario(scenario_text(marked), "t.toml", Path())
    assert (again.stops, again.bookmarks) == (marked.stops, marked.bookmarks)


@pytest.mark.parametrize(("text", "place"), SENSELESS)
def test_what_makes_no_sense_is_refused_with_its_place(text, place):
    with pytest.raises(ScenarioError) as caught:
        parse(text)
    assert caught.value.place.partition(" (")[0] == place


PAGES = 1 << (46 - 12)
"""Of the machine above, which has as many address bits as is usual."""


@pytest.mark.parametrize(
    ("first", "pages", "is_good"),
    [
        (PAGES - 1, None, True),
        (PAGES - 1, 1, True),
        (PAGES - 1, 2, False),
        (PAGES, None, False),
        (0, PAGES, True),
        (1, PAGES, False),
    ],
)
def test_a_range_to_stop_at_lies_within_the_machine(first, pages, is_good):
    text = f'[[stop]]\nwhen = "zap"\nstart = {first << 12}\n'
    text += "" if pages is None else f"size = {pages << 12}\n"
    if is_good:
        assert parse(text).stops[0].gfns == (first, first + (pages or 1))
    else:
        with pytest.raises(ScenarioError):
            parse(text)

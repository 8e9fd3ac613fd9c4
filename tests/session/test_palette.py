"""Finding commands and places by a few letters: what fits, and what comes first."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.library import builtin_paths, open_scenario
from mtrrviz.session.palette import (
    FoundEntry,
    FoundKind,
    find,
    fit,
    places_in,
    scenario_entries,
    typed_places,
)
from tests.session.booting import EVENTS, MS, boot


def commands(*texts: str) -> list[FoundEntry]:
    return [FoundEntry(FoundKind.COMMAND, text, name=text) for text in texts]


def texts(query: str, *among: str) -> list[str]:
    return [entry.text for entry in find(query, commands(*among))]


def test_the_better_the_fit_the_earlier() -> None:
    ordered = ["Zap now", "Next zap", "Zoom and pan", "A hazap", "Zoom map"]
    assert texts("zap", *reversed(ordered)) == ordered


def test_letters_that_abbreviate_no_word_fit_nothing() -> None:
    assert texts("zap", "Frozen maps") == []
    assert texts("fwd", "Step forward", "Follow a trace that is being written, line by line") == [
        "Step forward"
    ]


def test_letters_apart_go_after_all_that_has_them_together() -> None:
    entries = [
        FoundEntry(FoundKind.COMMAND, "Non-temporal edge"),
        FoundEntry(FoundKind.NOTE, "here it is", "0 s"),
    ]
    assert [entry.text for entry in find("note", entries)] == ["here it is", "Non-temporal edge"]


def test_letters_close_together_go_before_scattered_ones() -> None:
    assert texts("mrk", "mxxrxxk", "x mrxk") == ["x mrxk", "mxxrxxk"]


def test_case_and_spaces_do_not_matter_and_order_does() -> None:
    assert texts("NEXT z", "Next zap", "Zap next") == ["Next zap"]
    assert texts("qq", "Next zap") == []


def test_an_empty_query_keeps_all_in_their_order_up_to_the_limit() -> None:
    entries = commands("bbb", "aa", "c")
    assert find(" ", entries) == entries
    assert find("", entries, limit=2) == entries[:2]


def test_kind_and_detail_count_less_than_the_text() -> None:
    entries = [
        FoundEntry(FoundKind.PHASE, "kernel", "1 s"),
        FoundEntry(FoundKind.COMMAND, "Next phase"),
    ]
    assert [entry.text for entry in find("phase", entries)] == ["Next phase", "kernel"]


def test_an_empty_text_fits_only_an_empty_query() -> None:
    assert fit("", "") == (0, 0, 0)
    assert fit("a", "") is None


def test_all_of_a_scenario_can_be_found() -> None:
    scenario = replace(boot(), bookmarks=(Bookmark(7 * MS, "Look", gfn=16),))
    places = list(places_in(scenario))
    found = {place.kind for place in places}
    assert found == {
        FoundKind.REGISTER,
        FoundKind.REGION,
        FoundKind.PHASE,
        FoundKind.BOOKMARK,
        FoundKind.NOTE,
        FoundKind.EVENT,
    }
    assert sum(place.kind in {FoundKind.NOTE, FoundKind.EVENT} for place in places) == len(EVENTS)
    (deftype,) = [p for p in find("deftype", places) if p.kind is FoundKind.REGISTER]
    assert deftype.msr == 0x2FF
    assert find("0x2ff", places)[0].msr == 0x2FF
    look = find("look", places)[0]
    assert (look.time_ns, look.gfn) == (7 * MS, 16)
    assert find("nothing more", places)[0].time_ns == 1500 * MS
    region = find("region", places)[0]
    assert region.gfn == scenario.machine.regions[0].first_gfn


def test_built_in_scenarios_are_found_by_name_and_title() -> None:
    entries = scenario_entries()
    assert [entry.name for entry in entries] == list(builtin_paths())
    assert find("lagging-ap", entries)[0].name == "lagging-ap"
    assert find("moved range", entries)[0].name == "range-moved"


@pytest.mark.parametrize(
    ("query", "times_ns", "gfns"),
    [
        ("0x10_2345", [], [0x102]),
        ("850 ms", [850 * MS], []),
        ("zap", [], []),
        ("99 s", [], []),
        ("0xffff_ffff_ffff_ffff", [], []),
        ("", [], []),
    ],
)
def test_times_and_addresses_that_are_there_can_be_typed(query, times_ns, gfns) -> None:
    places = list(typed_places(query, boot()))
    assert [place.time_ns for place in places if place.time_ns is not None] == times_ns
    assert [place.gfn for place in places if place.gfn is not None] == gfns


def test_a_recorded_boot_is_listed_whole() -> None:
    scenario = open_scenario("seabios-8vcpu-2g")
    last = scenario.events[-1].time_ns
    assert last in {place.time_ns for place in places_in(scenario)}

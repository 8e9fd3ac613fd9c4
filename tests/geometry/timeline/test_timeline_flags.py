"""Flags of bookmarks and notes: which there are, where they stand, which one a pixel means."""

from __future__ import annotations

from msgspec.structs import replace

from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_flags import (
    _HALF_FLAG_PX,
    Flag,
    FlagKind,
    flag_at,
    flags_of,
    place_flags,
)
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import Event, EventKind
from tests.session.booting import MS, boot

AXIS = TimeAxis.fitted(2000, 100, 400)


def flags(*times):
    return [Flag(FlagKind.BOOKMARK, i, time, "name") for i, time in enumerate(times)]


def placed(*times):
    return place_flags(flags(*times), AXIS, lambda name: 10 * len(name))


def test_bookmarks_and_notes_are_flags_in_order():
    events = (Event(3 * MS, EventKind.INIT, 1), Event(5 * MS, EventKind.NOTE, text="look"))
    scenario = replace(boot(events), bookmarks=(Bookmark(4 * MS, "a"), Bookmark(6 * MS, "b")))
    found = [(f.kind, f.index, f.name) for f in flags_of(scenario)]
    mark, note = FlagKind.BOOKMARK, FlagKind.NOTE
    assert found == [(mark, 0, "a"), (note, 1, "look"), (mark, 1, "b")]


def test_a_disabled_quirk_is_a_flag_that_names_it():
    events = (Event(3 * MS, EventKind.DISABLE_CD_NW_QUIRK),)
    (flag,) = flags_of(boot(events))
    assert (flag.kind, flag.index, flag.time_ns) == (FlagKind.QUIRK, 0, 3 * MS)
    assert "CD_NW_CLEARED" in flag.name


def test_a_name_ends_before_the_next_flag():
    first, second = placed(500, 600)
    assert (first.x, second.x) == (200, 220)
    assert first.right < second.x
    assert second.right >= second.x + 40


def test_flags_of_one_pixel_are_placed_once_and_those_off_the_axis_not():
    assert [one.flag.index for one in placed(500, 501, 1500)] == [0, 2]
    assert place_flags(flags(500), AXIS.spanning(1000, 1200), len) == []
    assert place_flags([], AXIS, len) == []


def test_flags_are_placed_as_far_as_half_of_one_beyond_the_axis():
    axis = AXIS.spanning(500, 1500)
    found = [one.x for one in place_flags(flags(*range(2001)), axis, len)]
    assert (found[0], found[-1]) == (axis.left - _HALF_FLAG_PX, axis.right + _HALF_FLAG_PX)


def test_pole_and_name_mean_the_flag():
    row = placed(500, 600)
    assert flag_at(row, 198) == row[0].flag
    assert flag_at(row, 212) == row[0].flag
    assert flag_at(row, 219) == row[1].flag
    assert flag_at(row, 190) is None
    assert flag_at(row, 400) is None

"""What the image of the timeline holds: stems, counts, lanes and their inks."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.facts.differences import DifferenceKind
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_columns import LogScale
from mtrrviz.geometry.timeline.timeline_events import LaneEvents, Mark
from mtrrviz.geometry.timeline.timeline_image import Ink, TimelineImage
from mtrrviz.geometry.timeline.timeline_layout import Compared, rows
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import USER
from tests.geometry.timeline.test_timeline_columns import END, zap_table
from tests.narrow import there
from tests.session.booting import EVENTS, MS, boot

SCALE = LogScale(5.0, 9.0)
LANES = LaneEvents(boot())


def blank(lanes=3, shows=Compared.OFF, height=240, ratio=1.0):
    layout = rows(800, height, lanes, shows, 0.4)
    axis = TimeAxis.fitted(2000 * MS, 80, 600)
    return TimelineImage.blank(axis, layout, 8, ratio)


def track(drawn, number=0):
    return drawn.rows.tracks[number]


def inks_at(drawn, x):
    return {int(ink) for ink in drawn.image[:, x]} - {0}


def test_a_stem_has_its_vcpus_ink_and_the_height_of_its_cycles():
    drawn = blank()
    drawn.draw_stems(zap_table((1000 * MS, 2, 1e7, 0, END)), SCALE, track(drawn))
    column = np.flatnonzero(drawn.image[:, 380])
    assert inks_at(drawn, 380) == {Ink.FIRST_VCPU + 2}
    assert column[-1] == track(drawn).baseline - 1
    assert len(column) == round(track(drawn).stems_px / 2)


def test_no_ink_means_two_things():
    named = {int(ink) for ink in Ink.__members__.values()} - {Ink.FIRST_KIND, Ink.FIRST_VCPU}
    kinds = {Ink.FIRST_KIND + kind for kind in DifferenceKind}
    assert len(Ink) == len(Ink.__members__)
    assert not named & kinds
    assert max(named | kinds) < Ink.FIRST_VCPU


def test_a_contended_zap_wears_a_cap():
    drawn = blank()
    drawn.draw_stems(zap_table((1000 * MS, 2, 1e7, 3, END)), SCALE, track(drawn))
    assert inks_at(drawn, 380) == {Ink.FIRST_VCPU + 2, Ink.TEXT}


def test_a_zap_of_a_range_is_thin_with_a_square_on_top():
    drawn = blank()
    drawn.draw_stems(zap_table((1000 * MS, -1, 1e7, 0, 128)), SCALE, track(drawn))
    before, middle, after = (int((drawn.image[:, x] != 0).sum()) for x in (380, 381, 382))
    assert (before, middle > 10, after) == (3, True, 3)
    assert inks_at(drawn, 381) == {Ink.TEXT}


def test_the_compared_zaps_hang_below_the_baseline():
    drawn = blank(shows=Compared.BELOW)
    drawn.draw_hanging(zap_table((1000 * MS, 2, 1e7, 0, END)), SCALE, track(drawn))
    below = np.flatnonzero(drawn.image[:, 380])
    assert inks_at(drawn, 380) == {Ink.FAINT}
    assert track(drawn).baseline < below[0] < below[-1] <= track(drawn).bottom


def test_the_count_steps_up_and_is_drawn_without_gaps():
    drawn = blank()
    drawn.draw_count(
        np.array([500 * MS, 1500 * MS], np.int64), 2, Ink.DIM, track(drawn), dotted=False
    )
    filled = (drawn.image != 0).any(axis=0)
    assert filled[80:681].all()
    heights = [int(np.flatnonzero(drawn.image[:, x])[0]) for x in (100, 380, 660)]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 3


def test_events_are_drawn_in_the_lane_of_their_vcpu():
    drawn = blank()
    drawn.draw_events(LANES)
    layout = drawn.rows
    for vcpu in range(3):
        top = layout.lanes_top + vcpu * layout.lane_px
        x = drawn.axis.xs(np.array([e.time_ns for e in EVENTS if _in_lane(e, vcpu)], np.int64))
        lane = drawn.image[top + 1 : top + layout.lane_px, :]
        assert lane[:, x].any(axis=0).all()


def _in_lane(event, vcpu):
    return event.kind not in (EventKind.NOTE, EventKind.DMA_DETACH) and event.vcpu == vcpu


@pytest.mark.parametrize(("time_ms", "ink"), [(500, Ink.ERROR), (1200, Ink.ACCENT), (50, Ink.DIM)])
def test_refused_own_and_other_events_look_different(time_ms, ink):
    drawn = blank()
    drawn.draw_events(LANES)
    assert ink in inks_at(drawn, int(drawn.axis.x(time_ms * MS)))


@pytest.mark.parametrize(("time_ms", "ink", "part"), [(500, Ink.ERROR, 0.5), (1200, Ink.ACCENT, 0)])
def test_a_bar_crosses_own_events_at_the_top_and_refused_ones_in_the_middle(time_ms, ink, part):
    drawn = blank(height=480)
    drawn.draw_events(LANES)
    beside = int(drawn.axis.x(time_ms * MS)) - 2
    rows_of_bar = np.flatnonzero(drawn.image[:, beside] == ink)
    vcpu = next(e.vcpu for e in EVENTS if e.time_ns == time_ms * MS)
    top = drawn.rows.lane_top(vcpu) + 1
    first = top + round(part * (drawn.rows.lane_px - 1) - 0.25)
    assert rows_of_bar.tolist() == [first, first + 1]


@pytest.mark.parametrize("shows", list(Compared))
def test_a_height_is_among_the_differences_only_where_their_lane_is(shows):
    layout = rows(800, 480, 3, shows, 0.4)
    lane = layout.differences
    inside = [y for y in range(480) if layout.is_among_differences(y)]
    assert inside == ([] if lane is None else list(range(*lane)))


@pytest.mark.parametrize(("vcpus", "is_shared"), [(16, False), (17, True)])
def test_lanes_of_one_vcpu_have_its_ink_and_shared_ones_that_of_text(vcpus, is_shared):
    event = Event(1000 * MS, EventKind.WRMSR, 2, 0x200, 0x6)
    lanes = LaneEvents(boot((event,), vcpus=vcpus))
    assert (lanes.vcpus_per_lane > 1) == is_shared
    drawn = blank(lanes.lanes)
    drawn.draw_events(lanes)
    lane = lanes.lane[np.flatnonzero(lanes.time_ns == 1000 * MS)[0]]
    top = drawn.rows.lanes_top + lane * drawn.rows.lane_px
    column = drawn.image[top + 1 : top + drawn.rows.lane_px, int(drawn.axis.x(1000 * MS))]
    assert set(column.tolist()) - {0} == {Ink.TEXT if is_shared else Ink.FIRST_VCPU + 2}


def test_nothing_is_drawn_outside_the_axis():
    drawn = blank()
    drawn.draw_events(LANES)
    drawn.draw_stems(
        zap_table((0, 0, 1e9, 1, END), (2000 * MS, 1, 1e20, 1, END)), SCALE, track(drawn)
    )
    assert not drawn.image[:, :76].any()
    assert not drawn.image[:, 684:].any()


def test_marks_tell_the_kinds_apart():
    expected = [
        Mark.INIT, Mark.MTRR, Mark.MTRR, Mark.MTRR, Mark.PAT, Mark.REFUSED,
        Mark.MTRR, Mark.CR0, Mark.MTRR, Mark.NOTE, Mark.USER, Mark.NOTE,
    ]  # fmt: skip
    assert LANES.mark.tolist() == expected
    assert LANES.lane.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 2, -1, 0, -1]


def test_more_than_sixteen_vcpus_share_lanes():
    many = LaneEvents(boot(vcpus=40))
    assert (many.lanes, many.vcpus_per_lane) == (14, 3)
    assert many.lane_text(0) == "vCPU 0-2"
    assert many.lane_text(13) == "vCPU 39"


def test_the_nearest_event_comes_first():
    axis = TimeAxis.fitted(2000 * MS, 80, 600)
    assert LANES.near(axis, axis.x(604 * MS), None)[0] in (6, 7)
    assert LANES.near(axis, axis.x(607 * MS), 2) == [8]
    assert LANES.near(axis, axis.x(1700 * MS), None) == []


def test_events_of_one_pixel_are_drawn_once():
    crowd = tuple(Event(100 * MS + i, EventKind.INIT, 1) for i in range(500))
    columns = LaneEvents(boot(crowd)).columns(TimeAxis.fitted(2000 * MS, 80, 600))
    assert columns.tolist() == [[Mark.INIT, 1, 110]]


@pytest.mark.parametrize("height", [150, 175, 240, 600])
@pytest.mark.parametrize("lanes", [1, 8, 16])
@pytest.mark.parametrize("shows", Compared)
def test_the_rows_fit_and_follow_each_other(height, lanes, shows):
    layout = rows(800, height, lanes, shows, 0.3)
    edges = [0, layout.ruler_bottom, layout.phases_top, layout.phases_bottom]
    for number, each in enumerate(layout.tracks):
        edges += [each.top, each.stems_top, each.baseline, each.bottom]
        edges += (layout.differences or ()) if not number else ()
    edges += [layout.lanes_top, layout.lane_top(lanes), layout.dma_top, layout.dma_bottom, height]
    assert edges == sorted(edges)
    assert layout.lane_at(layout.lanes_top) == 0
    assert layout.lane_at(layout.lane_top(lanes) - 1) == lanes - 1
    assert layout.lane_at(layout.lanes_top - 1) is None


def test_stacked_tracks_are_equal_and_only_they_have_a_lane_between():
    layout = rows(800, 240, 3, Compared.STACKED)
    first, second = layout.tracks
    assert first.stems_px == second.stems_px
    assert first.stems_top - first.top == second.stems_top - second.top
    top, bottom = there(layout.differences)
    assert [layout.is_among_differences(y) for y in (top - 1, top, bottom)] == [False, True, False]
    for shows in (Compared.OFF, Compared.BELOW):
        assert rows(800, 240, 3, shows, 0.3).differences is None


def test_hanging_stems_need_room_only_where_they_hang():
    heights = {shows: rows(800, 240, 3, shows, 0.3).tracks[0] for shows in Compared}
    assert heights[Compared.OFF].baseline == heights[Compared.OFF].bottom
    assert heights[Compared.BELOW].baseline < heights[Compared.BELOW].bottom


def test_both_tracks_draw_one_zap_alike():
    drawn = blank(shows=Compared.STACKED)
    for number in (0, 1):
        zaps = zap_table((1000 * MS, 2, 1e7, 3, END))
        drawn.draw_stems(zaps, SCALE, track(drawn, number))
    pictures = [drawn.image[each.top : each.baseline] for each in drawn.rows.tracks]
    assert pictures[0].any()
    assert np.array_equal(pictures[0], pictures[1])


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0, 3.0])
def test_edges_fall_on_the_pixels_of_the_screen(ratio):
    plain, sharp = blank(), blank(ratio=ratio)
    for drawn in (plain, sharp):
        drawn.draw_stems(zap_table((1000 * MS, 2, 1e7, 3, END)), SCALE, track(drawn))
        drawn.draw_events(LANES)
    assert sharp.image.shape == tuple(round(side * ratio) for side in plain.image.shape)
    middle = (
        [int((side + 0.5) * ratio) for side in range(240)],
        [int((side + 0.5) * ratio) for side in range(800)],
    )
    assert np.array_equal(sharp.image[np.ix_(*middle)], plain.image)


@pytest.mark.parametrize(("kind", "part"), [(1, (0, 4)), (2, (5, 9)), (3, (0, 9)), (4, (3, 6))])
def test_each_kind_of_difference_has_its_part_of_the_lane(kind, part):
    drawn = blank(shows=Compared.STACKED)
    kinds = np.zeros(600, np.uint8)
    kinds[100] = kind
    drawn.draw_differences(kinds)
    top, bottom = there(drawn.rows.differences)
    column = np.flatnonzero(drawn.image[top:bottom, 180])
    assert abs(int(column[0]) - part[0]) <= 1
    assert abs(int(column[-1]) + 1 - part[1]) <= 1
    assert inks_at(drawn, 180) == {Ink.FIRST_KIND + kind}
    assert not drawn.image[:, 181].any()


def test_marks_taken_over_from_an_older_scenario_are_those_found_anew():
    scenario = boot()
    events = list(scenario.events)
    events[1], events[5] = replace(events[5], time_ns=100 * MS), replace(events[1], origin=USER)
    edited = scenario.with_events(tuple(sorted(events, key=lambda event: event.time_ns)))
    taken, anew = LaneEvents(edited, LaneEvents(scenario)), LaneEvents(edited)
    assert taken.mark.tolist() == anew.mark.tolist() != LANES.mark.tolist()
    assert Mark.USER in taken.mark
    for column in ("time_ns", "lane", "mark"):
        assert getattr(taken, column).tolist() == getattr(anew, column).tolist()
    other = replace(edited, machine=replace(edited.machine, maxphyaddr=52))
    assert LaneEvents(other, taken).mark.tolist() == LaneEvents(other).mark.tolist()

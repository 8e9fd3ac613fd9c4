"""The lane of touches: counts, hand-written ones, what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.timeline_image import Ink, TimelineImage
from mtrrviz.geometry.timeline.timeline_layout import Compared, Extras, rows
from mtrrviz.geometry.timeline.timeline_touches import TouchTimes
from mtrrviz.scenario.touches import Sweep, no_touches
from tests.narrow import there
from tests.session.booting import MS, SECOND, boot

AXIS = TimeAxis.fitted(2 * SECOND, 80, 400)
PX_NS = 5 * MS


def scenario(*sweeps: Sweep):
    return replace(boot(()), recorded=no_touches(), sweeps=sweeps)


@pytest.fixture
def two() -> TouchTimes:
    return TouchTimes(
        scenario(Sweep(100 * PX_NS, 1, 16, 1), Sweep(200 * PX_NS, 2, 32, 50, lasts_ns=50 * PX_NS))
    )


def test_touches_beyond_either_end_of_the_axis_last_in_no_column_of_it(two):
    assert len(two.lasting(AXIS)) == len(two.counts(AXIS)) == 401
    assert not two.lasting(TimeAxis(2 * SECOND, 260 * PX_NS, 400 * PX_NS, 80, 400)).any()
    assert not two.lasting(TimeAxis(2 * SECOND, 0, 90 * PX_NS, 80, 400)).any()


def test_every_touch_is_counted_in_its_column(two):
    counts = two.counts(AXIS)
    assert len(two) == counts.sum() == 51
    assert counts[100] == 1
    assert counts[200:250].tolist() == [1] * 50
    assert TouchTimes(boot(())).counts(AXIS).sum() == 200


def test_hand_written_ones_last_from_their_start_to_their_end(two):
    assert np.flatnonzero(two.lasting(AXIS)).tolist() == [100, *range(200, 251)]
    x, vcpus = two.starts(AXIS)
    assert x.tolist() == [180, 280]
    assert vcpus.tolist() == [1, 2]


def test_one_that_began_before_what_is_shown_lasts_on(two):
    shown = AXIS.spanning(210 * PX_NS, 220 * PX_NS)
    assert two.lasting(shown).all()


def test_what_begins_or_lasts_near_a_pixel_is_found(two):
    assert two.near(AXIS, 279, 4) == [1]
    assert two.near(AXIS, 300, 4) == []
    assert two.at(AXIS, 300, 4) == [1]
    assert two.at(AXIS, 181, 4) == [0]
    assert two.at(AXIS, 400, 4) == []
    assert two.count_near(AXIS, 180, 2) == 1
    assert two.count_near(AXIS, 305, 2) == 5


@pytest.mark.parametrize("height", [160, 300])
def test_single_touches_are_ticks_of_their_vcpu_and_spans_lines(two, height):
    layout = rows(800, height, 3, Compared.OFF, extras=Extras(has_faults=True, has_touches=True))
    drawn = TimelineImage.blank(AXIS, layout, 8)
    drawn.draw_touches(two)
    top, bottom = there(layout.touches)
    assert set(drawn.image[top:bottom, 180:182].flat) == {Ink.FIRST_VCPU + 1}
    assert set(drawn.image[top:bottom, 280:282].flat) == {Ink.FIRST_VCPU + 2}
    assert set(drawn.image[bottom - 2 : bottom, 282:330].flat) == {Ink.DIM}
    assert not drawn.image[:top].any()
    assert not drawn.image[bottom:].any()


def test_more_touches_are_higher_bars():
    many = TouchTimes(scenario(Sweep(0, 0, 0, 1000), Sweep(100 * PX_NS, 0, 0, 2)))
    layout = rows(800, 300, 3, Compared.OFF, extras=Extras(has_touches=True))
    drawn = TimelineImage.blank(AXIS, layout, 8)
    many._starts_ns = many._ends_ns = many._starts_ns[:0]
    many._vcpus = many._vcpus[:0]
    drawn.draw_touches(many)
    top, bottom = there(layout.touches)
    heights = [int((drawn.image[top:bottom, x] == Ink.FAINT).sum()) for x in (80, 180, 130)]
    assert heights[0] > heights[1] > heights[2] == 0


def test_no_touch_draws_nothing():
    layout = rows(800, 300, 3, Compared.OFF, extras=Extras(has_touches=True))
    drawn = TimelineImage.blank(AXIS, layout, 8)
    drawn.draw_touches(TouchTimes(scenario()))
    assert not drawn.image.any()

"""To which time a drag goes."""

from __future__ import annotations

from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.time_snapping import SnapTimes

AXIS = TimeAxis.fitted(1_000_000, 0, 1000)


def test_a_thing_near_the_pointer_goes_before_a_round_time():
    snaps = SnapTimes([503_100, 10])
    assert snaps.snapped_ns(AXIS, 501) == 503_100
    assert snaps.snapped_ns(AXIS, 508) == 503_100


def test_the_nearest_thing_is_taken():
    snaps = SnapTimes([503_100, 506_100])
    assert snaps.snapped_ns(AXIS, 504) == 503_100
    assert snaps.snapped_ns(AXIS, 505) == 506_100


def test_without_a_thing_near_it_a_round_time_is_taken():
    assert SnapTimes([]).snapped_ns(AXIS, 502) == 500_000
    assert SnapTimes([900_000]).snapped_ns(AXIS, 498) == 500_000


def test_between_round_times_the_time_is_as_pointed_at_to_a_pixel():
    assert SnapTimes([]).snapped_ns(AXIS, 504) == 504_000
    assert SnapTimes([]).snapped_ns(AXIS, 504.4) == 504_000
    close = AXIS.spanning(500_000, 501_000, margin=0)
    assert SnapTimes([]).snapped_ns(close, 504.4) == 500_504


def test_nothing_is_after_the_end():
    assert SnapTimes([]).snapped_ns(AXIS, 1003) == 1_000_000

"""What imagers keep between frames changes no picture: each is as one drawn afresh."""

from __future__ import annotations

import itertools

import numpy as np

from mtrrviz.geometry.map.difference_image import DifferenceImager
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate

SCENARIOS = [open_scenario(name) for name in ("small-machine", "kvm-and-manual")]
RUNS = [simulate(one, "per-vcpu") for one in SCENARIOS]
VIEWS = (None, Viewport(0, 1 << 14), Viewport(0x1000, 1024))
SIZES = ((320, 200), (321, 200), (90, 64))
STARTS = np.array([3, 0x100, 0x2001], np.uint64)
ENDS = np.array([0x80, 0x900, 0x2800], np.uint64)


def layouts(run):
    bands = bands_of(run.scenario.machine)
    return [lay_out(bands, view, *size) for view in VIEWS for size in SIZES]


def assert_same(found, fresh):
    for name in found.__struct_fields__:
        kept, new = getattr(found, name), getattr(fresh, name)
        assert np.array_equal(kept, new) if isinstance(kept, np.ndarray) else kept == new, name


def test_maps_of_differences_are_as_if_drawn_afresh():
    imager = DifferenceImager()
    kinds = np.array([1, 3, 2], np.uint8)
    for run in RUNS * 2:
        for layout in (layout for layout in layouts(run) for _ in range(2)):
            machine = run.scenario.machine
            found = imager.frame(layout, machine, STARTS, ENDS, kinds)
            assert_same(found, DifferenceImager().frame(layout, machine, STARTS, ENDS, kinds))


TIMES_MS = (0, 300, 650, 960, 961, 1200, 700)


def test_maps_are_as_if_drawn_afresh_at_any_time_and_in_any_layout():
    imager = MapImager()
    for run, time_ms in itertools.product(RUNS, TIMES_MS):
        state = run.at(min(time_ms * 1_000_000, run.scenario.duration_ns))
        for layout in layouts(run)[::2]:
            assert_same(imager.frame(state, 0, layout), MapImager().frame(state, 0, layout))

"""Keyframes of very many leaves are made beside the window; until then frames are right as well."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from mtrrviz.geometry.map import map_leaves
from mtrrviz.geometry.map.leaf_index import LeafIndex
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.geometry.map.map_layout import MapLayout, lay_out
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import Run, simulate
from tests.session.slow_executor import SlowExecutor
from tests.sim.made import machine, scenario

RUN = simulate(open_scenario("small-machine"), "per-vcpu")
BANDS = bands_of(RUN.scenario.machine)
LAYOUTS = [lay_out(BANDS, view, 600, 360) for view in (None, Viewport(0x2000, 1024))]
TIMES = (640_000_000, 345_000_000, 1_100_000_000, 105_000_000, 640_000_000, 2_000_000_000)


@pytest.fixture
def executor() -> SlowExecutor:
    return SlowExecutor()


@pytest.fixture
def imager(executor: SlowExecutor, monkeypatch: pytest.MonkeyPatch) -> MapImager:
    monkeypatch.setattr(map_leaves, "MANY", 0)
    return MapImager(executor)


def assert_right(imager: MapImager, run: Run, layout: MapLayout, time_ns: int) -> None:
    state = run.at(time_ns)
    frame, fresh = (one.frame(state, 0, layout) for one in (imager, MapImager()))
    assert (frame.image == fresh.image).all()
    assert (frame.stale_leaves, frame.tally) == (fresh.stale_leaves, fresh.tally)


def test_frames_are_right_without_keyframes_and_with_them(
    imager: MapImager, executor: SlowExecutor
) -> None:
    for layout, time_ns in product(LAYOUTS, TIMES):
        assert_right(imager, RUN, layout, time_ns)
    assert len(executor.waiting) == len(LAYOUTS)  # asked for once each
    executor.finish_all()
    for time_ns, layout in product(TIMES, LAYOUTS):
        assert_right(imager, RUN, layout, time_ns)
    assert not executor.waiting


@pytest.mark.parametrize("view", [None, Viewport(0x4000, 256)])
def test_leaves_made_from_high_addresses_down_come_in_time(view: Viewport | None) -> None:
    rows = [(10 * number, 0x40FF - number) for number in range(64)]
    made = scenario(machine(host_level=1), (), *rows)
    run, imager = simulate(made, "per-vcpu"), MapImager()
    layout = lay_out(bands_of(made.machine), view, 600, 360)
    for time_ns in (700, 5, 105, 95, 395, 635):
        assert_right(imager, run, layout, time_ns)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_with_keyframes_no_frame_looks_at_every_leaf(
    layout: MapLayout, imager: MapImager, executor: SlowExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for time_ns in TIMES[:2]:
        imager.frame(RUN.at(time_ns), 0, layout)
    executor.finish_all()
    monkeypatch.delattr(LeafIndex, "living")
    for time_ns in TIMES[1:4]:
        imager.frame(RUN.at(time_ns), 0, layout)


def test_the_first_moment_of_a_layout_needs_none(imager: MapImager, executor: SlowExecutor) -> None:
    for layout in LAYOUTS:
        for _ in range(2):
            imager.frame(RUN.at(TIMES[0]), 0, layout)
    assert not executor.waiting


def test_those_of_few_leaves_are_made_at_once(executor: SlowExecutor) -> None:
    imager = MapImager(executor)
    for time_ns in TIMES:
        assert_right(imager, RUN, LAYOUTS[0], time_ns)
    assert not executor.waiting


def test_of_what_is_shown_no_longer_none_are_made(
    imager: MapImager, executor: SlowExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[MapLayout] = []
    make = map_leaves.LeafDots._made_keyframes

    def counted(dots: map_leaves.LeafDots) -> Any:
        made.append(dots._layout)
        return make(dots)

    monkeypatch.setattr(map_leaves.LeafDots, "_made_keyframes", counted)
    windows = [lay_out(BANDS, Viewport(at, 512), 600, 360) for at in (0, 0x1000, 0x2000)]
    for layout, time_ns in product((LAYOUTS[0], *windows), TIMES[:2]):
        imager.frame(RUN.at(time_ns), 0, layout)
    assert len(executor.waiting) == 4
    executor.finish_all()
    assert made == [LAYOUTS[0], windows[-1]]
    other = simulate(RUN.scenario, "per-vm")
    for run, time_ns in product((other, RUN), TIMES[:2]):
        imager.frame(run.at(time_ns), 0, LAYOUTS[0])
    executor.finish_all()
    assert len(made) == 3
    assert_right(imager, RUN, LAYOUTS[0], TIMES[2])

"""Zooming and panning never lose the page under the pointer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_viewport import Viewport, band_of, pan, showing, zoom_in, zoom_out
from mtrrviz.scenario.library import open_scenario

BANDS = bands_of(open_scenario("ovmf-8vcpu-16g").machine)
END = BANDS[-1].end_gfn
gfns = st.integers(0, END - 1)


@given(gfns)
def test_zooming_in_halves_until_one_page_is_left(gfn):
    view, widths = None, []
    while (after := zoom_in(view, gfn, BANDS)) != view:
        view = after
        assert view is not None
        assert view.first_gfn <= gfn < view.end_gfn
        widths.append(view.pages)
    assert widths == [widths[0] >> step for step in range(len(widths))]
    assert view == Viewport(gfn, 1)


@given(gfns, st.integers(1, 20))
def test_zooming_out_comes_back_to_the_overview(gfn, steps):
    view = None
    for _ in range(steps):
        view = zoom_in(view, gfn, BANDS)
    for _ in range(40):
        assert view is None or view.first_gfn <= gfn < view.end_gfn
        view = zoom_out(view, gfn, BANDS)
    assert view is None


@given(gfns, st.integers(-(1 << 30), 1 << 30))
def test_panning_stays_within_the_space(gfn, pages):
    view = pan(Viewport(gfn // 1024 * 1024, 1024), pages, BANDS)
    assert view is not None
    assert view.pages == 1024
    assert view.first_gfn >= 0
    assert view.end_gfn <= END + 1024


@given(gfns)
def test_a_window_moves_to_show_a_page(gfn):
    view = showing(Viewport(0, 512), gfn, BANDS)
    assert view is not None
    assert view.first_gfn <= gfn < view.end_gfn


@pytest.mark.parametrize("act", [lambda v: pan(v, 5, BANDS), lambda v: showing(v, 5, BANDS)])
def test_the_overview_needs_no_panning(act):
    assert act(None) is None


def test_a_page_belongs_to_the_band_that_holds_it_and_beyond_all_to_the_last():
    for band in BANDS:
        assert band_of(BANDS, band.first_gfn) == band_of(BANDS, band.end_gfn - 1) == band
    assert band_of(BANDS, BANDS[-1].end_gfn) == BANDS[-1]

"""Which part of a dot each pixel is, and where a window may lie that does not fit evenly."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.geometry.map.map_bands import Band, BandKind, bands_of
from mtrrviz.geometry.map.map_grid import MIN_DOT_PX
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_pixels import Role, pixel_map
from mtrrviz.geometry.map.map_viewport import Viewport, pan, zoom_in
from mtrrviz.geometry.map.wanted_image import WANTED, wanted_image
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Region, RegionKind

RAM = Region("RAM", RegionKind.RAM, 0, 0x100000)
GUEST = MachineSpec(1, 1 << 20, (RAM,))
HOST = MachineSpec(1, 1 << 20, (RAM,), kind=MachineKind.HOST)


def roles_of(side, *, pages=1, machine=GUEST, first=0):
    """Return the roles of the pixels of dot 0 in a window of so many pages, of this side."""
    layout = lay_out(bands_of(machine), Viewport(first, pages), side, side + 16, caption_px=16)
    pixels = pixel_map(layout, machine)
    box = layout.dot_rect(0)
    index = pixels.index[box.y : box.y + box.height, box.x : box.x + box.width]
    return np.where(index == pixels.background, -1, index // layout.dots)


@pytest.mark.parametrize(("side", "rim"), [(65, 3), (64, 2), (120, 3)])
def test_the_rim_is_as_thick_as_suits_the_dot(side, rim):
    roles = roles_of(side)
    middle = roles[len(roles) // 2]
    assert (middle[:rim] == Role.RIM).all()
    assert (middle[-rim:] == Role.RIM).all()
    assert (middle[rim:-rim] != Role.RIM).all()
    assert (roles[:rim] == Role.RIM).all()
    assert (roles[-rim:] == Role.RIM).all()


@pytest.mark.parametrize(("pages", "side", "dot", "rim"), [(16, 98, 23, 1), (16, 102, 24, 2)])
def test_small_dots_have_a_thin_rim(pages, side, dot, rim):
    roles = roles_of(side, pages=pages)
    assert roles.shape == (dot, dot)
    middle = roles[dot // 2]
    assert (middle == Role.RIM).sum() == 2 * rim


def test_the_squares_of_two_types_are_a_sixth_of_the_dot():
    roles = roles_of(121)
    assert roles.shape == (120, 120)
    inside = roles[3:-3, 3:-3]
    down, across = np.indices(roles.shape)
    odd = ((down // 20 + across // 20) % 2 == 1)[3:-3, 3:-3]
    assert ((inside == Role.ODD) == odd).all()


def test_addresses_without_a_slot_are_hatched_every_six_pixels():
    roles = roles_of(100, first=0x200)
    down, across = np.indices(roles.shape)
    assert ((roles == Role.ODD) == ((down + across) % 6 == 0)).all()
    assert set(np.unique(roles)) == {Role.BODY, Role.ODD}


def test_on_a_real_machine_all_addresses_have_types():
    for first in (0, 0x200):
        assert Role.RIM in roles_of(100, machine=HOST, first=first)
    bands = bands_of(HOST)
    assert pixel_map(lay_out(bands, Viewport(0x200, 64), 200, 200), HOST).has_slot.all()


@pytest.mark.parametrize(("side", "dot", "lines"), [(137, 8, 0), (153, 9, 1)])
def test_dots_from_nine_pixels_on_have_a_line_after_them(side, dot, lines):
    roles = roles_of(side, pages=256)
    assert roles.shape == (dot, dot)
    assert (roles[dot // 2] == -1).sum() == lines
    assert (roles[:, dot // 2] == -1).sum() == lines
    assert (roles[dot // 2, -1 - lines], roles[0, 0]) == (Role.RIM, Role.RIM)


ODD_END = (Band(BandKind.LOW, 0, 256, "low"), Band(BandKind.AREA, 256, 1001, "RAM"))


@pytest.mark.parametrize(
    ("first", "pages", "moved", "expected"),
    [
        (0, 256, 1 << 20, 752), (0, 64, 1 << 20, 940), (0, 16, 1 << 20, 985),
        (0, 1024, 1 << 20, 0), (0, 512, 490, 490), (0, 512, 512, 512), (0, 512, 513, 512),
    ],
)  # fmt: skip
def test_the_last_window_ends_at_the_next_round_address(first, pages, moved, expected):
    assert pan(Viewport(first, pages), moved, ODD_END) == Viewport(expected, pages)


@pytest.mark.parametrize(
    ("gfn", "expected"), [(256, 256), (300, 272), (400, 328), (510, 384), (511, 384)]
)
def test_zooming_in_keeps_blocks_at_round_addresses(gfn, expected):
    assert zoom_in(Viewport(256, 256), gfn, ODD_END) == Viewport(expected, 128)


def test_a_dot_that_wants_all_types_shows_the_lowest_two():
    layout = lay_out(bands_of(GUEST), Viewport(0, 1), 100, 116)
    pixels = pixel_map(layout, GUEST)
    image = wanted_image(np.full(1, 255, np.uint8), pixels)
    assert set(np.unique(image)) == {0, WANTED, WANTED + 1}


def part_of(layout, pixels, x, y):
    """Return dot and role of a pixel, from what a dot looks like; None for background."""
    dot = layout.dot_at(x, y)
    if dot is None:
        return None
    item = next(item for item in layout.placed if dot < item.end_dot)
    grid, box = item.grid, layout.dot_rect(dot)
    in_x, in_y = x - box.x, y - box.y
    lines = [side >= 9 and grid.tile_dots > 1 for side in (grid.dot_w, grid.dot_h)]
    end_x, end_y = grid.dot_w - lines[0], grid.dot_h - lines[1]
    if in_x >= end_x or in_y >= end_y:
        return None
    across, down = x - item.x, y - item.y
    if not pixels.has_slot[dot]:
        return dot, Role.ODD if (across + down) % 6 == 0 else Role.BODY
    for at, end, side in ((in_x, end_x, grid.dot_w), (in_y, end_y, grid.dot_h)):
        rim = sum(side >= least for least in (MIN_DOT_PX, 24, 64))
        if at < rim or at >= end - rim:
            return dot, Role.RIM
    square = max(1, min(grid.dot_w, grid.dot_h) // 6)
    return dot, Role.ODD if (across // square + down // square) % 2 else Role.BODY


@pytest.mark.parametrize("size", [(640, 420), (300, 160), (64, 64)])
@pytest.mark.parametrize("view", [None, Viewport(0xA0, 64), Viewport(0x7F000, 8192)])
@pytest.mark.parametrize("name", ["ovmf-8vcpu-2g", "small-machine"])
def test_each_pixel_is_the_part_of_the_dot_that_lies_there(name, view, size):
    machine = open_scenario(name).machine
    layout = lay_out(bands_of(machine), view, *size)
    pixels = pixel_map(layout, machine)
    draw = np.random.default_rng(3)
    for x, y in zip(*(draw.integers(0, side, 3000).tolist() for side in size), strict=True):
        index = int(pixels.index[y, x])
        found = None if index == pixels.background else (index % layout.dots, index // layout.dots)
        assert found == part_of(layout, pixels, x, y), (x, y)


def test_lines_that_look_the_same_are_drawn_once():
    machine = open_scenario("ovmf-8vcpu-2g").machine
    layout = lay_out(bands_of(machine), None, 1400, 860)
    pixels = pixel_map(layout, machine)
    assert len(pixels.lines) < 1.1 * len(np.unique(pixels.index, axis=0)) < layout.height

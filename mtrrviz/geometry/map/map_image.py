"""The EPT map as an image of small numbers, one a pixel; the window gives each its colour.

A dot's inside shows the leaf's type, solid, or where none is the type of the next fault, as a
tint. Two types in one dot make a checker of both. The rim says more: of the tint where leaves
cover only part of the dot, of the stale colour round a leaf that a fault would map otherwise now.
An edge parts what is mapped from what is not. Addresses without a memory slot are hatched. Leaves
that a zap just dropped flash. A pattern lies over dots where KVM's walk over the MTRRs gives
another type than the SDM.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType
from mtrrviz.facts.expected import Expected, expected_at
from mtrrviz.facts.sdm_difference import SdmDifference, sdm_difference_for
from mtrrviz.facts.stale import stale_rows
from mtrrviz.geometry.map.leaf_index import leaf_index
from mtrrviz.geometry.map.map_leaves import Cover, LeafDots
from mtrrviz.geometry.map.map_pixels import ROLES, PixelMap, Role, pixel_map
from mtrrviz.geometry.map.map_sdm_marks import Marks, marks_for
from mtrrviz.geometry.map.map_stale import StaleDots
from mtrrviz.geometry.map.map_tint import tint_types

if TYPE_CHECKING:
    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.geometry.map.map_leaves import Aside
    from mtrrviz.sim.run import Run, State
    from mtrrviz.sim.tables import LeafTable

#: Values of the image. To those marked with + a memory type's value is added.
BACKGROUND = 0
STALE = 1
SDM_DIFFERENCE = 2  # a line of the pattern on dots where the SDM gives another type than KVM
UNDEFINED = 3  # a point of the pattern where it leaves the type undefined
SOLID = 8  # +
TINT = 16  # +
HOLE = 24  # +
HATCH = 32  # +
EDGE = 40  # + : where pixels of that type end
FLASH = 48  # + 8 * age, age from 0 (just now) to FLASH_STEPS - 1
FLASH_STEPS = 4
VALUES = FLASH + 8 * FLASH_STEPS

#: A zap flashes for this part of the scenario's duration.
_FLASH_PART = 1 / 160
#: So many answers to what the next faults get are kept: as many as a recorded boot has.
_KEPT = 96
#: So much may their rows of leaves take; the newest answer is kept at any size.
_KEPT_BYTES = 16 << 20

UNKNOWN_TYPE = int(HostType.UNKNOWN)
UNDEFINED_TYPE = int(HostType.UNDEFINED)

Bytes = NDArray[np.uint8]


def _lowest(masks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the position of the lowest set bit of each byte, 0 where none is set."""
    bits = np.unpackbits(masks[:, None], axis=1, bitorder="little")
    return np.argmax(bits, axis=1).astype(np.uint8)


_MASKS = np.arange(256, dtype=np.uint8)
_FIRST_TYPE = _lowest(_MASKS)
_REST = _MASKS & (_MASKS - np.uint8(1))
#: The second type of a mask, or its only one.
_SECOND_TYPE = np.where(_REST > 0, _lowest(_REST), _FIRST_TYPE)
_POPULATION = np.unpackbits(_MASKS[:, None], axis=1).sum(axis=1).astype(np.uint8)


def prepare_frame(run: Run, time_ns: int) -> None:
    """Work out what the first frame of a run needs whatever is in view.

    For a thread beside the window: this takes the longer the more leaves there are.
    """
    index = leaf_index(run)
    index.living(time_ns)
    index.dropped(_flash_spans_ns(run, time_ns))


class Frame(Record, eq=False):
    """The map at one moment, a value a dot each; ``image`` uint8 (height, width).

    ``leaf_types`` and ``tint_types`` uint8, one bit a type value; ``is_part``, ``is_stale`` bool.
    ``stale_leaves`` counts leaves, in view or not, as does ``tally`` by (level, memory type value).
    ``sdm_difference`` uint8 are the SDM's types where they are not KVM's, None if
    there are no such pages. ``has_flash`` says that dots flash: a zap just dropped their leaves. On
    a host ``is_host``: no leaf exists, ``tint_types`` are the types.
    """

    image: NDArray[np.uint8]
    leaf_types: NDArray[np.uint8]
    tint_types: NDArray[np.uint8]
    is_part: NDArray[np.bool_]
    is_stale: NDArray[np.bool_]
    stale_leaves: int
    tally: dict[tuple[int, int], int]
    sdm_difference: NDArray[np.uint8] | None = None
    is_host: bool = False
    has_flash: bool = False

    @property
    def is_mixed(self) -> NDArray[np.bool_]:
        """Which dots hold leaves, on a host pages, of more than one type."""
        return _POPULATION[self.tint_types if self.is_host else self.leaf_types] > 1


class _Drawn:
    """What is kept of one run in one layout: its leaves' dots, and the stale ones by answer."""

    def __init__(self, layout: MapLayout, run: Run, aside: Aside | None) -> None:
        self.layout = layout
        self.dots = LeafDots(run, layout, aside)
        self._stale: OrderedDict[int, tuple[Expected, StaleDots]] = OrderedDict()

    def stale_of(self, expected: Expected) -> StaleDots:
        """Return the dots that are stale for one answer to what the next faults get."""
        key = id(expected)
        if key not in self._stale:
            self._stale[key] = (expected, StaleDots(self.dots, self.layout, expected))
        self._stale.move_to_end(key)
        while len(self._stale) > 1 and self._is_full():
            self._stale.popitem(last=False)
        return self._stale[key][1]

    def _is_full(self) -> bool:
        size_bytes = sum(stale.size_bytes for _, stale in self._stale.values())
        return len(self._stale) > _KEPT or size_bytes > _KEPT_BYTES


class MapImager:
    """Makes frames; keeps between them what did not change: layout, leaves' dots, tints.

    Of the newest run alone, and of two layouts: the overview, to which zooming out leads, and the
    last window. What takes long with very many leaves is made by ``aside``, if that is given, and
    frames do without until it is there.
    """

    def __init__(self, aside: Aside | None = None) -> None:
        self._aside = aside
        self._pixels: dict[bool, tuple[MapLayout, PixelMap]] = {}
        self._leaves: LeafTable | None = None
        self._drawn: dict[bool, _Drawn] = {}
        self._tint: dict[bool, tuple[MapLayout, Expected, Bytes, Bytes]] = {}
        self._marks: tuple[MapLayout, SdmDifference, Marks] | None = None
        self._stale_count: tuple[LeafTable, Expected, int, int] | None = None

    def frame(self, state: State, vcpu: int, layout: MapLayout, *, flash: bool = True) -> Frame:
        """Return the map of ``state`` for faults by ``vcpu``; without ``flash`` no zap flashes."""
        run, time_ns = state.run, state.time_ns
        pixels = self.pixels(layout, run)
        expected = expected_at(state, vcpu)
        drawn = self._drawn_of(layout, run)
        cover = drawn.dots.cover(time_ns)
        is_stale, stale_count = drawn.stale_of(expected).find(cover, time_ns)
        if layout.view is not None:
            stale_count = self._stale_anywhere(state, vcpu, expected)
        is_host = run.scenario.machine.is_host
        tint, unmapped = self._tints(layout, expected, pixels, SOLID if is_host else TINT)
        values = _values(cover, unmapped, is_stale)
        has_flash = flash and _flash(values, state, drawn.dots, cover, tint)
        image = pixels.picture(values)
        _draw_edges(image)
        difference = sdm_difference_for(state.machine, vcpu, run.scenario.machine)
        sdm_difference = self._mark(image, difference, layout, pixels)
        return Frame(
            image, cover.types, tint, cover.is_part, is_stale, stale_count, cover.tally,
            sdm_difference,
            is_host, has_flash,
        )  # fmt: skip

    def _stale_anywhere(self, state: State, vcpu: int, expected: Expected) -> int:
        """Return the number of stale leaves, in view or not; of one moment it is kept."""
        kept, leaves, time_ns = self._stale_count, state.run.leaves, state.time_ns
        if kept is None or kept[:3] != (leaves, expected, time_ns):
            count = len(stale_rows(state, vcpu))
            kept = self._stale_count = (leaves, expected, time_ns, count)
        return kept[3]

    def _mark(
        self,
        image: Bytes,
        sdm_difference: SdmDifference | None,
        layout: MapLayout,
        pixels: PixelMap,
    ) -> Bytes | None:
        """Draw the patterns of where KVM and the SDM differ; return by dot how."""
        if sdm_difference is None:
            return None
        kept = self._marks
        if kept is None or kept[0] is not layout or kept[1] is not sdm_difference:
            marks = marks_for(sdm_difference, layout, pixels)
            kept = self._marks = (layout, sdm_difference, marks)
        image.reshape(-1)[kept[2].lines] = SDM_DIFFERENCE
        image.reshape(-1)[kept[2].points] = UNDEFINED
        return kept[2].sets

    def rims(self, rows: NDArray[np.intp], layout: MapLayout, run: Run) -> Bytes:
        """Return 1 at the rims of the dots that leaves of ``rows`` are in, else 0 (height, width).

        Where dots have no rim, at all of the dot.
        """
        pixels = self.pixels(layout, run)
        marked = self._drawn_of(layout, run).dots.marked(rows)
        values = np.zeros(pixels.background + 1, np.uint8)
        values[:-1].reshape(ROLES, -1)[Role.RIM] = marked
        return pixels.picture(values)

    def pixels(self, layout: MapLayout, run: Run) -> PixelMap:
        """Return the pixel map of a layout."""
        key = layout.view is None
        kept = self._pixels.get(key)
        if kept is None or kept[0] is not layout:
            before = None if kept is None else kept[1]
            kept = (layout, pixel_map(layout, run.scenario.machine, before))
            self._pixels[key] = kept
        return kept[1]

    def _drawn_of(self, layout: MapLayout, run: Run) -> _Drawn:
        if self._leaves is not run.leaves:
            self._leaves = run.leaves
            for drawn in self._drawn.values():
                drawn.dots.give_up()
            self._drawn.clear()
            self._stale_count = None
        key = layout.view is None
        kept = self._drawn.get(key)
        if kept is None or kept.layout is not layout:
            if kept is not None:
                kept.dots.give_up()
            kept = self._drawn[key] = _Drawn(layout, run, self._aside)
        return kept

    def _tints(
        self, layout: MapLayout, expected: Expected, pixels: PixelMap, look: int
    ) -> tuple[Bytes, Bytes]:
        """Return the types of the next faults by dot, and the values of a map without leaves."""
        key = layout.view is None
        kept = self._tint.get(key)
        if kept is None or kept[0] is not layout or kept[1] is not expected:
            tint = tint_types(expected, layout)
            kept = (layout, expected, tint, _unmapped(tint, pixels.has_slot, look))
            self._tint[key] = kept
        return kept[2], kept[3]


def _unmapped(tint: Bytes, has_slot: NDArray[np.bool_], look: int) -> Bytes:
    """Return the values of all roles of all dots in a row where there is no leaf at all.

    The last value is the background's. ``look`` is that of dots with a slot: TINT, or SOLID where
    types need no leaf. Unknown types have a checker of their own.
    """
    dots = len(tint)
    values = np.full(ROLES * dots + 1, BACKGROUND, np.uint8)
    body, odd, rim = values[:-1].reshape(ROLES, dots)
    body[:] = _FIRST_TYPE[tint] + np.where(has_slot, np.uint8(look), np.uint8(HOLE))
    odd[:] = _SECOND_TYPE[tint] + np.where(has_slot, np.uint8(look), np.uint8(HATCH))
    odd[tint == 1 << UNKNOWN_TYPE] = HATCH + UNKNOWN_TYPE
    rim[:] = body
    return values


def _values(cover: Cover, unmapped: Bytes, is_stale: NDArray[np.bool_]) -> Bytes:
    """Return the values with the leaves laid over what there is without them."""
    values = unmapped.copy()
    body, odd, rim = values[:-1].reshape(ROLES, len(is_stale))
    there = np.flatnonzero(cover.types)
    types = cover.types[there]
    first = _FIRST_TYPE[types] + np.uint8(SOLID)
    body[there] = first
    odd[there] = _SECOND_TYPE[types] + np.uint8(SOLID)
    is_full = ~cover.is_part[there]
    rim[there[is_full]] = first[is_full]
    rim[is_stale] = STALE
    return values


def _draw_edges(image: Bytes) -> None:
    """Give pixels of types that end at anything else the value of an edge of their type.

    All pixels in a row are compared with their neighbours: twice as quick as rows one by one.
    """
    width, pixels = image.shape[1], image.reshape(-1)
    is_edge = (pixels - np.uint8(SOLID)) < np.uint8(8)
    is_filled = is_edge | (pixels == STALE)
    is_inside = is_filled[: -2 * width] & is_filled[2 * width :]
    is_inside &= is_filled[width - 1 : -width - 1]
    is_inside &= is_filled[width + 1 :][: len(is_inside)]
    of_row = is_inside.reshape(-1, width)
    of_row[:, 0] = of_row[:, -1] = False  # whose neighbours are in other rows
    typed = is_edge[width:-width]
    np.greater(typed, is_inside, out=typed)
    pixels += is_edge.view(np.uint8) * np.uint8(EDGE - SOLID)


def _flash_spans_ns(run: Run, time_ns: int) -> list[tuple[int, int]]:
    """Return for each age of a flash when what has it died; none if no zap was so late.

    One age ends where the next begins, so that each death has exactly one.
    """
    span_ns = max(1, int(run.scenario.duration_ns * _FLASH_PART))
    if run.zaps.until(time_ns - span_ns) == run.zaps.until(time_ns):
        return []
    ends_ns = [time_ns - -(-span_ns * age // FLASH_STEPS) for age in range(FLASH_STEPS + 1)]
    return [(after, until) for until, after in pairwise(ends_ns)]


def _flash(
    values: NDArray[np.uint8],
    state: State,
    dots: LeafDots,
    cover: Cover,
    tint: NDArray[np.uint8],
) -> bool:
    """Light up the dots of leaves that a zap dropped a moment ago, the latest brightest.

    Return whether there are any in view.
    """
    spans_ns = _flash_spans_ns(state.run, state.time_ns)
    if not spans_ns:
        return False
    parts = values[:-1].reshape(ROLES, -1)
    is_empty = cover.types == 0
    has_any = False
    dropped = dots.index.dropped(spans_ns)
    for age in reversed(range(FLASH_STEPS)):
        hit = dots.marked_by(dropped[age])
        lit = np.uint8(FLASH + 8 * age) + _FIRST_TYPE[tint]
        has_any |= bool(hit.any())
        parts[Role.RIM][hit] = lit[hit]
        hit &= is_empty
        parts[Role.BODY][hit] = lit[hit]
        parts[Role.ODD][hit] = lit[hit]
    return has_any

"""The map of a run over time: what each dot shows at each step, kept as changes.

A step is a list of stretches of dots that show something else than at the step before. So even
large boots stay small; what would still be too much is told in fewer steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.core.record import Record
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.geometry.map.map_layout import MapLayout, lay_out
from mtrrviz.sim.tables import ALIVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_image import Frame
    from mtrrviz.sim.run import Run

    Times = NDArray[np.int64]

WIDTH_PX, HEIGHT_PX = 700, 280
"""The size for which the map is laid out; the page enlarges it."""
MOST_STEPS = 600
MOST_BYTES = 500_000
"""Bytes of the changes of one map at most: two in base64 leave room in a page of 3 MB."""
_LEAST_STEPS = 4

# What a dot shows, in the bits of a number.
SECOND_SHIFT = 3  # the type of the other squares of its checker; the lowest bits have the first
LEAF = 1 << 6  # leaves; without it the types are those of the next fault
PART = 1 << 7  # leaves cover only part of the dot
STALE = 1 << 8  # a fault would map a leaf of it otherwise now
NO_SLOT = 1 << 9  # there is no memory slot, so there is never a leaf


class MapFilm(Record, eq=False):
    """A map over time.

    ``times_ns`` int64 are the steps, ascending from 0; ``counts`` int64 says how many stretches
    change at each, ``changes`` uint16 (n, 3) has them one after the other: first dot, number of
    dots, what they show from then on. At first all show 0. ``leaves`` int64 (steps, types) counts
    the leaves of each of :data:`MEMORY_TYPES`. ``is_whole`` says that there is a step wherever the
    map changes.
    """

    layout: MapLayout
    times_ns: Times
    counts: NDArray[np.int64]
    changes: NDArray[np.uint16]
    leaves: NDArray[np.int64]
    is_whole: bool


def map_film(run: Run, vcpu: int) -> MapFilm:
    """Return the map of a run for the faults of ``vcpu``, in as many steps as there is room for."""
    steps = MOST_STEPS
    while True:
        film = _film(run, vcpu, steps)
        if film.changes.nbytes <= MOST_BYTES or steps <= _LEAST_STEPS:
            return film
        steps //= 2


def _film(run: Run, vcpu: int, steps: int) -> MapFilm:
    layout = lay_out(bands_of(run.scenario.machine), None, WIDTH_PX, HEIGHT_PX)
    times, is_whole = step_times(run, steps)
    imager, before = MapImager(), np.zeros(layout.dots, np.uint16)
    has_slot = imager.pixels(layout, run).has_slot
    counts: list[int] = []
    changes: list[NDArray[np.uint16]] = []
    leaves: list[list[int]] = []
    for time_ns in times.tolist():
        frame = imager.frame(run.at(time_ns), vcpu, layout, flash=False)
        shown = _shown(frame, has_slot)
        stretches = _stretches(before, shown)
        counts.append(len(stretches))
        changes.append(stretches)
        leaves.append(_leaves_by_type(frame))
        before = shown
    return MapFilm(
        layout, times, np.array(counts), np.concatenate(changes), np.array(leaves), is_whole
    )


def step_times(run: Run, most: int) -> tuple[Times, bool]:
    """Return the times of at most so many steps, and whether the map changes at no other.

    If there are too many, zaps go first; what is left of the room is spread evenly.
    """
    leaves, scenario = run.leaves, run.scenario
    events = np.array([event.time_ns for event in scenario.events], np.int64)
    died = leaves.died_ns[leaves.died_ns != ALIVE]
    ends = np.array([0, scenario.duration_ns], np.int64)
    moments = np.unique(np.concatenate([ends, events, leaves.born_ns, died, run.zaps.time_ns]))
    moments = moments[(moments >= 0) & (moments <= scenario.duration_ns)]
    if len(moments) <= most:
        return moments, True
    zaps = np.unique(np.clip(run.zaps.time_ns, 0, scenario.duration_ns))
    zaps = zaps[_spread(len(zaps), most // 2)]
    even = np.linspace(0, scenario.duration_ns, most - len(zaps)).astype(np.int64)
    return np.unique(np.concatenate([even, zaps])), False


def _spread(count: int, most: int) -> NDArray[np.intp]:
    """Return at most so many of ``count`` positions, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


def _shown(frame: Frame, has_slot: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Return what each dot shows, as a number of the bits above."""
    is_leaf = frame.leaf_types > 0
    types = np.where(is_leaf, frame.leaf_types, frame.tint_types)
    rest = types & (types - np.uint8(1))
    first = _lowest(types)
    second = np.where(rest > 0, _lowest(rest), first)
    shown = first | (second << np.uint16(SECOND_SHIFT))
    flags = ((is_leaf, LEAF), (frame.is_part, PART), (frame.is_stale, STALE), (~has_slot, NO_SLOT))
    for holds, flag in flags:
        shown |= holds * np.uint16(flag)
    return shown


def _lowest(masks: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return the position of the lowest bit that is set, 0 where none is."""
    bits = np.unpackbits(masks[:, None], axis=1, bitorder="little")
    return np.argmax(bits, axis=1).astype(np.uint16)


def _stretches(before: NDArray[np.uint16], after: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return the stretches of dots that show another thing, (n, 3): first, number, what."""
    dots = np.flatnonzero(before != after)
    if not len(dots):
        return np.empty((0, 3), np.uint16)
    what = after[dots]
    begins = np.flatnonzero(np.append(True, (np.diff(dots) != 1) | (what[1:] != what[:-1])))
    lengths = np.diff(np.append(begins, len(dots)))
    return np.column_stack([dots[begins], lengths, what[begins]]).astype(np.uint16)


def _leaves_by_type(frame: Frame) -> list[int]:
    return [
        sum(count for (_, value), count in frame.tally.items() if value == memory_type.value)
        for memory_type in MEMORY_TYPES
    ]

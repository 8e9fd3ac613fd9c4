"""The zaps, counts and event marks of the timeline as an image of inks.

Thousands of small marks are drawn by array arithmetic in one go; the window gives each ink its
colour. Texts and large areas are left to the window.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.record import Record
from mtrrviz.geometry.timeline.timeline_columns import (
    COLUMN_PX,
    LogScale,
    Stems,
    count_steps,
    stems,
)
from mtrrviz.geometry.timeline.timeline_events import LaneEvents, Mark
from mtrrviz.geometry.timeline.timeline_faults import FaultTimes, bar_parts

if TYPE_CHECKING:
    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows, Track
    from mtrrviz.geometry.timeline.timeline_touches import TouchTimes
    from mtrrviz.sim.tables import ZapTable

Image = NDArray[np.uint8]
_Ints = NDArray[np.intp]

#: Pixels beside the axis on which marks still show, so that those at its ends are seen whole.
OVERHANG_PX = 4
_STEM_PX = COLUMN_PX - 1
_MARK_PX = 2
_CAP_PX = 2
_DOT_EVERY_PX = 4
#: Which part of its lane a mark takes, as (from, to).
_MARK_SPANS = {
    Mark.PAT: (0.6, 1.0),
    Mark.CR0: (0.0, 0.4),
    Mark.INIT: (0.3, 0.7),
    Mark.MTRR: (0.0, 1.0),
    Mark.REFUSED: (0.0, 1.0),
    Mark.USER: (0.0, 1.0),
}

#: Which part of its lane a kind of difference takes, by its value: alike, a leaf in the first EPT
#: only (above, as its track lies), in the second only (below), another type, another IPAT.
_KIND_SPANS = ((0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (0.0, 1.0), (0.3, 0.7))


class Ink(IntEnum):
    """The image's values; vCPU n has :attr:`FIRST_VCPU` + n, repeated after ``colours``.

    A kind of difference has :attr:`FIRST_KIND` + its value, a memory type :attr:`FIRST_TYPE` + its
    value.
    """

    CLEAR = 0
    TEXT = 1
    DIM = 2
    FAINT = 3
    ACCENT = 4
    ERROR = 5
    FIRST_KIND = 6
    FIRST_TYPE = 12
    FIRST_VCPU = 20


_MARK_INKS = {
    Mark.CR0: Ink.DIM,
    Mark.INIT: Ink.DIM,
    Mark.REFUSED: Ink.ERROR,
    Mark.USER: Ink.ACCENT,
}


class TimelineImage(Record):
    """Draws on an image as large as the timeline; ``colours`` is how many vCPU inks there are.

    Places and sizes are the widget's pixels, of which each is ``ratio`` pixels of the image: on a
    screen of high resolution edges fall on its own pixels.
    """

    axis: TimeAxis
    rows: Rows
    colours: int
    image: Image
    ratio: float = 1.0

    @classmethod
    def blank(cls, axis: TimeAxis, rows: Rows, colours: int, ratio: float = 1.0) -> TimelineImage:
        """Return an image with nothing on it."""
        size = (round(rows.height * ratio), round(rows.width * ratio))
        return cls(axis, rows, colours, np.zeros(size, np.uint8), ratio)

    def draw_stems(self, zaps: ZapTable, scale: LogScale, track: Track) -> Stems:
        """Draw the zaps of a run standing on the baseline of a track, and return their parts.

        A zap of all memory is a full stem, one of a range a thin one with a square on top;
        contended zaps carry a cap.
        """
        parts = stems(zaps, self.axis, scale)
        x = parts.x.astype(np.intp)
        top, bottom = _ys(track, parts.high), _ys(track, parts.low)
        top = np.minimum(top, bottom - 1)
        ink = self._vcpu_inks(parts.vcpu)
        thin = parts.partial
        self._fill(x[~thin], top[~thin], bottom[~thin], ink[~thin], _STEM_PX)
        self._fill(x[thin] + 1, top[thin], bottom[thin], ink[thin], 1)
        square = parts.is_top & thin
        self._fill(x[square], top[square] - 1, top[square] + 2, ink[square], _STEM_PX)
        cap = parts.is_top & parts.contended
        ink = np.full(len(x), Ink.TEXT, np.uint8)
        self._fill(x[cap], top[cap] - _CAP_PX, top[cap], ink[cap], COLUMN_PX)
        return parts

    def draw_hanging(self, zaps: ZapTable, scale: LogScale, track: Track) -> None:
        """Draw the zaps of the compared run hanging from a baseline, at the same scale."""
        parts = stems(zaps, self.axis, scale)
        top = np.full(len(parts), track.baseline + 2, np.intp)
        bottom = top + np.rint(parts.high * track.stems_px).astype(np.intp)
        ink = np.full(len(parts), Ink.FAINT, np.uint8)
        self._fill(parts.x.astype(np.intp), top, bottom, ink, _STEM_PX)

    def draw_count(
        self, times_ns: NDArray[np.int64], most: int, ink: Ink, track: Track, *, dotted: bool
    ) -> None:
        """Draw the running count as a step line, ``most`` being at the top of a track."""
        x, counts = count_steps(times_ns, self.axis)
        every = np.arange(int(x[0]), int(x[-1]) + 1)
        level = _ys(track, counts / most)[np.searchsorted(x, every, "right") - 1]
        before = np.append(level[:1], level[:-1])
        top, bottom = np.minimum(level, before) - 1, np.maximum(level, before)
        shown = every % _DOT_EVERY_PX < (_DOT_EVERY_PX // 2 if dotted else _DOT_EVERY_PX)
        inks = np.full(len(every), ink, np.uint8)
        self._fill(every[shown], top[shown], bottom[shown], inks[shown], 1)

    def draw_differences(self, kinds: NDArray[np.uint8]) -> None:
        """Draw the lane of differences: the kind of each pixel column of the axis, 0 for none."""
        if self.rows.differences is None:
            return
        top, bottom = self.rows.differences
        edges = np.rint(top + np.array(_KIND_SPANS).T * (bottom - top)).astype(np.intp)
        x = np.flatnonzero(kinds)
        low, high = edges[:, kinds[x]]
        self._fill(x + self.axis.left, low, high, Ink.FIRST_KIND + kinds[x], 1)

    def draw_faults(self, faults: FaultTimes) -> None:
        """Draw the lane of faults: a bar for each pixel column, its parts coloured by type.

        A column with nothing beside it is as wide as a mark, so that single faults are seen.
        """
        if self.rows.faults is None or not len(faults):
            return
        top, bottom = self.rows.faults
        counts = faults.counts(self.axis)
        parts = bar_parts(counts, bottom - top - 2)
        ends = np.cumsum(parts, axis=0)
        alone = _is_alone(counts.sum(axis=0) > 0)
        for kind, part, end in zip(faults.kinds, parts, ends, strict=True):
            for width, chosen in ((1, ~alone), (_MARK_PX, alone)):
                x = np.flatnonzero((part > 0) & chosen)
                ink = np.full(len(x), Ink.FIRST_TYPE + kind, np.uint8)
                high, low = bottom - end[x], bottom - end[x] + part[x]
                self._fill(x + self.axis.left, high, low, ink, width)

    def draw_touches(self, touches: TouchTimes) -> None:
        """Draw the lane of touches: how many there are in each pixel column, and single ones.

        Hand-written ones are ticks in the colours of their vCPUs where they begin, on a line for
        as long as they last.
        """
        if self.rows.touches is None or not len(touches):
            return
        top, bottom = self.rows.touches
        counts = touches.counts(self.axis)
        bars = bar_parts(counts[np.newaxis], bottom - top - 1)[0]
        alone = _is_alone(counts > 0)
        for width, chosen in ((1, ~alone), (_MARK_PX, alone)):
            x = np.flatnonzero((bars > 0) & chosen)
            self._fill(
                x + self.axis.left,
                bottom - bars[x],
                np.full(len(x), bottom),
                np.full(len(x), Ink.FAINT),
                width,
            )
        x = np.flatnonzero(touches.lasting(self.axis))
        below = np.full(len(x), bottom)
        self._fill(x + self.axis.left, below - 2, below, np.full(len(x), Ink.DIM), 1)
        x, vcpu = touches.starts(self.axis)
        below = np.full(len(x), bottom)
        self._fill(x, np.full(len(x), top), below, self._vcpu_inks(vcpu), _MARK_PX)

    def draw_events(self, events: LaneEvents) -> None:
        """Draw the events of the vCPUs in their lanes, each kind in its part of the lane."""
        columns = events.columns(self.axis)
        columns = columns[columns[:, 1] >= 0]
        for mark, (first, last) in _MARK_SPANS.items():
            _, lane, x = columns[columns[:, 0] == mark].T
            self._draw_mark(mark, lane, x, (first, last), shared=events.vcpus_per_lane > 1)

    def _draw_mark(
        self, mark: Mark, lane: _Ints, x: _Ints, span: tuple[float, float], *, shared: bool
    ) -> None:
        tops = np.array(self.rows.lane_tops, np.intp)
        lane_top, room = tops[lane] + 1, np.diff(tops)[lane] - 1
        top = lane_top + np.rint(span[0] * room).astype(np.intp)
        bottom = np.maximum(top + 2, lane_top + np.rint(span[1] * room).astype(np.intp))
        fixed = _MARK_INKS.get(mark, Ink.TEXT if shared else None)
        ink = self._vcpu_inks(lane) if fixed is None else np.full(len(x), fixed, np.uint8)
        self._fill(x, top, bottom, ink, _MARK_PX)
        if mark in (Mark.USER, Mark.REFUSED):
            # a bar across: at the top for the user's own, through the middle for a refused one
            bar = lane_top if mark is Mark.USER else lane_top + room // 2
            self._fill(x - 2, bar, bar + 2, ink, _MARK_PX + 4)

    def _vcpu_inks(self, vcpu: NDArray[np.integer]) -> Image:
        inks = Ink.FIRST_VCPU + vcpu % self.colours
        return np.where(vcpu < 0, Ink.TEXT, inks).astype(np.uint8)

    def _fill(
        self, x: _Ints, top: _Ints, bottom: _Ints, ink: NDArray[np.integer], width: int
    ) -> None:
        """Fill rectangles ``width`` wide from row ``top`` to above ``bottom``, later ones over."""
        inside = (x >= self.axis.left - OVERHANG_PX) & (x + width <= self.axis.right + OVERHANG_PX)
        x, right, ink = self._sharp(x[inside]), self._sharp(x[inside] + width), ink[inside]
        top, bottom = self._sharp(top[inside]), self._sharp(bottom[inside])
        top = np.maximum(top, 0)
        lengths = np.maximum(np.minimum(bottom, len(self.image)) - top, 0)
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        row = np.arange(total) + np.repeat(top - (ends - lengths), lengths)
        place = row * self.image.shape[1] + np.repeat(x, lengths)
        widths = np.repeat(right - x, lengths)
        inks, pixels = np.repeat(ink, lengths), self.image.reshape(-1)
        for offset in range(int(widths.max(initial=0))):
            covered = widths > offset
            pixels[place[covered] + offset] = inks[covered]

    def _sharp(self, place: _Ints) -> _Ints:
        """Return the pixels of the image at which pixels of the widget begin."""
        return np.floor(place * self.ratio + 0.5).astype(np.intp)


def _ys(track: Track, share: NDArray[np.float64]) -> _Ints:
    """Return the heights of shares of a track's scale."""
    return track.baseline - np.rint(share * track.stems_px).astype(np.intp)


def _is_alone(filled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which columns have nothing in the columns beside them."""
    padded = np.pad(filled, 1)
    return filled & ~padded[:-2] & ~padded[2:]

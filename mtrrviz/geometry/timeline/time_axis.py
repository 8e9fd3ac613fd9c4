"""The time axis: nanoseconds to pixels and back, zooming, panning, and where its ticks go."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The closest a user can look: this many nanoseconds over the whole width.
MIN_SPAN_NS = 1_000.0
#: Nanoseconds between ticks, and into how many parts the smaller ticks cut that.
_NICE = ((1, 5), (2, 4), (5, 5))
_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns"))


class Tick(Record):
    """A mark on the axis; ``text`` is empty for a small one."""

    time_ns: int
    text: str = ""


class TimeAxis(Record):
    """A stretch of time over a stretch of pixels.

    ``start_ns`` lies at pixel ``left``, ``end_ns`` at ``left + width``; both are floats, so that
    zooming in and out again does not drift. The stretch always lies within [0, duration_ns].
    """

    duration_ns: int
    start_ns: float
    end_ns: float
    left: int
    width: int

    @classmethod
    def fitted(cls, duration_ns: int, left: int, width: int) -> TimeAxis:
        """Return the axis that shows the whole scenario."""
        duration_ns = max(1, duration_ns)
        return cls(duration_ns, 0.0, float(duration_ns), left, max(1, width))

    @property
    def span_ns(self) -> float:
        """Length of the stretch that is shown."""
        return self.end_ns - self.start_ns

    @property
    def right(self) -> int:
        """The pixel of ``end_ns``."""
        return self.left + self.width

    def x(self, time_ns: float) -> float:
        """Return the pixel of a time, which may lie outside the axis."""
        return self.left + (time_ns - self.start_ns) * (self.width / self.span_ns)

    def xs(self, times_ns: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the whole pixels of times, int32; far outside ones are clamped."""
        return np.clip(np.floor(self._pixels(times_ns)), -(1 << 20), 1 << 20).astype(np.int32)

    def rounded_xs(self, times_ns: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the nearest pixels of times, intp, as :func:`round` does of :meth:`x`."""
        return np.rint(self._pixels(times_ns)).astype(np.intp)

    def _pixels(self, times_ns: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
        return self.left + (times_ns - self.start_ns) * (self.width / self.span_ns)

    def first_rows(self, times_ns: NDArray[np.int64]) -> tuple[int, NDArray[np.intp]]:
        """Return the pixel of the first of ascending times, and where from there pixels begin.

        Of each pixel up to that of the last time it is the first row that is not before it; the
        number of rows comes last.
        """
        first, last = self.xs(times_ns[[0, -1]]).tolist() if len(times_ns) else (0, -1)
        pixels = np.arange(first, last + 1)
        low, high = np.zeros(len(pixels), np.intp), np.full(len(pixels), len(times_ns), np.intp)
        while (open_ := low < high).any():
            middle = (low + high) // 2
            is_before = open_ & (self.xs(times_ns[np.minimum(middle, high - 1)]) < pixels)
            low = np.where(is_before, middle + 1, low)
            high = np.where(open_ & ~is_before, middle, high)
        return first, np.append(low, len(times_ns))

    def time_ns(self, x: float) -> int:
        """Return the time at a pixel, kept within the scenario."""
        time_ns = self.start_ns + (x - self.left) * (self.span_ns / self.width)
        return min(max(0, round(time_ns)), self.duration_ns)

    def around(self, x: float, reach_px: int) -> tuple[int, int]:
        """Return the first and the last time within so many pixels of one."""
        ns_per_px = self.span_ns / self.width
        at_ns, reach_ns = self.start_ns + (x - self.left) * ns_per_px, reach_px * ns_per_px
        return floor(at_ns - reach_ns), ceil(at_ns + reach_ns)

    def rows_around(self, times_ns: NDArray[np.int64], x: float, reach_px: int) -> slice:
        """Return which of ascending times lie within so many pixels of one."""
        low, high = self.around(x, reach_px)
        first, end = np.searchsorted(times_ns, np.array([low, high + 1], np.int64))
        return slice(int(first), int(end))

    def counts(self, times_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many of ascending times lie in each pixel column, that of the end too."""
        edges = self.start_ns + np.arange(self.width + 2) * (self.span_ns / self.width)
        # a pixel holds the whole nanoseconds from its left edge up to its right one
        return np.diff(np.searchsorted(times_ns, np.ceil(edges).astype(np.int64)))

    def zoomed(self, x: float, factor: float) -> TimeAxis:
        """Return the axis with ``factor`` times as much detail; the time at ``x`` stays there."""
        share = (x - self.left) / self.width
        pivot = self.start_ns + share * self.span_ns
        span = self._allowed_span(self.span_ns / factor)
        return self._shown(pivot - share * span, span)

    def panned(self, pixels: float) -> TimeAxis:
        """Return the axis moved so that its content goes ``pixels`` to the left."""
        return self._shown(self.start_ns + pixels * (self.span_ns / self.width), self.span_ns)

    def spanning(self, first_ns: float, second_ns: float, margin: float = 0.05) -> TimeAxis:
        """Return the axis that shows the stretch between two times with a margin at each side."""
        low, high = min(first_ns, second_ns), max(first_ns, second_ns)
        span = self._allowed_span((high - low) * (1 + 2 * margin))
        return self._shown((low + high - span) / 2, span)

    def fit(self) -> TimeAxis:
        """Return the axis that shows the whole scenario."""
        return self.fitted(self.duration_ns, self.left, self.width)

    def resized(self, left: int, width: int) -> TimeAxis:
        """Return the axis with the same times over other pixels."""
        return replace(self, left=left, width=max(1, width))

    def showing(self, time_ns: float) -> TimeAxis:
        """Return the axis, moved only if ``time_ns`` lies outside: then it comes to the middle."""
        if self.start_ns <= time_ns <= self.end_ns:
            return self
        return self._shown(time_ns - self.span_ns / 2, self.span_ns)

    def _allowed_span(self, span_ns: float) -> float:
        return min(max(MIN_SPAN_NS, span_ns), float(self.duration_ns))

    def _shown(self, start_ns: float, span_ns: float) -> TimeAxis:
        start_ns = min(max(0.0, start_ns), self.duration_ns - span_ns)
        return replace(self, start_ns=start_ns, end_ns=start_ns + span_ns)

    def ticks(self, spacing_px: int = 90) -> list[Tick]:
        """Return ticks at round times, named ones at least ``spacing_px`` apart."""
        step, parts = nice_step(spacing_px * self.span_ns / self.width)
        small = max(1, step // parts)
        first = int(np.ceil(self.start_ns / small))
        last = int(np.floor(self.end_ns / small))
        times = (number * small for number in range(first, last + 1))
        return [Tick(t, "" if t % step else _tick_text(t, step)) for t in times]


def nice_step(least_ns: float) -> tuple[int, int]:
    """Return the smallest 1, 2 or 5 times a power of ten from ``least_ns`` on, and its parts."""
    power = 1
    while True:
        for digit, parts in _NICE:
            if digit * power >= least_ns:
                return digit * power, parts
        power *= 10


def _tick_text(time_ns: int, step_ns: int) -> str:
    """Write a tick's time with as many decimals as tell it from its neighbours."""
    if time_ns == 0:
        return "0 s"
    unit_ns, unit = next((ns, name) for ns, name in _UNITS if time_ns >= ns)
    decimals = 0
    while step_ns * 10**decimals % unit_ns and decimals < 9:
        decimals += 1
    return f"{time_ns / unit_ns:.{decimals}f} {unit}"

"""How many leaves of each kind are in each dot at any time, without looking at every leaf.

Births are in order of time and deaths are put so once a run. Counts are kept at some times
("keyframes"); for another time only what happened since the keyframe before is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sorting import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Births and deaths from one keyframe to the next.
_EVENTS_BETWEEN = 1 << 16


class LiveCounts:
    """Counts of live leaves by bin, from the bins (0 to ``bins`` - 1) of births and of deaths.

    ``born_ns`` and ``died_ns`` int64 are their times, ascending.
    """

    def __init__(
        self,
        births: tuple[NDArray[np.int64], NDArray[np.integer]],
        deaths: tuple[NDArray[np.int64], NDArray[np.integer]],
        bins: int,
    ) -> None:
        self._born_ns, self._births = births
        self._died_ns, self._deaths = deaths
        self._bins = bins
        self._keyframes = [np.zeros(bins, np.intp)]
        self._times = self._keyframe_times()
        for time_ns in self._times[1:].tolist():
            self._keyframes.append(self._advanced(len(self._keyframes) - 1, time_ns))

    def _keyframe_times(self) -> NDArray[np.int64]:
        """Return the times of the keyframes; the first lies before everything."""
        count = len(self._born_ns) + len(self._died_ns)
        start = np.array([np.iinfo(np.int64).min], np.int64)
        if count < 2 * _EVENTS_BETWEEN:
            return start
        times = np.sort(np.concatenate([self._born_ns, self._died_ns]), kind="stable")
        return np.concatenate([start, distinct(times[_EVENTS_BETWEEN::_EVENTS_BETWEEN])])

    def at(self, time_ns: int) -> NDArray[np.intp]:
        """Return the count of each bin at a time."""
        frame = int(np.searchsorted(self._times, np.int64(time_ns), "right")) - 1
        return self._advanced(frame, time_ns)

    def _advanced(self, frame: int, time_ns: int) -> NDArray[np.intp]:
        """Return a keyframe's counts with what happened from then until ``time_ns``."""
        bounds = np.array([self._times[frame], time_ns], np.int64)
        born = np.searchsorted(self._born_ns, bounds, "right")
        died = np.searchsorted(self._died_ns, bounds, "right")
        counts = self._keyframes[frame]
        if born[0] < born[1]:
            counts = counts + np.bincount(self._births[born[0] : born[1]], minlength=self._bins)
        if died[0] < died[1]:
            counts = counts - np.bincount(self._deaths[died[0] : died[1]], minlength=self._bins)
        return counts

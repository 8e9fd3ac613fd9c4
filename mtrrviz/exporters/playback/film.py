"""A film: which moments of a scenario its frames show, how long each, and how much there may be."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.facts.time_text import exact_text

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FPS = 50
"""Frames a second at most: browsers show GIFs that are faster than this at ten frames a second."""
MOST_FRAMES = 3000
MOST_PIXELS = 4_000_000_000
"""Pixels of all frames together at most: 3000 frames of some 1280x1024."""
MOST_BYTES = 512 << 20
"""Bytes of all that is written at most."""

_SECOND_NS = 1_000_000_000


class Film(Record):
    """Shows [start_ns, end_ns] at ``pace`` scenario seconds a second, ``fps`` frames a second.

    The first frame shows the start and the last one the end. MtrrvizError for a span that is
    empty, and for more frames than :data:`MOST_FRAMES`.
    """

    start_ns: int
    end_ns: int
    pace: float
    fps: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ns < self.end_ns:
            start, end = exact_text(self.start_ns), exact_text(self.end_ns)
            raise MtrrvizError(f"a film from {start} to {end} has no frames: the end must be later")
        if not 1 <= self.fps <= MOST_FPS:
            raise MtrrvizError(f"{self.fps} frames a second (expected 1 to {MOST_FPS})")
        if not (math.isfinite(self.pace) and self.pace > 0):
            raise MtrrvizError(f"a pace of {self.pace:g} (expected more than 0)")
        if self.frames > MOST_FRAMES:
            raise MtrrvizError(
                f"{self.frames:,} frames are too many (at most {MOST_FRAMES:,}):"
                " choose a shorter span, a faster pace or fewer frames a second"
            )

    @property
    def _step_ns(self) -> Fraction:
        """Scenario time from one frame to the next."""
        return Fraction(self.pace) * _SECOND_NS / self.fps

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return math.ceil((self.end_ns - self.start_ns) / self._step_ns) + 1

    @property
    def seconds(self) -> float:
        """How long the film lasts."""
        return self.frames / self.fps

    def times_ns(self) -> Iterator[int]:
        """Yield the scenario time of each frame, ascending; the last is the end."""
        for frame in range(self.frames - 1):
            yield self.start_ns + round(frame * self._step_ns)
        yield self.end_ns

    def delays(self, a_second: int) -> Iterator[int]:
        """Yield how long each frame is shown, in units of which there are ``a_second``.

        Rounded so that the film as a whole keeps its pace.
        """
        ends = [round(Fraction(frame * a_second, self.fps)) for frame in range(self.frames + 1)]
        yield from (end - start for start, end in pairwise(ends))

    def require_size(self, width_px: int, height_px: int) -> None:
        """Raise MtrrvizError if frames of this size are too much together."""
        pixels = self.frames * width_px * height_px
        if pixels > MOST_PIXELS:
            raise MtrrvizError(
                f"{self.frames:,} frames of {width_px}x{height_px} pixels are"
                f" {pixels / 1e9:.1f} billion pixels (at most {MOST_PIXELS / 1e9:g}):"
                " choose fewer or smaller frames"
            )

    @property
    def words(self) -> str:
        """What will be made, before it is."""
        frames = f"{self.frames:,} frames"
        return f"{frames}, {self.seconds:.1f} s of film, at most {MOST_BYTES >> 20} MiB"

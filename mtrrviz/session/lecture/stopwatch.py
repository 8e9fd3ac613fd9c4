"""How long a lecture has lasted."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Stopwatch:
    """Runs from when it is made or reset; ``now_s`` is a clock in seconds that never goes back."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s = now_s
        self._start_s = now_s()

    def reset(self) -> None:
        """Begin again at zero."""
        self._start_s = self._now_s()

    @property
    def elapsed_s(self) -> int:
        """The whole seconds since it was started."""
        return int(self._now_s() - self._start_s)

    @property
    def words(self) -> str:
        """The time since it was started as hours, minutes and seconds: "0:07:42"."""
        minutes, seconds = divmod(self.elapsed_s, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}"

"""How far a long command is, on stderr, so that its results can go elsewhere."""

from __future__ import annotations

import sys

#: Where stderr is no terminal, so many lines are printed in all.
_LINES = 10


class Progress:
    """A callback for (done, in all): one line that is written over, or ten where it cannot be."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._overwrites = sys.stderr.isatty()
        self._shown = 0

    def __call__(self, done: int, total: int) -> None:
        """Show how much is done."""
        words = f"{done} of {total} {self._what}"
        if self._overwrites:
            end = "\n" if done == total else ""
            print(f"\r{words}", end=end, file=sys.stderr, flush=True)
        elif done * _LINES // total > self._shown:
            self._shown = done * _LINES // total
            print(words, file=sys.stderr, flush=True)

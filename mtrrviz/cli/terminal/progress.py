"""Progress of a long command: a line on a terminal that is written over, and nothing elsewhere."""

from __future__ import annotations

from mtrrviz.cli.terminal.aside import say_over


class Progress:
    """A callback for (done, in all) of some ``what``: points, rows, frames."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, done: int, total: int) -> None:
        """Show how much is done; the line is taken away at the end."""
        say_over(f"{done} of {total} {self._what}" if done < total else "")

"""What is said of a moment that the playhead was taken to: what happens then, what stopped it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.stops import stop_words
from mtrrviz.facts.happenings import happening_words
from mtrrviz.facts.time_text import short_clock_text

if TYPE_CHECKING:
    from mtrrviz.session.playing.stopping import Stop
    from mtrrviz.sim.run import Run


def moment_words(run: Run | None, time_ns: int) -> str:
    """Return the time and what happens at it: "0.800 s: vCPU 1 read 0x140_0000: fault, ..."."""
    happens = "" if run is None else happening_words(run, time_ns)
    time = short_clock_text(time_ns)
    return f"{time}: {happens}" if happens else time


def stopped_words(run: Run | None, stop: Stop) -> str:
    """Return where playing stopped, by which conditions, and what happens there."""
    why = "; ".join(map(stop_words, stop.conditions))
    happens = "" if run is None else happening_words(run, stop.time_ns)
    said = f"Stopped at {short_clock_text(stop.time_ns)}: {why}"
    return f"{said}. {happens}" if happens else said

"""Shifting all that happens from a time on: events, touches, phases, bookmarks, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.session.edits.edit import Edit, time_words

if TYPE_CHECKING:
    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Touches


def shift_after(scenario: Scenario, time_ns: int, by_ns: int) -> Edit:
    """Move all that begins at or after ``time_ns`` by ``by_ns``; below 0 is earlier.

    Nothing may come before what happened earlier: MtrrvizError says what would. Recorded touches
    move along; the scenario has them, its events and its phases for itself from then on. What a
    trace shows of the real EPT cannot be moved.
    """
    if len(scenario.observed):
        raise MtrrvizError("this scenario has what a trace shows of the real EPT: it cannot move")
    _check_room(scenario, time_ns, by_ns)

    def moved(at_ns: int) -> int:
        return at_ns + by_ns if at_ns >= time_ns else at_ns

    shifted = replace(
        scenario,
        events=_later(scenario.events, scenario.first_event_at(time_ns), by_ns),
        sweeps=tuple(replace(s, time_ns=moved(s.time_ns)) for s in scenario.sweeps),
        phases=tuple(replace(p, start_ns=moved(p.start_ns)) for p in scenario.phases),
        bookmarks=tuple(replace(b, time_ns=moved(b.time_ns)) for b in scenario.bookmarks),
        recorded=_shifted(scenario.recorded, time_ns, by_ns),
        recording=None,
        duration_ns=scenario.duration_ns + by_ns,
        duration_is_modelled=False,
    )
    label = f"Shift all after {time_words(time_ns)} by {by_ns / 1e9:+.6f} s"
    return Edit(label, shifted, min(time_ns, time_ns + by_ns), max(0, time_ns + by_ns))


def _check_room(scenario: Scenario, time_ns: int, by_ns: int) -> None:
    """Refuse to move what happens later before what happens earlier."""
    first = scenario.first_event_at(time_ns)
    earlier = scenario.events.time_ns[:first][-1:].tolist()
    earlier += [s.time_ns + s.lasts_ns for s in scenario.sweeps if s.time_ns < time_ns]
    earlier += [phase.start_ns for phase in scenario.phases if phase.start_ns < time_ns]
    recorded = scenario.recorded.time_ns
    count = int(np.searchsorted(recorded, np.int64(time_ns)))
    earlier += [int(recorded[count - 1])] if count else []
    last_ns = max(earlier, default=0)
    if time_ns + by_ns < last_ns:
        raise MtrrvizError(
            f"something happens at {time_words(last_ns)}: what comes after "
            f"{time_words(time_ns)} can be moved back to then at most"
        )


def _later(events: EventList, first: int, by_ns: int) -> EventList:
    """Return events of which those from ``first`` on are later; none of them passes another."""
    for event in events[-1:]:
        replace(event, time_ns=event.time_ns + by_ns)  # raises if no event may be at that time
    return events.later(np.arange(first, len(events)), by_ns)


def _shifted(touches: Touches, time_ns: int, by_ns: int) -> Touches:
    if not len(touches) or touches.end_ns < time_ns:
        return touches
    times = np.where(touches.time_ns >= time_ns, touches.time_ns + by_ns, touches.time_ns)
    return replace(touches, time_ns=times)

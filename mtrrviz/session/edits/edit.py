"""A finished edit of a scenario. Nothing is changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.session.edits.limits import check_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Scenario

#: How the first word of a label is said of an edit that was made.
PAST_TENSE = {
    "Add": "Added",
    "Attach": "Attached",
    "Change": "Changed",
    "Clear": "Cleared",
    "Describe": "Described",
    "Detach": "Detached",
    "Disable": "Disabled",
    "Duplicate": "Duplicated",
    "Lengthen": "Lengthened",
    "Move": "Moved",
    "Paint": "Painted",
    "Paste": "Pasted",
    "Record": "Recorded",
    "Remove": "Removed",
    "Rename": "Renamed",
    "Save": "Saved",
    "Restore": "Restored",
    "See": "Showed",
    "Set": "Set",
    "Shift": "Shifted",
    "Solve": "Solved",
    "Split": "Split",
    "Switch": "Switched",
    "Touch": "Touched",
    "Want": "Wanted",
    "Write": "Wrote",
}


class Edit(Record):
    """A finished edit: what to call it, the scenario after it, and which times it concerns.

    ``label`` begins with a verb of :data:`PAST_TENSE`. Nothing before ``since_ns`` is different;
    ``until_ns`` is when its last event has happened, None where the time shown should stay.
    ``acts`` says that something was done to the machine then, which a recording takes. MtrrvizError
    for a scenario that could be saved, and not be opened again.
    """

    label: str
    scenario: Scenario
    since_ns: int
    until_ns: int | None = None
    acts: bool = False

    def __post_init__(self) -> None:
        check_limits(self.scenario)

    @property
    def done(self) -> str:
        """What was done, in the past tense: "Wrote IA32_PAT = 0x0 on vCPU 1"."""
        return past_tense(self.label)


def past_tense(label: str) -> str:
    """Return the label of an edit as said once it is made; its verb is in :data:`PAST_TENSE`."""
    verb, space, rest = label.partition(" ")
    return f"{PAST_TENSE[verb]}{space}{rest}"


def inserting(scenario: Scenario, label: str, events: Sequence[Event]) -> Edit:
    """Return the edit that does ``events``, of which there is at least one, to the machine."""
    for event in events:
        scenario = scenario.inserting(event)
    return Edit(label, scenario, events[0].time_ns, events[-1].time_ns, acts=True)


def time_words(time_ns: int) -> str:
    """Return a time as labels and messages say it."""
    return f"{time_ns / 1e9:.6f} s"

"""What a journal is to hold: the document after an edit, and the steps that led there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.session.undo_history import WantedStep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.view import View
    from mtrrviz.session.undo_history import AnyStep
    from mtrrviz.session.wanted.wanted_edits import Wanted


class WorkState(Record):
    """A scenario and a wanted map, and which step led to them; ``edits`` are not saved then."""

    step: int
    label: str
    edits: int
    scenario: Scenario
    wanted: Wanted | None


class EditedWork(Record):
    """The document after an edit, and the steps that led to it; ``edits`` are not saved.

    It may be unsaved without one, as where its file was removed.
    """

    scenario: Scenario
    path: Path | None
    original: Original | None
    steps: tuple[AnyStep, ...]
    edits: int
    view: View
    wanted: Wanted | None
    is_modified: bool

    def states(self) -> Iterator[WorkState]:
        """Give the newest state, then that before each step, as long as the data are the same."""
        scenario, wanted, edits = self.scenario, self.wanted, self.edits
        for step in range(len(self.steps), 0, -1):
            made = self.steps[step - 1]
            yield WorkState(step, made.label, edits, scenario, wanted)
            if isinstance(made, WantedStep):
                wanted = made.before
            elif _has_same_data(made.before, scenario):
                scenario, edits = made.before, edits - 1
            else:
                return
        yield WorkState(0, "", edits, scenario, wanted)


def _has_same_data(one: Scenario, two: Scenario) -> bool:
    """Whether both have the same recorded touches and leaves, from the same files if any."""
    pairs = ((one.recorded, two.recorded), (one.observed, two.observed))
    if not any(len(data) for pair in pairs for data in pair):
        return True
    if any(a is not b and (len(a) or len(b)) for a, b in pairs):
        return False
    places = [scenario.recording and scenario.recording.directory for scenario in (one, two)]
    return places[0] == places[1]

"""Undo and redo: two lists of steps, each with the scenario or wanted map before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.wanted.wanted_edits import Wanted


class UndoStep(Record):
    """An edit that was made: its name, the scenarios around it, and when they begin to differ."""

    label: str
    before: Scenario
    after: Scenario
    since_ns: int


class WantedStep(Record):
    """An edit of the wanted map: its name and the maps around it; None for the machine's own."""

    label: str
    before: Wanted | None
    after: Wanted | None


AnyStep = UndoStep | WantedStep


class UndoHistory:
    """The steps that undo and redo walk."""

    def __init__(self, done: Sequence[AnyStep] = ()) -> None:
        self._done: list[AnyStep] = list(done)
        self._undone: list[AnyStep] = []

    @property
    def steps(self) -> tuple[AnyStep, ...]:
        """The steps that undo can take back, oldest first."""
        return tuple(self._done)

    @property
    def undo_label(self) -> str | None:
        """Name of the step that undo takes back."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """Name of the step that redo makes again."""
        return self._undone[-1].label if self._undone else None

    @property
    def edit_count(self) -> int:
        """Number of edits of the scenario that undo can take back."""
        return sum(isinstance(step, UndoStep) for step in self._done)

    def push(self, step: AnyStep) -> None:
        """Add a step; what was undone can no longer be redone."""
        self._done.append(step)
        self._undone.clear()

    def extend(self, step: UndoStep) -> None:
        """Add a step that goes on with what the last one, of the same name, did."""
        last = self._done[-1] if self._done else None
        if isinstance(last, UndoStep) and last.label == step.label and last.after is step.before:
            self._done.pop()
            step = replace(step, before=last.before, since_ns=min(last.since_ns, step.since_ns))
        self.push(step)

    def undo(self) -> AnyStep | None:
        """Move back one step and return it, or None at the start."""
        return self._move(self._done, self._undone)

    def redo(self) -> AnyStep | None:
        """Move forward one step and return it, or None at the end."""
        return self._move(self._undone, self._done)

    @staticmethod
    def _move(source: list[AnyStep], target: list[AnyStep]) -> AnyStep | None:
        if not source:
            return None
        target.append(source.pop())
        return target[-1]

    def holds(self, scenario: Scenario) -> bool:
        """Whether undo or redo leads to a scenario."""
        steps = (step for step in (*self._done, *self._undone) if isinstance(step, UndoStep))
        return any(scenario in (step.before, step.after) for step in steps)

    def rename(self, old: Scenario, new: Scenario) -> None:
        """Let ``new``, an equal scenario, stand for ``old`` in all steps."""
        for steps in (self._done, self._undone):
            steps[:] = [_renamed(step, old, new) for step in steps]


def _renamed(step: AnyStep, old: Scenario, new: Scenario) -> AnyStep:
    if isinstance(step, WantedStep):
        return step
    before = new if step.before is old else step.before
    after = new if step.after is old else step.after
    return replace(step, before=before, after=after)

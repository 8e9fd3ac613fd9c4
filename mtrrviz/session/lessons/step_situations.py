"""What a step opens with: the learner's own scenario where there is one, else the lesson's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from mtrrviz.lessons.keeping import kept_scenario, situation_of
from mtrrviz.lessons.opening import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.lessons.lesson import Lesson, LessonStep
    from mtrrviz.lessons.progress import LessonProgress
    from mtrrviz.lessons.situation import Situation


def segment(steps: Sequence[LessonStep], index: int) -> int:
    """Return the number of the step that opens the scenario that a step is about."""
    opening = (at for at in range(index, -1, -1) if steps[at].show.scenario is not None)
    return next(opening, 0)


def again(lesson: Lesson, index: int, before: Situation) -> Situation:
    """Return what a step shows in the scenario that is open, as the learner has it."""
    show = structs.replace(lesson.steps[index].show, scenario=None)
    return shown(show, before, lesson.file)


def begun(lesson: Lesson, progress: LessonProgress) -> Situation:
    """Return what the step of a progress opens with.

    Steps before it that were done left their scenario: the last of them counts. Steps since then
    are shown one after the other. MtrrvizError for what cannot be opened.
    """
    steps, index = lesson.steps, progress.step
    first = segment(steps, index)
    now: Situation | None = None
    for at in range(index - 1, first - 1, -1):
        kept = progress.of(steps[at].name).situation
        if kept is not None:
            now = situation_of(kept, kept_scenario(progress, kept.scenario, lesson))
            first = at + 1
            break
    for at in range(first, index + 1):
        now = shown(steps[at].show, now, lesson.file) if now is None else again(lesson, at, now)
    assert now is not None  # noqa: S101 - the first step of a segment opens a scenario
    return now

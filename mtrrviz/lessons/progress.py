"""How far a learner is in a lesson, as data: what a file of it may say, and how it grows.

The same file is a learner's result: what was done and answered, never whether it was right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, structs

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.lesson_schema import Name
from mtrrviz.scenario.files.bounded_file import FileProblemError, bounded_bytes
from mtrrviz.scenario.files.schema import MAX_SECONDS, Strict
from mtrrviz.scenario.scenario_error import printable

if TYPE_CHECKING:
    from pathlib import Path

PROGRESS_VERSION = 1
MAX_PROGRESS_BYTES = 16 << 20
MAX_ANSWERS = 100
"""Answers to one step that are kept: the first ones, and the last."""
_MAX_SCENARIO_CHARS = 4 << 20
_MAX_NS = int(MAX_SECONDS * 1e9)

_Word = Annotated[str, Meta(max_length=200)]
_FileStem = Annotated[str, Meta(pattern=r"^[^/\x00-\x1f\x7f]{1,255}$")]
_Gfn = Annotated[int, Meta(ge=0, lt=1 << 52)]


class KeptSituation(Strict, frozen=True, kw_only=True):
    """The situation in which a step was done; ``scenario`` counts the texts of the progress."""

    scenario: Annotated[int, Meta(ge=0, lt=100)]
    policy: _Word
    compared: _Word | None = None
    time_ns: Annotated[int, Meta(ge=0, le=_MAX_NS)] = 0
    vcpu: Annotated[int, Meta(ge=0, lt=255)] = 0
    gfns: tuple[_Gfn, _Gfn] | None = None
    register: Annotated[int, Meta(ge=-1, lt=1 << 32)] | None = None
    panel: _Word = ""
    map_mode: _Word = "one"


class StepProgress(Strict, frozen=True, kw_only=True):
    """What a learner did in a step; ``is_done`` is what the program found then."""

    answers: Annotated[tuple[_Word, ...], Meta(max_length=MAX_ANSWERS)] = ()
    hints: Annotated[int, Meta(ge=0, le=10)] = 0
    is_done: bool = False
    situation: KeptSituation | None = None


NOTHING_DONE = StepProgress()


class LessonProgress(Strict, frozen=True, kw_only=True):
    """How far a learner is: ``step`` is the number of the step that is shown, from 0.

    ``steps`` are by name; ``scenarios`` the texts of the scenarios as they were, each once.
    """

    lesson: _FileStem
    version: Annotated[int, Meta(ge=PROGRESS_VERSION, le=PROGRESS_VERSION)] = PROGRESS_VERSION
    learner: _Word = ""
    step: Annotated[int, Meta(ge=0, lt=1000)] = 0
    steps: Annotated[dict[Name, StepProgress], Meta(max_length=100)] = msgspec.field(
        default_factory=dict
    )
    scenarios: Annotated[
        tuple[Annotated[str, Meta(max_length=_MAX_SCENARIO_CHARS)], ...], Meta(max_length=100)
    ] = ()

    def of(self, step: str) -> StepProgress:
        """Return what was done in the step of a name."""
        return self.steps.get(step, NOTHING_DONE)

    def at(self, step: int) -> LessonProgress:
        """Return the progress with another step shown."""
        return structs.replace(self, step=step)

    def answered(self, step: str, answer: str) -> LessonProgress:
        """Return the progress after an answer; of very many, the first ones and this are kept."""
        before = self.of(step)
        answers = (*before.answers[: MAX_ANSWERS - 1], answer[:200])
        return self._with(step, structs.replace(before, answers=answers))

    def hinted(self, step: str) -> LessonProgress:
        """Return the progress after one more hint."""
        before = self.of(step)
        return self._with(step, structs.replace(before, hints=min(before.hints + 1, 10)))

    def done(self, step: str, situation: KeptSituation | None = None) -> LessonProgress:
        """Return the progress after a step was done, in a situation that is kept for a teacher."""
        done = structs.replace(self.of(step), is_done=True, situation=situation)
        return self._with(step, done)

    def keeping(self, scenario: str) -> tuple[LessonProgress, int]:
        """Return the progress with a scenario's text, and the number of it."""
        if scenario in self.scenarios:
            return self, self.scenarios.index(scenario)
        kept = structs.replace(self, scenarios=(*self.scenarios, scenario))
        return kept, len(self.scenarios)

    def restarted(self) -> LessonProgress:
        """Return the progress of the same learner before the first step."""
        return LessonProgress(lesson=self.lesson, learner=self.learner)

    def with_steps_of(self, other: LessonProgress) -> LessonProgress:
        """Return the progress with the steps that ``other`` has done and this has not."""
        progress, steps = self, dict(self.steps)
        for name, theirs in other.steps.items():
            mine, place = self.steps.get(name), theirs.situation
            if mine is not None and (mine.is_done or not theirs.is_done):
                continue
            if place is not None and place.scenario < len(other.scenarios):
                progress, number = progress.keeping(other.scenarios[place.scenario])
                place = structs.replace(place, scenario=number)
            steps[name] = structs.replace(theirs, situation=place)
        return structs.replace(progress, steps=steps)

    def tidied(self) -> LessonProgress:
        """Return the progress without scenarios that no step was done in any more."""
        kept = [done.situation for done in self.steps.values() if done.situation]
        used = sorted({situation.scenario for situation in kept})
        steps = {
            name: structs.replace(
                done,
                situation=done.situation
                and structs.replace(done.situation, scenario=used.index(done.situation.scenario)),
            )
            for name, done in self.steps.items()
        }
        texts = tuple(self.scenarios[number] for number in used)
        return structs.replace(self, steps=steps, scenarios=texts)

    def _with(self, step: str, done: StepProgress) -> LessonProgress:
        return structs.replace(self, steps={**self.steps, step: done})


def progress_text(progress: LessonProgress) -> str:
    """Return the JSON text of a progress; :func:`parse_progress` gives an equal one."""
    return msgspec.json.format(msgspec.json.encode(progress), indent=1).decode()


def parse_progress(data: bytes, file: str) -> LessonProgress:
    """Return the progress in the bytes of a file, which messages name.

    Raises MtrrvizError for what is no progress, with the place that is wrong.
    """
    name = printable(file, longest=len(file))
    try:
        return msgspec.json.decode(data, type=LessonProgress)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = printable(str(error)) or "it is nested too deeply"
        expected = "the result of a lesson, saved by mtrrviz"
        raise MtrrvizError(f"{name}: {problem} (expected {expected})") from error


def read_progress(path: Path) -> LessonProgress:
    """Return the progress in a file; MtrrvizError if it cannot be read or is none."""
    try:
        data = bounded_bytes(path, MAX_PROGRESS_BYTES, "the result of a lesson")
    except FileProblemError as error:
        name = printable(str(path), longest=len(str(path)))
        raise MtrrvizError(f"{name}: {error.problem} (expected {error.expected})") from error
    return parse_progress(data, str(path))

"""The lesson that is open: which step is shown, and what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import structs
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.lessons.answers.asked_about import asks_for_one
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.judging import Verdict, judge
from mtrrviz.lessons.keeping import done_in
from mtrrviz.lessons.lesson import AnswerTask, DoTask
from mtrrviz.lessons.situation import SimulatedRuns
from mtrrviz.session.changes import Change
from mtrrviz.session.lessons.document_situation import Look, show_situation, situation_in
from mtrrviz.session.lessons.step_situations import again, begun, segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.lessons.answers.answer_kind import AnswerKind
    from mtrrviz.lessons.lesson import Lesson, LessonStep
    from mtrrviz.lessons.progress import LessonProgress
    from mtrrviz.lessons.situation import Situation
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document
    from mtrrviz.session.runs import Executor

CANNOT_SHOW = "cannot-show"
"""The kind of a verdict that says why a step cannot be shown or judged."""


class Classroom(Record):
    """What a lesson needs of what is around it.

    ``executor`` does what may take long, as a document's does. ``keep`` is given each new progress.
    ``tell`` is called when something is to be shown anew, with words to say aloud or "". ``look``
    tells what the window shows, ``show_panel`` brings a panel up. ``may_discard`` asks about
    unsaved changes before another scenario is opened.
    """

    executor: Executor
    keep: Callable[[LessonProgress], None]
    tell: Callable[[str], None]
    look: Callable[[], Look] = Look
    show_panel: Callable[[str], None] = lambda _name: None
    may_discard: Callable[[], bool] = lambda: True


class OpenLesson:
    """A lesson in the hands of a learner, who works on the document as ever."""

    def __init__(
        self, lesson: Lesson, document: Document, progress: LessonProgress, room: Classroom
    ) -> None:
        self.lesson = lesson
        self._document = document
        self._progress = progress.at(min(progress.step, len(lesson.steps) - 1))
        self._room = room
        self._runs = SimulatedRuns()
        self._shown: Situation | None = None
        self._kept: Scenario | None = None
        self._is_ours = self._is_opening = False
        self._is_judging = self._must_judge = False
        self._visit = 0
        self._verdict: Verdict | None = None
        self._answer_kind: AnswerKind | None = None
        self._unsubscribe = document.subscribe(self._document_changed)

    # What there is to show

    @property
    def progress(self) -> LessonProgress:
        """How far the learner is."""
        return self._progress

    @property
    def index(self) -> int:
        """The number of the step that is shown, from 0."""
        return self._progress.step

    @property
    def step(self) -> LessonStep:
        """The step that is shown."""
        return self.lesson.steps[self.index]

    @property
    def is_last(self) -> bool:
        """Whether no step comes after the one that is shown."""
        return self.index == len(self.lesson.steps) - 1

    @property
    def is_done(self) -> bool:
        """Whether the step is done, or asks for nothing."""
        return self.step.task is None or self._progress.of(self.step.name).is_done

    @property
    def verdict(self) -> Verdict | None:
        """What came of the step when it was looked at last; None before that."""
        return self._verdict

    @property
    def answer_kind(self) -> AnswerKind | None:
        """What is to be answered, once the step is shown; None where nothing or a choice is."""
        return self._answer_kind

    @property
    def asks_for_one(self) -> bool:
        """Whether what is to be answered is one thing, and not several."""
        task = self.step.task
        if not isinstance(task, AnswerTask) or self._shown is None:
            return True
        return asks_for_one(task.question, self._shown)

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints of the step that were given."""
        return self.step.hints[: self._progress.of(self.step.name).hints]

    @property
    def is_opening(self) -> bool:
        """Whether what the step shows is still being made."""
        return self._is_opening

    @property
    def is_elsewhere(self) -> bool:
        """Whether something else than the lesson's scenario is open."""
        return self._shown is not None and not self._is_ours

    @property
    def is_changed(self) -> bool:
        """Whether the lesson's scenario is another one than when the step was shown."""
        shown = self._shown
        return shown is not None and self._is_ours and self._document.scenario is not shown.scenario

    @property
    def kept_scenario(self) -> Scenario | None:
        """What is open, if the lesson opened it and can open it again as it is; otherwise None."""
        scenario = self._document.scenario
        is_kept = self._is_ours and self._document.path is None and scenario is self._kept
        return scenario if is_kept else None

    @property
    def done_count(self) -> int:
        """The number of tasks that are done."""
        steps = (step for step in self.lesson.steps if step.task is not None)
        return sum(self._progress.of(step.name).is_done for step in steps)

    # Going through it

    def begin(self) -> bool:
        """Show the step that the learner was at; False if unsaved changes are to be kept first."""
        return self._go(self.index, is_afresh=True)

    def next(self) -> bool:
        """Show the next step, if there is one."""
        return not self.is_last and self._go(self.index + 1)

    def back(self) -> bool:
        """Show the step before, if there is one."""
        return self.index > 0 and self._go(self.index - 1)

    def show_again(self) -> bool:
        """Open what the step shows as it was when the step began, without the learner's edits."""
        return self._go(self.index, is_afresh=True)

    def restart(self) -> bool:
        """Forget what was done and begin with the first step."""
        return self._go(0, is_afresh=True, forgets=True)

    def end(self) -> None:
        """Come back, if at all, to the first task that is not done."""
        steps = enumerate(self.lesson.steps)
        left = (
            index
            for index, step in steps
            if step.task is not None and not self._progress.of(step.name).is_done
        )
        self._keep_progress(self._progress.at(next(left, self.index)))

    def leave(self) -> None:
        """Listen to the document no longer; what is open there stays."""
        self._visit += 1
        self._unsubscribe()

    def _go(self, index: int, *, is_afresh: bool = False, forgets: bool = False) -> bool:
        """Go to a step; ``is_afresh`` opens its scenario even where it is open already.

        ``forgets`` begins the progress anew. False if unsaved changes are to be kept first.
        """
        stays = (
            not is_afresh and self._is_ours and self._segment(index) == self._segment(self.index)
        )
        if not stays and not self._consents():
            return False
        self._visit += 1
        self._is_opening, self._verdict, self._answer_kind = True, None, None
        self._is_judging = self._must_judge = False
        progress = self._progress.restarted() if forgets else self._progress
        self._keep_progress(progress.at(index))
        before = situation_in(self._document, self._room.look(), self._runs) if stays else None
        work = partial(_opened, self.lesson, self._progress, before, self._runs)
        self._room.executor(work, partial(self._show, self._visit))
        return True

    def _segment(self, index: int) -> int:
        return segment(self.lesson.steps, index)

    def _consents(self) -> bool:
        """Whether another scenario may be opened: one that is the lesson's own may go unasked."""
        document = self._document
        is_own = self._is_ours and document.path is None
        return is_own or not document.is_modified or self._room.may_discard()

    def _show(self, visit: int, made: tuple[Situation, AnswerKind | None] | MtrrvizError) -> None:
        if visit != self._visit:
            return
        if isinstance(made, MtrrvizError):
            self._is_opening = False
            self._verdict = Verdict(is_done=False, wrong=CANNOT_SHOW, advice=str(made))
            self._room.tell(str(made))
            return
        self._shown, self._answer_kind = made
        before = self._document.scenario
        show_situation(self._document, self._shown, self._room.look())
        if self._document.scenario is not before:  # opened, as it can be opened again
            self._kept = self._document.scenario
        self._is_ours, self._is_opening = True, False
        if self.step.show.panel is not None:
            self._room.show_panel(self.step.show.panel)
        self._room.tell(f"{self.place_words}: {self.step.title}")
        self.look_again()

    @property
    def place_words(self) -> str:
        """Where one is: "Step 3 of 8"."""
        return f"Step {self.index + 1} of {len(self.lesson.steps)}"

    # Judging

    def look_again(self) -> None:
        """Judge what is to be done, as things are now; does not wait for the outcome."""
        if isinstance(self.step.task, DoTask) and not self.is_done:
            self._judge(None)

    def check(self, answer: str | None = None) -> None:
        """Judge an answer, or what was done; does not wait for the outcome."""
        if answer is not None:
            self._keep_progress(self._progress.answered(self.step.name, answer))
        self._judge(answer)

    def give_hint(self) -> str:
        """Give the next hint and return it; "" if there is none left."""
        given = len(self.hints)
        if given >= len(self.step.hints):
            return ""
        self._keep_progress(self._progress.hinted(self.step.name))
        self._room.tell("")
        return self.step.hints[given]

    def name_learner(self, name: str) -> None:
        """Note who does the lesson."""
        self._keep_progress(structs.replace(self._progress, learner=name))

    def _judge(self, answer: str | None) -> None:
        """Judge in the background; while that goes on, what changes is looked at afterwards."""
        if self._shown is None or self._is_opening:
            return
        if answer is None and (self._is_judging or self._waits_for_run):
            self._must_judge = self._is_judging
            return
        situation = self.situation
        self._is_judging, self._must_judge = True, False
        self._visit += 1  # an answer that is still being judged counts no longer
        work = partial(_judged, self.step, situation, answer)
        self._room.executor(work, partial(self._take, self._visit, answer))

    @property
    def _waits_for_run(self) -> bool:
        """Whether the run that is shown is yet to come: one looks again when it does."""
        return self._is_ours and self._document.is_simulating

    @property
    def situation(self) -> Situation:
        """The situation that counts: the learner's now; for an answer what the step showed."""
        now = situation_in(self._document, self._room.look(), self._runs)
        if self._shown is None:
            return now
        if not self._is_ours:
            return self._shown
        if isinstance(self.step.task, DoTask):
            return now
        return replace(self._shown, scenario=now.scenario, runs=now.runs)

    def _take(self, visit: int, answer: str | None, judged: tuple[Verdict, Situation]) -> None:
        if visit != self._visit:
            return
        self._is_judging = False
        verdict, situation = judged
        before, self._verdict = self._verdict, verdict
        if verdict.is_done and not self._progress.of(self.step.name).is_done:
            self._keep_progress(done_in(self._progress, self.lesson, self.step, situation))
            self._kept = situation.scenario
            self._room.tell("Done.")
        elif answer is not None or verdict != before:
            self._room.tell("" if answer is None and not verdict.wrong else _aloud(verdict))
        if self._must_judge:
            self.look_again()

    def _keep_progress(self, progress: LessonProgress) -> None:
        self._progress = progress
        self._room.keep(progress)

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.OPENED in changes and not self._is_opening:
            self._is_ours = False
            self._room.tell("")


def _aloud(verdict: Verdict) -> str:
    return "That is right." if verdict.is_done else verdict.advice


def _opened(
    lesson: Lesson, progress: LessonProgress, before: Situation | None, runs: SimulatedRuns
) -> tuple[Situation, AnswerKind | None] | MtrrvizError:
    """Return what a step shows, in the scenario that is open or opened afresh, and what it asks."""
    task = lesson.steps[progress.step].task
    try:
        if before is not None:
            made = again(lesson, progress.step, before)
        else:
            made = replace(begun(lesson, progress), runs=runs)
        kind = answer_of(task.question, made).kind if isinstance(task, AnswerTask) else None
    except MtrrvizError as error:
        return error
    return made, kind


def _judged(
    step: LessonStep, situation: Situation, answer: str | None
) -> tuple[Verdict, Situation]:
    """Judge in a situation, and return it too; what the scenario lacks is the verdict's advice."""
    try:
        return judge(step, situation, answer), situation
    except MtrrvizError as error:
        return Verdict(is_done=False, wrong=CANNOT_SHOW, advice=str(error)), situation

"""Answers about times: where the playhead is, and when a run fulfils a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.comparing.compare import compare
from mtrrviz.analysis.stops import needs_comparison, stop_times
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.answers import questions as asked
from mtrrviz.lessons.answers.answer_kind import AnswerKind, AnswerValues, one
from mtrrviz.lessons.names_of_scenario import stop_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.lessons.situation import Situation
    from mtrrviz.scenario.files.schema import StopFile


def moments(content: StopFile, situation: Situation, policy: str | None = None) -> list[int]:
    """Return when the run fulfils a condition, in nanoseconds; MtrrvizError for a wrong one."""
    stop = stop_of(content, situation.scenario.machine)
    run = situation.run(policy)
    if not needs_comparison(stop):
        return stop_times(stop, run).tolist()
    if situation.compared_id is None:
        raise MtrrvizError("nothing is compared (expected a policy to compare with)")
    comparison = compare(run, situation.run(situation.compared_id))
    return stop_times(stop, run, comparison).tolist()


def _moment(question: asked.MomentQuestion, situation: Situation) -> AnswerValues:
    times = moments(question.stop, situation, question.policy)
    chosen = {"first": times[:1], "last": times[-1:], "every": times}[question.which]
    return AnswerValues(AnswerKind.TIME, frozenset(chosen))


def _playhead(_question: asked.PlayheadQuestion, situation: Situation) -> AnswerValues:
    return one(AnswerKind.TIME, situation.time_ns)


ANSWERS: dict[type[asked.ModelQuestion], Callable[[Any, Situation], AnswerValues]] = {
    asked.MomentQuestion: _moment,
    asked.PlayheadQuestion: _playhead,
}

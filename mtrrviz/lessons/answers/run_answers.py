"""Answers about a run as a whole or up to a time: zaps and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.facts.figures import Figures, figures_until
from mtrrviz.lessons.answers import questions as asked
from mtrrviz.lessons.answers.answer_kind import AnswerKind, AnswerValues, one
from mtrrviz.lessons.answers.asked_about import time_of
from mtrrviz.lessons.names_of_scenario import vcpu_of
from mtrrviz.sim.tables import ZapCause

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.lessons.situation import Situation

_NS = 1_000_000_000
_FIGURES: dict[str, tuple[AnswerKind, Callable[[Figures], float]]] = {
    "faults": (AnswerKind.NUMBER, lambda figures: figures.faults),
    "refaults": (AnswerKind.NUMBER, lambda figures: figures.refaults),
    "leaves-dropped": (AnswerKind.NUMBER, lambda figures: figures.leaves_dropped),
    "contended-zaps": (AnswerKind.NUMBER, lambda figures: figures.contended_zaps),
    "zap-mcycles": (AnswerKind.NUMBER, lambda figures: round(figures.zap_mcycles, 3)),
    "stall-s": (AnswerKind.TIME, lambda figures: round(figures.stall_s * _NS)),
    "boot-s": (AnswerKind.TIME, lambda figures: round(figures.boot_s * _NS)),
}


def _zaps(question: asked.ZapsQuestion, situation: Situation) -> AnswerValues:
    zaps = situation.run(question.policy).zaps
    count = zaps.until(time_of(question, situation))
    counted = np.ones(count, np.bool_)
    if question.vcpu is not None:
        vcpu = vcpu_of(question.vcpu, situation.scenario.machine)
        counted &= zaps.vcpu[:count] == vcpu
    if question.cause is not None:
        (cause,) = (cause for cause in ZapCause if cause.words == question.cause)
        counted &= zaps.cause[:count] == cause
    return one(AnswerKind.NUMBER, int(np.count_nonzero(counted)))


def _zap_vcpus(question: asked.ZapVcpuQuestion, situation: Situation) -> AnswerValues:
    zaps = situation.run(question.policy).zaps
    vcpus = zaps.vcpu[zaps.at(time_of(question, situation))]
    return AnswerValues(AnswerKind.VCPU, frozenset(int(vcpu) for vcpu in vcpus if vcpu >= 0))


def _figure(question: asked.FigureQuestion, situation: Situation) -> AnswerValues:
    kind, value = _FIGURES[question.figure]
    run = situation.run(question.policy)
    return one(kind, value(figures_until(run, time_of(question, situation))))


ANSWERS: dict[type[asked.ModelQuestion], Callable[[Any, Situation], AnswerValues]] = {
    asked.ZapsQuestion: _zaps,
    asked.ZapVcpuQuestion: _zap_vcpus,
    asked.FigureQuestion: _figure,
}

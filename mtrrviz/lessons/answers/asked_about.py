"""What a question is about, in a situation: its time, state, pages and vCPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.answers.questions import PagesQuestion
from mtrrviz.lessons.names_of_scenario import page_of, range_of, region_gfns, vcpu_of
from mtrrviz.scenario.files.checking.numbers import nanoseconds

if TYPE_CHECKING:
    from mtrrviz.lessons.answers.questions import ModelQuestion
    from mtrrviz.lessons.situation import Situation
    from mtrrviz.sim.run import State


def time_of(question: ModelQuestion, situation: Situation) -> int:
    """Return the time that a question is about, in nanoseconds."""
    end_ns = situation.scenario.duration_ns
    if question.at == "now":
        return situation.time_ns
    if question.at == "end":
        return end_ns
    time_ns = nanoseconds(float(question.at))
    if time_ns > end_ns:
        problem = f"the scenario is over at {question.at} s"
        raise MtrrvizError(f"{problem} (expected at most {end_ns / 1e9:g})")
    return time_ns


def state_of(question: ModelQuestion, situation: Situation) -> State:
    """Return the state that a question is about."""
    return situation.state(time_of(question, situation), question.policy)


def names_pages(question: PagesQuestion) -> bool:
    """Whether a question says which pages it is about."""
    return not (
        question.page is None
        and question.region is None
        and question.start is None
        and question.size is None
    )


def gfns_of(question: PagesQuestion, situation: Situation) -> tuple[int, int]:
    """Return the gfns [first, end) that a question is about."""
    machine = situation.scenario.machine
    if question.page is not None:
        gfn = page_of(question.page, machine)
        return gfn, gfn + 1
    if question.region is not None:
        return region_gfns(question.region, machine)
    if names_pages(question):
        return range_of(question.start, question.size, machine)
    if situation.gfns is None:
        raise MtrrvizError("no page is selected (expected page, region, or start and size)")
    return situation.gfns


def asks_for_one(question: ModelQuestion, situation: Situation) -> bool:
    """Whether a question has one answer at most: it is about one page and one vCPU."""
    if getattr(question, "vcpu", None) == "every":
        return False
    if not isinstance(question, PagesQuestion):
        return True
    first, end = gfns_of(question, situation)
    return end == first + 1


def vcpus_of(vcpu: int | str, situation: Situation) -> range:
    """Return the vCPUs that a question is about."""
    machine = situation.scenario.machine
    if vcpu == "every":
        return range(machine.vcpus)
    number = vcpu_of(situation.vcpu if isinstance(vcpu, str) else vcpu, machine)
    return range(number, number + 1)

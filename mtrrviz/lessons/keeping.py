"""Situations as data: how a learner's is kept in a progress, and made again from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.policies import get_policy
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.lessons.names_of_scenario import vcpu_of
from mtrrviz.lessons.progress import KeptSituation, LessonProgress
from mtrrviz.lessons.situation import Situation
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import text_beside

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson import Lesson, LessonStep
    from mtrrviz.scenario.model import Scenario


def done_in(
    progress: LessonProgress, lesson: Lesson, step: LessonStep, situation: Situation
) -> LessonProgress:
    """Return the progress after a step was done in a situation, which is kept with it."""
    text = text_beside(situation.scenario, Path(lesson.file).parent)
    progress, number = progress.keeping(f"# {situation.scenario.name}\n{text}")
    kept = KeptSituation(
        scenario=number,
        policy=situation.policy_id,
        compared=situation.compared_id,
        time_ns=situation.time_ns,
        vcpu=situation.vcpu,
        gfns=situation.gfns,
        register=situation.register,
        panel=situation.panel,
        map_mode=situation.map_mode,
    )
    return progress.done(step.name, kept).tidied()


def kept_scenario(progress: LessonProgress, number: int, lesson: Lesson) -> Scenario:
    """Return a scenario of a progress; MtrrvizError for one that is wrong or not there."""
    if number >= len(progress.scenarios):
        raise MtrrvizError(f"there is no scenario {number} (expected {len(progress.scenarios)})")
    text = progress.scenarios[number]
    name = text.partition("\n")[0].removeprefix("# ")[:100]
    return parse_scenario(text, f"{name}.toml", Path(lesson.file).parent)


def situation_of(kept: KeptSituation, scenario: Scenario) -> Situation:
    """Return the situation of a learner again; MtrrvizError for what the scenario does not have."""
    vcpu_of(kept.vcpu, scenario.machine)
    end = 1 << (scenario.machine.maxphyaddr - PAGE_SHIFT)
    if kept.gfns is not None and not kept.gfns[0] < kept.gfns[1] <= end:
        raise MtrrvizError("the selected range is none (expected pages of the machine)")
    if kept.register is not None and kept.register not in REGISTERS:
        raise MtrrvizError(f"{kept.register:#x} is no register (expected an MTRR, the PAT or CR0)")
    return Situation(
        scenario,
        policy_id=get_policy(kept.policy).id,
        compared_id=kept.compared and get_policy(kept.compared).id,
        time_ns=min(kept.time_ns, scenario.duration_ns),
        vcpu=kept.vcpu,
        gfns=kept.gfns,
        register=kept.register,
        panel=kept.panel,
        map_mode=kept.map_mode,
    )

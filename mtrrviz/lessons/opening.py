"""From what a step shows to the situation that it opens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import DEFAULT_COMPARED_ID, DEFAULT_POLICY_ID, compared_with, get_policy
from mtrrviz.importers.opening import open_request, request_for
from mtrrviz.lessons.answers.moment_answers import moments
from mtrrviz.lessons.names_of_scenario import (
    bookmark_ns,
    page_of,
    phase_ns,
    range_of,
    region_gfns,
    register_of,
    vcpu_of,
)
from mtrrviz.lessons.panel_names import PANELS
from mtrrviz.lessons.situation import Situation
from mtrrviz.scenario.files.checking.numbers import nanoseconds
from mtrrviz.scenario.library import builtin_paths

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson_schema import ShowFile
    from mtrrviz.scenario.model import Scenario

_MOMENT_KEYS = ("at", "bookmark", "phase", "moment")


def scenario_path(name: str, lesson_file: str) -> Path:
    """Return the file of a lesson's scenario: a built-in one's, or one beside the lesson.

    The latter may be a log, as a machine printed it. MtrrvizError if there is no such file; a
    lesson names no files elsewhere.
    """
    builtin = builtin_paths()
    if name in builtin:
        return builtin[name]
    beside = Path(lesson_file).parent / name
    if Path(name).name == name and beside.is_file():
        return beside
    expected = f"a file beside the lesson or one of {', '.join(builtin)}"
    raise MtrrvizError(f"there is no scenario {name!r} (expected {expected})")


def scenario_of(name: str, lesson_file: str) -> Scenario:
    """Return a lesson's scenario, a log read as the program opens one.

    Raises MtrrvizError if there is no such file, or nothing in it can be read.
    """
    return open_request(request_for([scenario_path(name, lesson_file)])).scenario


def opened(scenario: Scenario) -> Situation:
    """Return the situation in which a scenario opens: at its view, else at its start."""
    view = scenario.view
    first = view.time_ns
    policy_id = view.policy or DEFAULT_POLICY_ID
    usual_id = compared_with(policy_id, DEFAULT_POLICY_ID, DEFAULT_COMPARED_ID)
    return Situation(
        scenario,
        policy_id=policy_id,
        compared_id=view.compared or usual_id,
        time_ns=0 if first is None else first,
        vcpu=view.vcpu or 0,
        gfns=None if view.gfn is None else (view.gfn, view.gfn + 1),
        map_mode=view.map_mode or "one",
    )


def shown(show: ShowFile, before: Situation | None, lesson_file: str) -> Situation:
    """Return the situation that a step shows; what it does not name stays as it was before.

    As in the window, a policy that was the compared one swaps with the one that was used.
    Raises MtrrvizError for names that the scenario does not have.
    """
    if show.scenario is not None:
        before = opened(scenario_of(show.scenario, lesson_file))
    if before is None:
        raise MtrrvizError("no scenario is open (expected show.scenario in the first step)")
    machine = before.scenario.machine
    policy_id = before.policy_id if show.policy is None else get_policy(show.policy).id
    compared_id = before.compared_id
    if show.compare is not None:
        compared_id = get_policy(show.compare).id
    elif compared_id is not None:
        compared_id = compared_with(policy_id, before.policy_id, compared_id)
    if show.panel is not None and show.panel not in PANELS:
        expected = ", ".join(PANELS)
        raise MtrrvizError(f"there is no panel {show.panel!r} (expected {expected})")
    now = replace(
        before,
        policy_id=policy_id,
        compared_id=compared_id,
        vcpu=before.vcpu if show.vcpu is None else vcpu_of(show.vcpu, machine),
        gfns=_gfns(show, before),
        register=before.register if show.register is None else register_of(show.register),
        panel=show.panel or before.panel,
        map_mode=show.map or before.map_mode,
    )
    return replace(now, time_ns=_time_ns(show, now))


def _gfns(show: ShowFile, before: Situation) -> tuple[int, int] | None:
    """Return the page or the range that is selected."""
    machine = before.scenario.machine
    if show.page is not None:
        gfn = page_of(show.page, machine)
        return gfn, gfn + 1
    if show.region is not None:
        return region_gfns(show.region, machine)
    if show.start is None and show.size is None:
        return before.gfns
    return range_of(show.start, show.size, machine)


def _time_ns(show: ShowFile, now: Situation) -> int:
    """Return where the playhead is."""
    named = [key for key in _MOMENT_KEYS if getattr(show, key) is not None]
    if len(named) > 1:
        raise MtrrvizError(f"the step names two moments (expected one of {', '.join(named)})")
    scenario = now.scenario
    if show.bookmark is not None:
        return bookmark_ns(show.bookmark, scenario)
    if show.phase is not None:
        return phase_ns(show.phase, scenario)
    if show.moment is not None:
        times = moments(show.moment, now)
        if not times:
            raise MtrrvizError("the moment never comes (expected one that the run reaches)")
        return times[0]
    if show.at is None:
        return now.time_ns
    time_ns = scenario.duration_ns if isinstance(show.at, str) else nanoseconds(show.at)
    if time_ns > scenario.duration_ns:
        end_s = scenario.duration_ns / 1e9
        raise MtrrvizError(f"the scenario is over at {show.at} s (expected at most {end_s:g})")
    return time_ns

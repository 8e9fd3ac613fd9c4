"""Edits of the conditions at which playing stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.analysis.stops import stop_words
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.session.edits.story_edits import change_stops

if TYPE_CHECKING:
    from collections.abc import Collection

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.session.edits.edit import Edit


def stop_index(scenario: Scenario, stop: StopCondition) -> int | None:
    """Return which condition is the same as ``stop``, switched on or not; None if none is."""
    wanted = replace(stop, is_on=True)
    found = (i for i, one in enumerate(scenario.stops) if replace(one, is_on=True) == wanted)
    return next(found, None)


def add_stop(scenario: Scenario, stop: StopCondition) -> Edit:
    """Add a condition; MtrrvizError if it is there already."""
    _check_new(scenario, stop, None)
    return change_stops(scenario, f"Add stop: {stop_words(stop)}", [*scenario.stops, stop])


def change_stop(scenario: Scenario, index: int, stop: StopCondition) -> Edit:
    """Replace the condition at ``index``; MtrrvizError if that is there already."""
    _check_new(scenario, stop, index)
    stops = [*scenario.stops[:index], stop, *scenario.stops[index + 1 :]]
    return change_stops(scenario, f"Change stop to: {stop_words(stop)}", stops)


def switch_stop(scenario: Scenario, index: int, *, is_on: bool) -> Edit:
    """Switch the condition at ``index`` on or off."""
    stop = replace(scenario.stops[index], is_on=is_on)
    stops = [*scenario.stops[:index], stop, *scenario.stops[index + 1 :]]
    words = f"Switch {'on' if is_on else 'off'} stop: {stop_words(stop)}"
    return change_stops(scenario, words, stops)


def remove_stops(scenario: Scenario, indices: Collection[int]) -> Edit:
    """Take the conditions at ``indices``, of which there is at least one, out."""
    kept = [stop for i, stop in enumerate(scenario.stops) if i not in indices]
    if len(indices) > 1:
        return change_stops(scenario, f"Remove {len(indices)} stops", kept)
    words = stop_words(scenario.stops[next(iter(indices))])
    return change_stops(scenario, f"Remove stop: {words}", kept)


def _check_new(scenario: Scenario, stop: StopCondition, index: int | None) -> None:
    if stop_index(scenario, stop) not in (None, index):
        raise MtrrvizError(f"there is a stop already for when {stop_words(stop)}")

"""The policies of a situation, as the window has them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.lessons.lesson_schema import ShowFile
from mtrrviz.lessons.opening import opened, shown
from mtrrviz.scenario.view import View
from mtrrviz.session.document import Document

SHOWS = [
    ShowFile(policy="per-vm"),
    ShowFile(policy="kvm-6.11"),
    ShowFile(compare="kvm-6.7"),
    ShowFile(policy="per-vm", compare="kvm-6.7"),
    ShowFile(),
]


def policies_of(document):
    return document.policy, document.compared_policy


@pytest.mark.parametrize("show", SHOWS)
def test_a_step_leaves_the_policies_that_the_window_would_have(small, show):
    document = Document(small.scenario)
    if show.policy is not None:
        document.set_policy(show.policy)
    if show.compare is not None:
        document.set_compared_policy(show.compare)
    now = shown(show, small, "x.md")
    assert (now.policy_id, now.compared_id) == policies_of(document)


@pytest.mark.parametrize("view", [View(), View(policy="per-vm"), View(compared="kvm-6.7")])
def test_a_scenario_opens_with_the_policies_that_the_window_would_have(small, view):
    scenario = replace(small.scenario, view=view)
    found = opened(scenario)
    assert (found.policy_id, found.compared_id) == policies_of(Document(scenario))

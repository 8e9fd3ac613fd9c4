"""What a step opens with, by what the learner left in the steps before it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.lessons.keeping import done_in
from mtrrviz.lessons.opening import opened
from mtrrviz.lessons.progress import LessonProgress
from mtrrviz.lessons.reading.read_lesson import parse_lesson
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.lessons.step_situations import begun, segment

SECOND = 1_000_000_000
HEAD = '+++\ntitle = "T"\ngoal = "G"\nminutes = 1\n+++\n'
SHOWN = ('scenario = "sandbox"\nat = 1', "vcpu = 1", "at = 2", 'scenario = "small-machine"', "at=0")
LESSON = parse_lesson(
    HEAD
    + "".join(
        f'\n```step\nname = "s{at}"\n[show]\n{shows}\n```\n' for at, shows in enumerate(SHOWN)
    ),
    "t.md",
    "t",
)


def at_step(step, **policies):
    """Begin a step after those named (s0="per-vm") were done, 3 s late, under a policy each."""
    progress = LessonProgress(lesson="t").at(step)
    for name, policy in policies.items():
        left = replace(
            opened(open_scenario("sandbox")), policy_id=policy, compared_id=None, time_ns=3 * SECOND
        )
        progress = done_in(progress, LESSON, LESSON.steps[int(name[1:])], left)
    return begun(LESSON, progress)


def test_a_segment_begins_with_the_last_step_that_opens_a_scenario():
    assert [segment(LESSON.steps, index) for index in range(5)] == [0, 0, 0, 3, 3]


@pytest.mark.parametrize(
    ("step", "name", "time_s", "vcpu"),
    [(0, "sandbox", 1, 0), (1, "sandbox", 1, 1), (2, "sandbox", 2, 1), (4, "small-machine", 0, 0)],
)
def test_without_anything_done_the_steps_of_a_segment_are_shown_one_after_the_other(
    step, name, time_s, vcpu
):
    now = at_step(step)
    assert (now.scenario.name, now.time_ns, now.vcpu) == (name, time_s * SECOND, vcpu)


def test_a_step_after_one_that_was_done_shows_its_own_in_what_was_left():
    now = at_step(1, s0="per-vm")
    assert (now.policy_id, now.time_ns, now.vcpu) == ("per-vm", 3 * SECOND, 1)


def test_steps_since_the_last_one_done_are_shown_too():
    now = at_step(2, s0="per-vm")
    assert (now.policy_id, now.time_ns, now.vcpu) == ("per-vm", 2 * SECOND, 1)


def test_of_several_steps_done_the_last_one_counts():
    assert at_step(2, s0="per-vm", s1="kvm-6.7").policy_id == "kvm-6.7"
    assert at_step(2, s0="kvm-6.7", s1="per-vm").policy_id == "per-vm"


def test_what_was_left_in_another_scenario_does_not_count():
    now = at_step(3, s0="kvm-6.7", s2="kvm-6.7")
    assert (now.scenario.name, now.policy_id) == ("small-machine", at_step(3).policy_id)
    assert now.policy_id != "kvm-6.7"


def test_a_step_that_was_done_opens_as_it_is_shown():
    now = at_step(2, s2="kvm-6.7")
    assert (now.policy_id, now.time_ns) == (at_step(2).policy_id, 2 * SECOND)
    assert now.policy_id != "kvm-6.7"

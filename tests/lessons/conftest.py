"""Lessons made of a few lines, and what their steps come to."""

from __future__ import annotations

import pytest

from mtrrviz.lessons.opening import opened
from mtrrviz.lessons.reading.read_lesson import parse_lesson
from mtrrviz.scenario.library import open_scenario

HEADER = '+++\ntitle = "T"\ngoal = "G"\nminutes = 5\n+++\n'
SHOW = '[show]\nscenario = "small-machine"\n'


def lesson_text(*blocks: str) -> str:
    """Return a lesson of steps, each the TOML of its block; the first block is on line 8."""
    steps = [f"# Step {at}\n\n```step\n{block}\n```\n" for at, block in enumerate(blocks)]
    return HEADER + "\n".join(steps)


def lesson_of(*blocks: str):
    """Return the lesson of some blocks."""
    return parse_lesson(lesson_text(*blocks), "x.md", "x")


@pytest.fixture(scope="session")
def small():
    """The small machine as it opens, its runs shared by all tests."""
    return opened(open_scenario("small-machine"))

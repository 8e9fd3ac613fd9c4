"""docs/lessons.md tells all that a lesson may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrrviz.lessons.answers.condition import Combining, Comparing
from mtrrviz.lessons.answers.questions import QUESTIONS
from mtrrviz.lessons.lesson_schema import (
    ChooseFile,
    HeaderFile,
    OptionFile,
    ShowFile,
    SolutionFile,
    StepFile,
    WrongFile,
)
from mtrrviz.lessons.panel_names import PANELS

TABLES = (HeaderFile, StepFile, ShowFile, ChooseFile, OptionFile, WrongFile, SolutionFile)


@pytest.fixture(scope="module")
def text():
    return (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")


def test_every_key_question_and_condition_is_told(text):
    keys = {key for table in (*TABLES, *QUESTIONS.values()) for key in table.__struct_fields__}
    words = {*keys, *QUESTIONS, *Comparing, *Combining, *PANELS}
    assert not [word for word in words if word not in text]


def test_every_question_has_a_row(text):
    assert not [word for word in QUESTIONS if f"| `{word}` |" not in text]

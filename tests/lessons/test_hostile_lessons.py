"""Whatever a file holds, it is a lesson or is refused with its lines."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.lessons.checking_lesson import check_lesson
from mtrrviz.lessons.lesson_fault import LessonError
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.reading.read_lesson import parse_lesson
from tests.lessons.conftest import SHOW, lesson_text

SHIPPED = lesson_paths()["variable-ranges"].read_text(encoding="utf-8")
LINES = SHIPPED.splitlines()


def parsed(text):
    """Return the lesson of a text, None if it is refused in the right form."""
    try:
        return parse_lesson(text, "x.md", "x")
    except LessonError as error:
        refused = error
    assert refused.faults
    assert all("\n" not in line and line.startswith("x.md") for line in refused.lines)
    count = len(text.splitlines()) + 2
    assert all(0 <= fault.line <= count for fault in refused.faults)
    return None


@given(st.text())
def test_any_text(text):
    parsed(text)
    parsed(lesson_text(text))


@given(
    st.integers(0, len(LINES) - 1),
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["drop", "swap", "double", "cut"]),
)
@settings(max_examples=60)
def test_a_lesson_with_a_line_out_of_place(first, second, how):
    lines = LINES.copy()
    if how == "drop":
        del lines[first]
    elif how == "swap":
        lines[first], lines[second] = lines[second], lines[first]
    elif how == "double":
        lines.insert(second, lines[first])
    else:
        lines = lines[:first]
    parsed("\n".join(lines))


_KEYS = st.sampled_from(
    ["ask", "page", "start", "size", "at", "vcpu", "is", "has", "at_most", "source", "pair", "part"]
)
_VALUES = st.sampled_from(
    [
        *('"type"', '"zaps"', '"range"', '"every"', '"2 GiB"', '"UC"', '"size"', '"mtrr"', '"end"'),
        *("0", "-1", "1.5", "true", "0xffff_ffff_ffff_ffff", "[]", "{}", '""', "1e300", "nan"),
    ]
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=5))
@settings(max_examples=60)
def test_any_condition_is_judged_or_told(keys):
    table = "\n".join(f"{key} = {value}" for key, value in keys.items())
    lesson = parsed(lesson_text(f'name = "d"\n{SHOW}[[do]]\n{table}\n[solution]'))
    if lesson is not None:
        assert all(fault.line == 8 for fault in check_lesson(lesson))

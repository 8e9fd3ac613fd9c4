"""A step as a page of HTML: its text, the task, hints, what came of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mtrrviz.lessons.judging import UNREADABLE
from mtrrviz.lessons.lesson import ChooseTask, DoTask
from mtrrviz.lessons.reading.blocks import markdown_parser
from mtrrviz.session.lessons.open_lesson import CANNOT_SHOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.lessons.judging import Verdict
    from mtrrviz.lessons.lesson import Task
    from mtrrviz.session.lessons.open_lesson import OpenLesson

RESULT = "result"
"""The anchor of what came of the step."""
_KINDS = {CANNOT_SHOW: "This step cannot be shown", UNREADABLE: "Not an answer"}


def prose(text: str) -> str:
    """Return Markdown as HTML; what is HTML in it is shown as text, and nothing is loaded."""
    return markdown_parser().disable("image").render(text)


def step_html(lesson: OpenLesson, theme: Theme) -> str:
    """Return the page of the step that is shown."""
    return "".join(_parts(lesson, theme))


def _parts(lesson: OpenLesson, theme: Theme) -> Iterator[str]:
    step = lesson.step
    yield prose(step.text)
    if isinstance(step.task, DoTask):
        yield _box("Do this in the window.", theme.raised)
    elif step.task is not None:
        yield _box(step.task.text, theme.raised)
    for number, hint in enumerate(lesson.hints, 1):
        yield f"<p><b>Hint {number}:</b> {escape(hint)}</p>"
    yield f'<a name="{RESULT}"></a>'
    if lesson.is_elsewhere:
        yield _box(
            "Another scenario is open. You may look around; Show Again brings the lesson's back.",
            theme.raised,
        )
    if lesson.verdict is not None and step.task is not None:
        yield from _verdict(lesson.verdict, step.task, theme)
    elif lesson.is_done and step.task is not None:
        yield _line("Done", "You did this step before.", theme.accent)
    if lesson.is_last and lesson.is_done:
        yield prose(lesson.lesson.closing)


def _verdict(verdict: Verdict, task: Task, theme: Theme) -> Iterator[str]:
    if verdict.is_done:
        yield _line("Done", _right_words(verdict, task), theme.accent)
    elif verdict.wrong:
        kind, advice = _KINDS.get(verdict.wrong, ""), verdict.advice
        if kind:  # a message of the program, which begins small
            advice = f"{advice[:1].upper()}{advice[1:]}."
        yield _line(kind or "Not yet", advice, theme.warning)
    if verdict.lines and not verdict.is_done:
        yield "<p>Still to do:</p>"
    for line in verdict.lines:
        yield f"<p>{escape(line)}</p>"


def _right_words(verdict: Verdict, task: Task) -> str:
    """Return the answer in words; that to a choice is marked among its options."""
    if not verdict.right or isinstance(task, ChooseTask):
        return "That is right." if verdict.right else ""
    return f"The answer is {verdict.right}."


def _line(title: str, text: str, colour: str) -> str:
    return f'<p><b style="color: {colour}">{escape(title)}.</b> {escape(text)}</p>'


def _box(text: str, colour: str) -> str:
    """Return a paragraph that stands out."""
    cell = f'<td style="padding: 6px"><b>{escape(text)}</b></td>'
    return f'<table width="100%" style="margin-top: 8px" bgcolor="{colour}"><tr>{cell}</tr></table>'

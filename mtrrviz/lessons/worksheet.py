"""A lesson as one page to print: one HTML file without anything from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz import __version__
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.exporters.report.html_markup import Content, Markup, join, tag
from mtrrviz.facts.event_words import event_words
from mtrrviz.facts.time_text import short_clock_text
from mtrrviz.lessons.judging import judge, right_options
from mtrrviz.lessons.lesson import AnswerTask, ChooseTask, DoTask
from mtrrviz.lessons.opening import shown
from mtrrviz.lessons.playing import solved
from mtrrviz.lessons.reading.blocks import markdown_parser
from mtrrviz.scenario.events import VM_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.lessons.lesson import Lesson, LessonStep
    from mtrrviz.lessons.situation import Situation
    from mtrrviz.scenario.events import Event

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body { font: 12pt/1.45 Georgia, serif; max-width: 46em; margin: 2em auto; padding: 0 1em;
  color: #111; background: #fff; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; }
code, pre { font: 10.5pt/1.4 "DejaVu Sans Mono", Consolas, monospace; }
table { border-collapse: collapse; } th, td { border: 1px solid #999; padding: 2px 8px; }
.facts { color: #444; } .task { border-left: 3px solid #333; padding-left: 1em; }
.blank { display: block; border-bottom: 1px solid #333; height: 2.2em; }
.answer { background: #eee; padding: .4em .8em; } .options { list-style: none; padding-left: 0; }
@media print { body { margin: 0; max-width: none; } h2, h3 { break-after: avoid; }
  .task { break-inside: avoid; } }
"""


def worksheet(lesson: Lesson, *, with_answers: bool) -> str:
    """Return a lesson as HTML to print, with the model's answers and reasons if asked for.

    Raises MtrrvizError where the scenario has not what the lesson names.
    """
    parts = (
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"mtrrviz {__version__}"),
        tag("title", lesson.title),
        tag("style", Markup(_STYLE)),
    )
    body = join(_body(lesson, with_answers=with_answers), "\n")
    head = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _body(lesson: Lesson, *, with_answers: bool) -> Iterator[Markup]:
    yield tag("h1", lesson.title)
    what = "With answers. " if with_answers else ""
    yield tag("p", f"{what}{lesson.goal} About {lesson.minutes} minutes.", class_="facts")
    if not with_answers:
        yield tag("p", "Name: ", tag("span", class_="blank"))
    now: Situation | None = None
    for step in lesson.steps:
        before = now = shown(step.show, now, lesson.file)
        yield _prose(step.text)
        if step.task is not None:
            after, answer = solved(step, now, lesson.file)
            lines = judge(step, after, answer).lines if with_answers else None
            yield tag("div", *_task(step, before, lines), class_="task")
            now = after
    yield _prose(lesson.closing)


def _prose(text: str) -> Markup:
    """Return a step's Markdown as markup; nothing in it is loaded from anywhere."""
    return Markup(markdown_parser().disable("image").render(text))


def _task(step: LessonStep, situation: Situation, lines: Sequence[str] | None) -> Iterator[Content]:
    """Yield a task, and if ``lines`` are given its answer and why it is right."""
    yield tag("p", _where(situation), class_="facts")
    match step.task:
        case DoTask():
            yield tag("p", "Do this in the window.")
            if lines is not None and step.solution is not None:
                yield tag("p", _events(step.solution.events), class_="answer")
        case AnswerTask():
            yield tag("p", step.task.text)
            if lines is None:
                yield tag("span", class_="blank")
        case ChooseTask():
            yield tag("p", step.task.text)
            yield _options(step.task, situation, is_answered=lines is not None)
        case None:
            pass
    if lines:
        yield tag("div", *(tag("div", line) for line in lines), class_="answer")


def _options(task: ChooseTask, situation: Situation, *, is_answered: bool) -> Markup:
    right = right_options(task, situation) if is_answered else []
    boxes = (
        tag("li", f"{'☒' if number in right else '☐'} {option.text}")
        for number, option in enumerate(task.options, 1)
    )
    return tag("ul", *boxes, class_="options")


def _events(events: Sequence[Event]) -> Markup:
    """Return an author's events, a line each."""
    words = (
        f"{short_clock_text(event.time_ns)}, {_doer(event)}: {event_words(event)}"
        for event in events
    )
    return join(words, "<br>")


def _doer(event: Event) -> str:
    return "the VM" if event.kind in VM_KINDS else f"vCPU {event.vcpu}"


def _where(situation: Situation) -> str:
    """Return what is open and shown, in one line."""
    scenario = situation.scenario
    parts = [f"Scenario {scenario.name}"]
    if not scenario.machine.is_host:
        parts.append(f"policy {situation.policy_id}")
    parts.append(f"at {short_clock_text(situation.time_ns)}")
    parts.append(f"{scenario.machine.cpu_word} {situation.vcpu}")
    if situation.gfns is not None:
        first, end = (gfn << PAGE_SHIFT for gfn in situation.gfns)
        parts.append(f"{format_gpa(first)} to {format_gpa(end - 1)}")
    return ", ".join(parts)

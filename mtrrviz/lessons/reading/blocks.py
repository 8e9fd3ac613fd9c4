"""Cutting a lesson's text into its header, prose and step blocks, with the lines they stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from mtrrviz.core.record import Record
from mtrrviz.lessons.lesson_fault import LessonFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

FENCE = "+++"
STEP_WORD = "step"


class TextPart(Record):
    """Some text of a file that begins at a line, from 1."""

    text: str
    line: int


class StepBlock(Record):
    """The TOML of a step's block and the Markdown above it; ``heading`` is that of its section."""

    prose: str
    heading: str
    toml: TextPart


class LessonText(Record):
    """A lesson cut into parts: the header's TOML, the steps, and the text after the last."""

    header: TextPart
    steps: tuple[StepBlock, ...]
    closing: str


def markdown_parser() -> MarkdownIt:
    """Return the parser of lessons: CommonMark with tables, HTML in it stays text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def cut(text: str) -> LessonText | LessonFault:
    """Return the parts of a lesson's text, or what is wrong with its header."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != FENCE:
        return LessonFault(1, "there is no header", f"a first line {FENCE}")
    end = next((at for at, line in enumerate(lines) if at and line.strip() == FENCE), None)
    if end is None:
        return LessonFault(1, "the header does not end", f"a line {FENCE} after it")
    header = TextPart("\n".join(lines[1:end]), 2)
    # Empty lines in the header's place, so that tokens have the lines of the file.
    body = [*[""] * (end + 1), *lines[end + 1 :]]
    tokens = markdown_parser().parse("\n".join(body))
    steps: list[StepBlock] = []
    start = end + 1
    for token in _blocks(tokens):
        first, after = token.map or (0, 0)
        prose = "\n".join(body[start:first]).strip()
        heading = _last_heading(tokens, first)
        steps.append(StepBlock(prose, heading, TextPart(token.content, first + 2)))
        start = after
    return LessonText(header, tuple(steps), "\n".join(body[start:]).strip())


def _blocks(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the fenced blocks of steps; those within a list or a quotation are examples."""
    for token in tokens:
        if token.type == "fence" and token.info.strip() == STEP_WORD and token.level == 0:
            yield token


def _last_heading(tokens: Sequence[Token], end: int) -> str:
    """Return the words of the last heading before a line, "" if there is none."""
    words = ""
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.map and token.map[0] < end:
            words = tokens[at + 1].content
    return words

"""Reading a lesson: its file or its text, and all that is wrong with it at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mtrrviz.core.wording.printable import escaped
from mtrrviz.lessons.lesson import Lesson, LessonKind
from mtrrviz.lessons.lesson_fault import LessonError, LessonFault
from mtrrviz.lessons.lesson_schema import HeaderFile
from mtrrviz.lessons.reading.blocks import cut
from mtrrviz.lessons.reading.part_source import PartSource, PlaceError, part_fault
from mtrrviz.lessons.reading.steps import build_step
from mtrrviz.scenario.files.bounded_file import FileProblemError, bounded_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.lessons.lesson import LessonStep
    from mtrrviz.lessons.reading.blocks import LessonText, TextPart

MAX_LESSON_BYTES = 256 << 10
MAX_STEPS = 60


def read_lesson(path: Path) -> Lesson:
    """Return the lesson in a file; LessonError with all that is wrong with it."""
    file = str(path)
    try:
        data = bounded_bytes(path, MAX_LESSON_BYTES, "a lesson in Markdown")
    except FileProblemError as error:
        raise LessonError(file, [LessonFault(0, error.problem, error.expected)]) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = LessonFault(line, "this is not UTF-8 text", "a lesson in Markdown")
        raise LessonError(file, [fault]) from error
    return parse_lesson(text, file, escaped(path.stem))


def parse_lesson(text: str, file: str, name: str) -> Lesson:
    """Return the lesson in a text; ``file`` is only named in messages.

    Raises LessonError with all that is wrong.
    """
    if len(text) > MAX_LESSON_BYTES:
        raise LessonError(file, [LessonFault(0, "the text is too long", "at most 256 KiB")])
    parts = cut(text)
    if isinstance(parts, LessonFault):
        raise LessonError(file, [parts])
    faults: list[LessonFault] = []
    header = _header(parts.header, faults)
    steps = _steps(parts, faults)
    if faults or header is None:
        raise LessonError(file, faults)
    return Lesson(
        name=name,
        file=file,
        title=header.title,
        goal=header.goal,
        minutes=header.minutes,
        order=header.order,
        needs=tuple(header.needs),
        steps=tuple(steps),
        closing=parts.closing,
        kind=LessonKind(header.kind),
    )


def _header(part: TextPart, faults: list[LessonFault]) -> HeaderFile | None:
    """Return the header; what is wrong with it goes to ``faults``."""
    source: PartSource | None = None
    try:
        source = PartSource(part)
        return source.convert(source.data, HeaderFile)
    except PlaceError as error:
        faults.append(source.fault(error) if source else part_fault(part, error))
        return None


def _steps(parts: LessonText, faults: list[LessonFault]) -> list[LessonStep]:
    """Return the steps that can be read; what is wrong with others goes to ``faults``."""
    steps: list[LessonStep] = []
    for block in parts.steps[:MAX_STEPS]:
        source: PartSource | None = None
        try:
            source = PartSource(block.toml)
            steps.append(build_step(block, source.data))
        except PlaceError as error:
            faults.append(source.fault(error) if source else part_fault(block.toml, error))
    if not parts.steps:
        faults.append(LessonFault(0, "there are no steps", "a block that begins with ```step"))
    if len(parts.steps) > MAX_STEPS:
        line = parts.steps[MAX_STEPS].toml.line - 1
        faults.append(LessonFault(line, "there are too many steps", f"at most {MAX_STEPS}"))
    names = Counter(step.name for step in steps)
    faults += [
        LessonFault(step.line, f"another step is called {step.name!r}", "a name of its own")
        for step in steps
        if names[step.name] > 1
    ]
    return steps

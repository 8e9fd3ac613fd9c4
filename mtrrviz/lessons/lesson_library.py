"""The lessons that come with the program, and finding a lesson by name or path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.slips import did_you_mean
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.scenario_error import printable

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson import Lesson


def lesson_paths() -> dict[str, Path]:
    """Return the files of the lessons that come with the program, by name, sorted."""
    return {path.stem: path for path in sorted((resources_dir() / "lessons").glob("*.md"))}


def shipped_lessons() -> list[Lesson]:
    """Return the lessons that come with the program: the course in its order, then quizzes."""
    from mtrrviz.lessons.reading.read_lesson import read_lesson  # noqa: PLC0415 - when asked for

    lessons = [read_lesson(path) for path in lesson_paths().values()]
    return sorted(lessons, key=lambda lesson: (lesson.kind, lesson.order, lesson.name))


def find_lesson(name_or_path: str) -> Path:
    """Return the file of a lesson by its name or path; MtrrvizError if there is none."""
    shipped = lesson_paths()
    path = Path(name_or_path)
    if name_or_path in shipped and not path.is_file():
        return shipped[name_or_path]
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a name that is too long, or with a NUL
        pass
    expected = f"a file or one of {', '.join(shipped)}"
    meant = did_you_mean(name_or_path, shipped)
    raise MtrrvizError(f"{printable(name_or_path)}: no such lesson ({meant}expected {expected})")

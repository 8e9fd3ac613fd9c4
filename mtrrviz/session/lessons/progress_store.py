"""Where a learner's progress is kept: one small file a lesson, in a folder of the user's."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.file_kinds import is_there
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.progress import (
    MAX_PROGRESS_BYTES,
    LessonProgress,
    parse_progress,
    progress_text,
    read_progress,
)
from mtrrviz.scenario.files.whole_file import write_whole

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson import Lesson


class ProgressStore:
    """Reads and writes progress in a folder, which is made with the first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unusable: set[Path] = set()
        self._known: dict[Path, LessonProgress] = {}

    def path_of(self, lesson: Lesson) -> Path:
        """Return the file of a lesson's progress.

        A lesson that does not come with the program may have the name of one that does: the place
        of its file tells them apart.
        """
        if Path(lesson.file) == lesson_paths().get(lesson.name):
            return self._folder / f"{lesson.name}.json"
        place = hashlib.sha256(os.fsencode(Path(lesson.file).absolute())).hexdigest()[:12]
        return self._folder / f"{lesson.name[:60]}-{place}.json"

    def load(self, lesson: Lesson) -> tuple[LessonProgress, str]:
        """Return how far the learner is, and what is wrong with the file, "" if nothing is.

        A file that cannot be used, as one of a newer program, counts as none: the lesson begins
        anew, and the file gets another name before the first of it is kept.
        """
        path = self.path_of(lesson)
        self._unusable.discard(path)
        self._known.pop(path, None)
        if not is_there(path):
            return LessonProgress(lesson=lesson.name), ""
        try:
            progress = read_progress(path)
            if progress.lesson != lesson.name:
                problem = f"{path}: this is the progress of {progress.lesson!r}"
                raise MtrrvizError(f"{problem} (expected {lesson.name!r})")
        except MtrrvizError as error:
            self._unusable.add(path)
            return LessonProgress(lesson=lesson.name), f"The lesson begins anew. {error}"
        self._known[path] = progress
        return progress, ""

    def touched_ns(self, lesson: Lesson) -> int:
        """Return when a lesson's progress was kept last, as the file says; 0 for never."""
        try:
            return self.path_of(lesson).stat().st_mtime_ns
        except OSError:
            return 0

    def keep(self, lesson: Lesson, progress: LessonProgress) -> None:
        """Keep a progress in place of the one before; OSError if the folder takes no file.

        Steps that another window has kept meanwhile stay. What could not be read again, as with
        very long scenarios in it, is not written.
        """
        path = self.path_of(lesson)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path in self._unusable:
            _put_aside(path)
            self._unusable.discard(path)
        data = progress_text(self._with_others(path, progress)).encode()
        if not _is_readable(data):
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        write_whole(path, data)
        self._known[path] = progress

    def _with_others(self, path: Path, progress: LessonProgress) -> LessonProgress:
        """Return the progress with the steps in the file that this window did not keep there."""
        try:
            found = read_progress(path)
        except MtrrvizError:  # as where there is none
            return progress
        known = self._known.get(path)
        steps = {
            name: step
            for name, step in found.steps.items()
            if known is None or known.of(name) != step
        }
        if found.lesson != progress.lesson or not steps:
            return progress
        return progress.with_steps_of(structs.replace(found, steps=steps))


def _is_readable(data: bytes) -> bool:
    try:
        parse_progress(data, "")
    except MtrrvizError:
        return False
    return len(data) <= MAX_PROGRESS_BYTES


def _put_aside(path: Path) -> None:
    """Give a file another name, which no other has. Raises OSError."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.stem}.unreadable-{number}{path.suffix}")
        if not os.path.lexists(aside):
            path.rename(aside)
            return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))

"""A directory that does what tracefs does: instances fill themselves and refuse to go while read.

:func:`make` builds it; in the process that shall see it as tracefs, :func:`install` is called.
What an instance was set to when it was removed is kept in ``removed.json`` of the root.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.importers.recording.trace_settings import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

TRACING = "sys/kernel/tracing"
_FILES = {"tracing_on": "1\n", "trace_clock": "[local] global mono\n", "buffer_size_kb": "1410\n"}
ALL = tuple(event.name for event in EVENTS)


def make(root: Path, trace: str = "", events: Iterable[str] = ALL) -> Path:
    """Build tracefs with such a trace to come and such events; return its directory."""
    tracing = root / TRACING
    _fill(tracing, events)
    (tracing / "instances").mkdir()
    (root / "trace.txt").write_text(trace)
    return tracing


def _fill(directory: Path, events: Iterable[str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in _FILES.items():
        (directory / name).write_text(content)
    for event in events:
        place = directory / "events" / event
        place.mkdir(parents=True)
        (place / "enable").write_text("0\n")
        (place / "filter").write_text("none\n")


def contents(directory: Path) -> dict[str, str]:
    """Return the content of every file below a directory, by its path in it."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {str(path.relative_to(directory)): path.read_text() for path in files}


def install() -> None:
    """Let making and removing of directories in ``instances`` work as in tracefs."""
    make_plain, remove_plain = os.mkdir, os.rmdir

    def mkdir(path, *rest, **named) -> None:
        make_plain(path, *rest, **named)
        if Path(path).parent.name == "instances":
            _fill_instance(Path(path))

    def rmdir(path, *rest, **named) -> None:
        if Path(path).parent.name != "instances":
            remove_plain(path, *rest, **named)
            return
        _refuse_if_read(Path(path))
        root = Path(path).parents[4]
        (root / "removed.json").write_text(json.dumps(contents(Path(path))))
        os.rmdir = remove_plain  # for what removing a tree does itself
        try:
            shutil.rmtree(path)
        finally:
            os.rmdir = rmdir

    os.mkdir, os.rmdir = mkdir, rmdir


def _fill_instance(instance: Path) -> None:
    root, tracing = instance.parents[4], instance.parents[1]
    events = [str(one.parent.relative_to(tracing / "events"))
              for one in tracing.glob("events/*/*/enable")]  # fmt: skip
    _fill(instance, events)
    shutil.copy(root / "trace.txt", instance / "trace_pipe")


def _refuse_if_read(instance: Path) -> None:
    """Raise EBUSY, as the kernel does, while this process has the instance's pipe open."""
    pipe = str(instance / "trace_pipe")
    for one in Path("/proc/self/fd").iterdir():
        try:
            is_open = one.readlink() == Path(pipe)
        except OSError:
            continue
        if is_open:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(instance))

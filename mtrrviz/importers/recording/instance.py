"""An instance of tracefs: a directory that the kernel fills, with buffers and events of its own.

Making a directory in ``instances`` makes it, removing the directory takes it away with all that
was switched on in it; the host's own tracing is never touched (Documentation/trace/ftrace.rst,
"Instances").
"""

from __future__ import annotations

import errno
import os
import re
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_PLACES = ("sys/kernel/tracing", "sys/kernel/debug/tracing")
_NAME = re.compile(r"mtrrviz-(\d{1,9})")
_PATIENCE_S = 2.0
_RETRY_S = 0.05


class CannotRecordError(MtrrvizError):
    """This user may not record; the same commands may work for another user."""


def find_tracing(root: Path) -> Path:
    """Return the directory of tracefs below ``root``; CannotRecordError without it or rights."""
    problem = "tracefs is not mounted (expected at /sys/kernel/tracing)"
    for place in _PLACES:
        tracing = root / place
        try:
            if (tracing / "instances").is_dir() and os.access(tracing / "instances", os.W_OK):
                return tracing
            (tracing / "instances").stat()
        except PermissionError:
            pass
        except OSError:
            continue
        problem = f"/{place}: tracing takes root"
        break
    raise CannotRecordError(problem)


@contextmanager
def own_instance(tracing: Path) -> Generator[Path]:
    """Yield a new instance, and remove it whatever happens.

    Signals must not raise while it is there. CannotRecordError if it cannot be made, or removed.
    """
    instance = tracing / "instances" / f"mtrrviz-{os.getpid()}"
    try:
        instance.mkdir()
    except OSError as error:
        raise CannotRecordError(f"{instance}: {error.strerror}") from error
    try:
        yield instance
    finally:
        remove(instance)


def remove(instance: Path) -> None:
    """Remove an instance; CannotRecordError with the command to do it if it stays in use."""
    with suppress(OSError):
        write(instance / "tracing_on", "0")
    end_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            instance.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > end_s:
                words = f"{instance}: {error.strerror}; remove it with `sudo rmdir {instance}`"
                raise CannotRecordError(words) from error
            time.sleep(_RETRY_S)
        else:
            return


def write(file: Path, value: str) -> None:
    """Write a setting to a file that the kernel made; OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(descriptor, f"{value}\n".encode())
    finally:
        os.close(descriptor)


def remove_leftovers(tracing: Path) -> list[str]:
    """Remove instances of recorders that were killed; return what was done, in words."""
    remarks: list[str] = []
    for instance in sorted((tracing / "instances").iterdir()):
        match = _NAME.fullmatch(instance.name)
        if match is None or (int(match[1]) != os.getpid() and _is_alive(int(match[1]))):
            continue
        try:
            remove(instance)
        except CannotRecordError as error:
            remarks.append(f"a killed recorder left this behind: {error}")
        else:
            remarks.append(f"{instance}: left behind by a killed recorder; it was removed")
    return remarks


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

"""A process that has loaded what tests need but nothing of the program, to fork others from."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pickle
import resource
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: What takes long to load and is the same for every change. Qt: the plugin pytest-qt asks for it.
_LIBRARIES = (
    *("coverage", "pytest", "hypothesis", "hypothesis.strategies", "_hypothesis_pytestplugin"),
    *("numpy", "msgspec", "msgspec.toml", "pytestqt.plugin", "xdist.plugin"),
    *("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtTest", "PySide6.QtWidgets"),
    *("unittest", "sqlite3", "zipfile", "gzip", "csv", "json", "concurrent.futures", "tomllib"),
)
#: A change may ask for any amount of memory; this is more than any test needs, in bytes.
_MEMORY_BYTES = 6 << 30

#: Arguments of pytest in a child: quiet, and nothing left behind.
PYTEST = (
    *("-q", "--no-header", "--no-summary", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # the plugins are loaded already
)


class CrashError(Exception):
    """What was raised in a child, in words."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: its answer, a CrashError, or None where it was stopped."""

    answer: Any
    seconds: float
    timed_out: bool = False


def warm_up() -> None:
    """Load the libraries. ImportError if one is not installed."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    program = [name for name in sys.modules if name.split(".")[0] == "mtrrviz"]
    if program:
        raise RuntimeError(f"the program is loaded already: {program[0]}")


class Child:
    """A forked process that works something out and sends it back."""

    def __init__(self, work: Callable[[], Any], cpu_s: float) -> None:
        self.started = time.monotonic()
        self._cpu_s = cpu_s
        # One of its own: pytest tidies up the directory of others' temporary files, too.
        self._temporary = tempfile.mkdtemp(prefix="mtrrviz-mutant-")
        reader, writer = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            os.environ["PYTEST_DEBUG_TEMPROOT"] = self._temporary
            _be_child(work, writer, cpu_s)
        os.close(writer)
        self.reader = reader

    def finish(self) -> Ended:
        """Return the answer once the pipe is readable; the child is gone afterwards."""
        with open(self.reader, "rb") as stream:  # noqa: PTH123 - a descriptor
            data = stream.read()
        _, status = os.waitpid(self.pid, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # programs that a test left running
        shutil.rmtree(self._temporary, ignore_errors=True)
        seconds = time.monotonic() - self.started
        if data:
            return Ended(pickle.loads(data), seconds)
        is_late = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL}
        return Ended(None, seconds, is_late)

    def kill_if_late(self, now: float, wall_s: float) -> None:
        """Stop a child that waits for ever without using the processor."""
        if now - self.started > wall_s:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def _be_child(work: Callable[[], Any], writer: int, cpu_s: float) -> None:
    """Do the work and end, whatever happens in it; nothing of the parent's is run afterwards."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_s) + 1, int(cpu_s) + 5))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        data = pickle.dumps(work())
        with open(writer, "wb", closefd=False) as stream:
            stream.write(data)
    except BaseException as error:  # noqa: BLE001 - the parent is told, and goes on
        with open(writer, "wb", closefd=False) as stream:
            stream.write(pickle.dumps(CrashError(repr(error))))
    finally:
        os._exit(0)


def run_pytest(arguments: Sequence[str], plugins: Sequence[object]) -> int:
    """Run tests in this process and return pytest's exit code."""
    import pytest

    return int(pytest.main([*PYTEST, *arguments], plugins=list(plugins)))

"""Opening the window: told apart from the other commands, for it must be there at once."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.file_names import file_name
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.paths import STDIN, scenarios_dir

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Sequence
    from types import SimpleNamespace

_QT_PARTS = frozenset({"PySide6", "shiboken6", "pyqtgraph"})


def window(args: Namespace | SimpleNamespace) -> int:
    """Open the window, on a scenario or the dumps of one machine if any are named."""
    names = [file_name(name) for name in args.files]
    if args.follow and len(names) != 1:
        raise MtrrvizError("--follow needs the one trace to follow")
    if args.follow:
        _require_trace(Path(names[0]))
    else:
        _require_files([name for name in names if name != STDIN])
    _require_display()
    with ExitStack() as stack:
        stdin = _standard_input(names, stack) if STDIN in names else None
        with loading_qt():
            from mtrrviz.gui.shell.app import run_window
        return run_window(names, follow=args.follow, stdin=stdin)


def _standard_input(names: Sequence[str], stack: ExitStack) -> Path:
    """Return a file with standard input, kept until ``stack`` is closed."""
    from mtrrviz.cli.inputs import standard_input
    from mtrrviz.importers.opening import STDIN_NAME, refuse_scenarios

    if names.count(STDIN) > 1:
        raise MtrrvizError("standard input can be opened once")
    copy = stack.enter_context(standard_input())
    if len(names) > 1:
        refuse_scenarios([(STDIN_NAME, copy)])
    return copy


def _require_files(names: Sequence[str]) -> None:
    """Raise MtrrvizError unless all files are there and, if several, none is a scenario."""
    for name in names:
        if not _is_there(name):
            from mtrrviz.scenario.library import find

            find(name)
    if len(names) > 1:
        from mtrrviz.importers.opening import refuse_scenarios, request_for
        from mtrrviz.scenario.library import find

        refuse_scenarios(request_for([find(name) for name in names]).texts)


def _require_trace(path: Path) -> None:
    """Raise MtrrvizError unless there is something to follow: a file, a pipe."""
    if not path.exists() or path.is_dir():
        problem = "this is a folder" if path.is_dir() else "there is no such file"
        raise MtrrvizError(f"{path}: {problem} (expected a trace that is being written)")


def _is_there(name: str) -> bool:
    """Whether a file or a built-in scenario is there, told without waiting for numpy."""
    path = Path(name)
    try:
        return path.is_file() or (
            path.name == name and (scenarios_dir() / f"{name}.toml").is_file()
        )
    except OSError:
        return False


@contextmanager
def loading_qt() -> Generator[None]:
    """Turn the failure to load Qt, for want of a system library, into a MtrrvizError."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _QT_PARTS:
            raise
        raise MtrrvizError(f"Qt cannot be loaded: {error}") from error


def _require_display() -> None:
    """Raise MtrrvizError where Qt would abort the process for want of a display."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise MtrrvizError(
            "there is no display to open a window on"
            " (`mtrrviz run` and `mtrrviz render` work without one)"
        )

"""Opening the window: apart from the other commands, so that it appears without their imports."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.options.file_names import file_name
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.paths import STDIN, scenarios_dir

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Sequence
    from types import SimpleNamespace

_QT_PARTS = frozenset({"PySide6", "shiboken6", "pyqtgraph"})
QT_PACKAGES = (
    *("libglib2.0-0", "libgl1", "libegl1", "libdbus-1-3", "libfontconfig1", "libxkbcommon0"),
    *("libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0"),
    "libwayland-cursor0",
)
"""Packages of Debian with the libraries below Qt, which its wheels do not bring."""


def window(args: Namespace | SimpleNamespace) -> int:
    """Open the window, on a scenario or the dumps of one machine if any are named."""
    names = [file_name(name) for name in args.files]
    if args.follow and len(names) != 1:
        raise MtrrvizError("--follow needs the one trace to follow")
    if args.follow:
        _require_trace(Path(names[0]))
    else:
        _require_files([name for name in names if name != STDIN])
    require_qt()
    _require_display()
    with ExitStack() as stack:
        stdin = _standard_input(names, stack) if STDIN in names else None
        with loading_qt():
            from mtrrviz.gui.shell.start.app import run_window
        return run_window(names, follow=args.follow, stdin=stdin)


def _standard_input(names: Sequence[str], stack: ExitStack) -> Path:
    """Return a file with standard input, kept until ``stack`` is closed."""
    from mtrrviz.cli.options.inputs import standard_input
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
    """Whether a file or a built-in scenario exists, found out without loading numpy."""
    path = Path(name)
    try:
        return path.is_file() or (
            path.name == name and (scenarios_dir() / f"{name}.toml").is_file()
        )
    except OSError:
        return False


def require_qt() -> None:
    """Raise MtrrvizError, with the way out, if the packages of the window are not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("PySide6", "pyqtgraph")):
        problem = "the window and pictures of it need Qt, which is not installed"
        raise MtrrvizError(f"{problem} (install it with: pip install 'mtrrviz[gui]')")


@contextmanager
def loading_qt() -> Generator[None]:
    """Turn a failure to load Qt (a system library is missing) into a MtrrvizError."""
    require_qt()
    try:
        yield
    except ImportError as error:
        if not _is_of_qt(error):
            raise
        expected = f"on Debian and Ubuntu: `sudo apt-get install {' '.join(QT_PACKAGES)}`"
        raise MtrrvizError(f"Qt cannot be loaded: {error} ({expected})") from error


def _is_of_qt(error: ImportError) -> bool:
    """Whether a part of Qt could not be imported; the linker's errors name it by its file alone."""
    from pathlib import PurePath

    parts = ((error.name or "").partition(".")[0], *PurePath(error.path or "").parts)
    return not _QT_PARTS.isdisjoint(parts)


def _require_display() -> None:
    """Raise MtrrvizError if there is no display, where Qt would abort the process."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise MtrrvizError(
            "there is no display to open a window on"
            " (`mtrrviz run` and `mtrrviz render` work without one)"
        )

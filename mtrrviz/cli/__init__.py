"""The command line: `main` turns arguments into an exit code and every error into one line."""

from __future__ import annotations

import gc
import io
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TextIO, cast

from mtrrviz import __version__
from mtrrviz.cli.terminal.aside import complain, tell
from mtrrviz.cli.terminal.colour import ColourWhen, choose
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["main", "main_gui"]

_YOUNG_OBJECTS = 100_000
"""How many objects there may be more than at the last collection before the next one.

Python's 700 are reached some hundred times while the program is loaded, and nothing that is loaded
is garbage.
"""
GOOD, BAD_INPUT, INTERNAL_ERROR, INTERRUPTED = 0, 2, 70, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (``sys.argv`` without the program if None) and return its exit code."""
    if argv is None:
        # This is the program itself: nothing here multiplies matrices, so BLAS needs no threads.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        gc.set_threshold(_YOUNG_OBJECTS)
        _open_closed_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    choose(ColourWhen.AUTO)
    _print_anything(sys.stdout)
    code = _guarded(lambda: _run(arguments))
    if argv is None:
        # What is there now is given back with the process: no collection need look through it.
        gc.freeze()
    return code


def main_gui() -> int:
    """Start from a desktop entry: the same program, without a console."""
    return main()


def _open_closed_streams() -> None:
    """Let a closed stdout or stderr lead nowhere.

    Else the next file to be opened would get its number, and with it all that a library says there.
    """
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, io.TextIOWrapper(io.FileIO(number, "w"), encoding="utf-8"))


def _print_anything(stream: TextIO) -> None:
    """Write characters that the terminal cannot show as escapes in place of raising an error."""
    if isinstance(stream, io.TextIOWrapper):
        cast("io.TextIOWrapper[Any]", stream).reconfigure(errors="backslashreplace")


def _run(arguments: list[str]) -> int:
    """Parse and run; output is flushed before the exit code is returned."""
    if _opens_window(arguments):
        from mtrrviz.cli.window import window

        return window(SimpleNamespace(files=arguments, follow=False))
    from mtrrviz.cli.parser import parse

    try:
        args = parse(arguments)
    except SystemExit as done:  # argparse printed the help or the version
        code = int(done.code or 0)
    else:
        code = args.handler(args)
    _flush()
    return code


def _flush() -> None:
    """Write out what was printed, if there is a stdout at all."""
    stream: TextIO | None = sys.stdout
    if stream is not None:
        stream.flush()


def _opens_window(arguments: list[str]) -> bool:
    """Whether the arguments just open the window, so that no parser is needed.

    Loading the parser would add a quarter to the time until the window is there. Commands are
    words of letters; what begins with a dash is an option.
    """
    if not arguments:
        return True
    return len(arguments) == 1 and not arguments[0].startswith("-") and not arguments[0].isalpha()


def _guarded(work: Callable[[], int]) -> int:
    """Return the exit code of ``work``, with its exceptions as messages."""
    try:
        return work()
    except MtrrvizError as error:
        return _complain(str(error))
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        _drop_output()
        return GOOD
    except OSError as error:
        _drop_output()
        return _complain(_os_message(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001  the last resort: no user shall see a bare traceback
        return _report()


def _complain(message: str) -> int:
    """Print one line on stderr and return the exit code of bad input."""
    complain(" ".join(message.split()))
    return BAD_INPUT


def _os_message(error: OSError) -> str:
    """Name the file, if there is one, and the reason."""
    reason = error.strerror or str(error) or type(error).__name__
    return reason if error.filename is None else f"{error.filename}: {reason}"


def _drop_output() -> None:
    """Discard what stdout cannot write, so that the interpreter reports no error at exit."""
    try:
        _flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _report() -> int:
    """Ask for a bug report, and print what it needs."""
    import platform
    import traceback

    tell(
        f"mtrrviz: internal error. Please report it with these lines:\n"
        f"mtrrviz {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"{traceback.format_exc()}"
    )
    return INTERNAL_ERROR

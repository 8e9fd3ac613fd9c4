"""The command line: `main` turns arguments into an exit code and every error into one line."""

from __future__ import annotations

import io
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TextIO, cast

from mtrrviz import __version__
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["main", "main_gui"]

GOOD, BAD_INPUT, INTERNAL_ERROR, INTERRUPTED = 0, 2, 70, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (``sys.argv`` without the program if None) and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _print_anything(sys.stdout)
    return _guarded(lambda: _run(arguments))


def main_gui() -> int:
    """Start from a desktop entry: the same program, without a console."""
    return main()


def _print_anything(stream: TextIO) -> None:
    """Have characters the terminal cannot show written as escapes, not raised as errors."""
    if isinstance(stream, io.TextIOWrapper):
        cast("io.TextIOWrapper[Any]", stream).reconfigure(errors="backslashreplace")


def _run(arguments: list[str]) -> int:
    """Parse and do; what was printed is written out before success is claimed."""
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
    """Whether the window is asked for in the plainest way, which needs no grammar.

    Loading the grammar would put a quarter onto the time until the window is there. Commands are
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
    print("mtrrviz: " + " ".join(message.split()), file=sys.stderr)
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
    """Ask for a report of a mistake of ours, with what a report needs."""
    import platform
    import traceback

    print(
        f"mtrrviz: something went wrong that should not have. Please report it with these lines:\n"
        f"mtrrviz {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"{traceback.format_exc()}",
        file=sys.stderr,
        end="",
    )
    return INTERNAL_ERROR

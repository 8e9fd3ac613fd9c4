"""A FILE of any kind as a scenario: a scenario file, a built-in name, or what a machine printed."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mtrrviz.cli.dump_options import dump_options
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Sequence

    from mtrrviz.importers import Import
    from mtrrviz.importers.opening import Opened, Text
    from mtrrviz.scenario.model import Scenario

STDIN = "-"
STDIN_NAME = "standard input"


def open_machine(names: Sequence[str], args: Namespace) -> Scenario:
    """Return what one name stands for, or what several dumps of one machine describe.

    ``args`` may say what kind of machine it is to be seen as, and a dump's RAM.
    "-" is a dump from standard input. What dumps leave open is printed on stderr. Raises
    MtrrvizError if there is no such file or it holds nothing that can be read; a scenario file is
    refused among several.
    """
    from mtrrviz.importers.opening import open_any

    if len(names) == 1 and names[0] != STDIN:
        return _told(open_any(names[0], options=dump_options(args)))
    return _open_dumps(names, args)


def texts_of(names: Sequence[str], stack: ExitStack) -> list[Text]:
    """Return the dumps to import; standard input is kept in a file until ``stack`` is closed.

    Raises MtrrvizError for a scenario file, and for standard input given twice.
    """
    from mtrrviz.importers.opening import refuse_scenarios

    if names.count(STDIN) > 1:
        raise MtrrvizError("standard input can be imported once")
    refuse_scenarios([Path(name) for name in names if name != STDIN])
    return [
        (STDIN_NAME, stack.enter_context(standard_input())) if name == STDIN else (name, Path(name))
        for name in names
    ]


def _open_dumps(names: Sequence[str], args: Namespace) -> Scenario:
    """Return the machine that dumps describe, standard input perhaps among them."""
    from mtrrviz.importers.opening import open_request, request_for

    with ExitStack() as stack:
        request = request_for(texts_of(names, stack), options=dump_options(args))
        return _told(open_request(request))


def _told(opened: Opened) -> Scenario:
    """Return the scenario; print what was assumed, if it is an import."""
    if opened.imported is not None:
        _tell(opened.imported)
    return opened.scenario


def _tell(imported: Import) -> None:
    """Print what was assumed, what is odd and how many lines nobody knows, on stderr."""
    from mtrrviz.importers import Severity

    for note in imported.notes:
        if note.severity is not Severity.INFO:
            _print_error(str(note))
    for source in imported.sources:
        if source.unknown_lines:
            _print_error(f"{source.name}: {source.unknown_lines} unknown lines")


def _print_error(text: str) -> None:
    """Print one line on stderr, without what could steer the terminal."""
    clean = "".join(char if char.isprintable() else "?" for char in text)
    print(f"mtrrviz: {clean}", file=sys.stderr)


@contextmanager
def standard_input() -> Generator[Path]:
    """Yield a file with all of standard input, which may be packed and larger than memory.

    MtrrvizError if there is none.
    """
    source: TextIO | None = sys.stdin
    if source is None:
        raise MtrrvizError("standard input is closed (expected a dump, a log or a trace)")
    with tempfile.NamedTemporaryFile(prefix="mtrrviz-") as copy:
        shutil.copyfileobj(source.buffer, copy)
        copy.flush()
        yield Path(copy.name)

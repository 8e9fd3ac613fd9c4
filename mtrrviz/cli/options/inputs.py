"""A FILE of any kind as a scenario: a scenario file, a built-in name, or what a machine printed."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mtrrviz.cli.options.dump_options import dump_options
from mtrrviz.cli.options.file_names import file_name
from mtrrviz.cli.terminal.aside import say
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.words import plural
from mtrrviz.paths import STDIN

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Sequence

    from mtrrviz.importers.opening import Opened, Text
    from mtrrviz.scenario.model import Scenario


def open_machine(names: Sequence[str], args: Namespace) -> Scenario:
    """Return the scenario of what :func:`opened_machine` opens."""
    return opened_machine(names, args).scenario


def opened_machine(names: Sequence[str], args: Namespace) -> Opened:
    """Open what one name stands for, or what several dumps of one machine describe.

    ``args`` may say what kind of machine it is to be seen as, and a dump's RAM.
    "-" is standard input, a scenario or a dump. What was assumed, what is odd and how many lines
    nobody knows is printed on stderr. Raises MtrrvizError if there is no such file or it holds
    nothing that can be read; a scenario file is refused among several.
    """
    from mtrrviz.importers.opening import open_request, request_for

    with ExitStack() as stack:
        opened = open_request(request_for(texts_of(names, stack), options=dump_options(args)))
    if opened.imported is None:
        return opened
    from mtrrviz.importers.notes import NoteKind

    for note in opened.imported.notes:
        if note.kind is not NoteKind.INFO:
            say(str(note))
    for source in opened.imported.sources:
        if source.unknown_lines:
            say(f"{source.name}: {plural(source.unknown_lines, 'unknown line')}")
    return opened


def texts_of(names: Sequence[str], stack: ExitStack) -> list[Path | Text]:
    """Return the files to open; standard input is kept in a file until ``stack`` is closed.

    Raises MtrrvizError for standard input given twice.
    """
    if names.count(STDIN) > 1:
        raise MtrrvizError("standard input can be imported once")
    from mtrrviz.importers.opening import STDIN_NAME

    return [
        (STDIN_NAME, stack.enter_context(standard_input())) if name == STDIN else Path(name)
        for name in map(file_name, names)
    ]


@contextmanager
def standard_input() -> Generator[Path]:
    """Yield a file with all of standard input, which may be packed and larger than memory.

    MtrrvizError if there is none.
    """
    source: TextIO | None = sys.stdin
    if source is None:
        raise MtrrvizError("standard input is closed (expected a scenario or a dump)")
    import shutil
    import tempfile

    with tempfile.NamedTemporaryFile(prefix="mtrrviz-") as copy:
        shutil.copyfileobj(source.buffer, copy)
        copy.flush()
        yield Path(copy.name)

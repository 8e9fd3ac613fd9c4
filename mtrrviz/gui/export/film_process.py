"""A process of its own that makes a film, so that the user's window never waits for it."""

from __future__ import annotations

import importlib
import signal
from multiprocessing import get_context
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.output import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from mtrrviz.gui.export.film_order import FilmOrder

    Told = int | Exception | None

#: The module that makes films. It makes windows, so it is loaded in the process alone.
_MAKER = "mtrrviz.gui.export.double_window"
_POLL_S = 0.05
#: How long a process may take to end once it was asked to; what it wrote goes meanwhile.
_PATIENCE_S = 30
_STOPPED = "The film was stopped; nothing was written."


def film_apart(
    order: FilmOrder, tell: Callable[[int], None], is_stopped: Callable[[], bool]
) -> None:
    """Make a film in another process, and tell how many frames there are so far.

    Stopped once that is asked for, and what making the film raised. The process is spawned, not
    forked: a window does not survive a fork.
    """
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(order, there), name="mtrrviz-film", daemon=True)
    process.start()
    there.close()
    try:
        _listen(process, here, tell, is_stopped)
    finally:
        here.close()  # which asks it to stop
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()


def _listen(
    process: SpawnProcess,
    line: Connection[None, Told],
    tell: Callable[[int], None],
    is_stopped: Callable[[], bool],
) -> None:
    """Pass on what the process tells, until it has ended."""
    has_begun = False
    while True:
        if is_stopped():
            if not has_begun:  # nothing was written yet that it would have to remove
                process.kill()
            raise Stopped(_STOPPED)
        if not line.poll(_POLL_S):
            continue
        told = _received(process, line)
        if told is None:
            return
        if isinstance(told, Exception):
            raise told
        has_begun = True
        tell(told)


def _received(process: SpawnProcess, line: Connection[None, Told]) -> Told:
    try:
        return line.recv()
    except (EOFError, OSError) as error:
        process.join(_PATIENCE_S)
        raise MtrrvizError(
            "The film was not made: the process that takes its pictures ended"
            f" (exit code {process.exitcode})"
        ) from error


def _work(order: FilmOrder, line: Connection[Told, None]) -> None:
    """Make a film: in the process that is there for it. The line tells how it goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which ends this

    def tell(frames: int, _total: int) -> None:
        if line.poll():  # nothing is ever sent: it was closed
            raise Stopped(_STOPPED)
        line.send(frames)

    try:
        importlib.import_module(_MAKER).make_film(order, tell)
        line.send(None)
    except (BrokenPipeError, Stopped):  # nobody waits for it any longer
        return
    except (MtrrvizError, OSError) as error:
        line.send(error)

"""Work that makes objects by the hundred thousand, without looking for garbage in between.

A full collection looks at every object there is; while events are read it runs again and again and
finds nothing, and in the window it stops the thread that paints.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

#: From so many new objects on, what there is then is not looked at again.
_MANY = 100_000


class _Collecting:
    """How many threads want no collections at present, and whether there were any before."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.pauses = 0
        self.was_on = False


_COLLECTING = _Collecting()


@contextmanager
def bulk_work() -> Generator[None]:
    """Collect no garbage meanwhile; afterwards leave out what is there then, if that is much.

    :func:`gc.unfreeze` takes it in again. For several threads at once and nested.
    """
    with _COLLECTING.lock:
        if not _COLLECTING.pauses:
            _COLLECTING.was_on = gc.isenabled()
            gc.disable()
        _COLLECTING.pauses += 1
    try:
        yield
    finally:
        with _COLLECTING.lock:
            _COLLECTING.pauses -= 1
            if not _COLLECTING.pauses:
                if gc.get_count()[0] > _MANY:
                    gc.freeze()
                if _COLLECTING.was_on:
                    gc.enable()

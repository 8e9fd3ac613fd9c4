"""Ctrl-C while pictures are taken: it comes between two of them, never in the middle of a paint.

Python raises KeyboardInterrupt wherever it is. In a function that Qt called it would be dropped,
and a painter that is left open ends the process.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType


@contextmanager
def late_interrupt() -> Generator[Callable[[], None]]:
    """Hold Ctrl-C back; yield what raises KeyboardInterrupt if it came since.

    It is raised at the end as well. What other handlers there are stay.
    """
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    def let_through() -> None:
        if came:
            came.clear()
            raise KeyboardInterrupt

    is_usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not is_usual or threading.current_thread() is not threading.main_thread():
        yield let_through
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield let_through
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    let_through()

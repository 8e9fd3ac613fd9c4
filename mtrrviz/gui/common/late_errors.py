"""Errors in what Qt calls while Python waits for Qt."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def raised_later() -> Generator[None]:
    """Raise an error of what is done within from the event loop, where it is reported.

    An override that raises keeps all others from answering until Qt is back where Python called
    it. A view whose model does not answer then may end the program.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is
        QTimer.singleShot(0, partial(_raise, error))


def _raise(error: Exception) -> None:
    raise error

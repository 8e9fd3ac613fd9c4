"""Ctrl-C in the terminal: told to Qt at once, which otherwise runs no Python while it is idle."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from types import FrameType

#: What a program that Ctrl-C ended returns, by the convention of shells.
INTERRUPTED = 128 + int(signal.SIGINT)


class Interrupt(QObject):
    """Emits ``came`` in the event loop after each SIGINT, until :meth:`stop`.

    Python writes the number of a signal into a socket even while Qt waits; the socket wakes Qt.
    """

    came = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._before = signal.signal(signal.SIGINT, _leave_to_qt)
        self._fd_before = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            if signal.SIGINT in self._read.recv(4096):
                self.came.emit()

    def stop(self) -> None:
        """Let Ctrl-C do what it did before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._fd_before)
        signal.signal(signal.SIGINT, self._before)
        self._read.close()
        self._write.close()


def _leave_to_qt(_number: int, _frame: FrameType | None) -> None:
    """Do nothing here: Python has written to the socket already."""

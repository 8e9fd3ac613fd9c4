"""Signals that end the program: told to Qt at once, which otherwise runs no Python while idle."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from types import FrameType

#: Ctrl-C, the end of a session or a `kill`, and a terminal that is closed.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def exit_code_of(number: int) -> int:
    """Return what a program that a signal ended returns, by the convention of shells."""
    return 128 + number


class Interrupt(QObject):
    """Emits ``came`` with the number in the event loop after each signal, until :meth:`stop`.

    Python writes the number of a signal into a socket even while Qt waits; the socket wakes Qt.
    """

    came = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._before = [(number, signal.signal(number, _leave_to_qt)) for number in SIGNALS]
        self._fd_before = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            came = [number for number in self._read.recv(4096) if number in SIGNALS]
            if came:
                self.came.emit(came[-1])

    def stop(self) -> None:
        """Let the signals do what they did before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._fd_before)
        for number, before in self._before:
            signal.signal(number, before)
        self._read.close()
        self._write.close()


def _leave_to_qt(_number: int, _frame: FrameType | None) -> None:
    """Do nothing here: Python has written to the socket already."""

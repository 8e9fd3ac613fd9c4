"""A text file that grows: whole lines as they appear, and what happens to the file.

Works on regular files (a trace that a tool writes), and on trace_pipe and FIFOs, which are read
without blocking. A file that was truncated is read again from its start, one that was replaced
(rotated) is followed under its name; both are said.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from mtrrviz.core.file_kinds import is_there
from mtrrviz.importers.text import CHUNK_BYTES, MAX_LINE_CHARS, Cleaner
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

LINES_AT_ONCE = 20_000
"""Lines read at once, or a few more."""


class GrowingFile:
    """Reads whole lines as they appear; notices truncation and replacement."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1
        self._inode = 0
        self._offset = 0
        self._carry = ""
        self._cleaner = Cleaner(str(path))
        self._remarks: list[str] = []
        self._is_new = False
        self._open()

    def _open(self) -> None:
        """Open the path from its start; ScenarioError if it cannot be read."""
        try:
            # Without O_NONBLOCK opening a FIFO waits for a writer.
            self._handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            self._inode = os.fstat(self._handle).st_ino
        except OSError as error:
            problem = error.strerror or str(error)
            raise ScenarioError(str(self._path), "", problem, "a trace that can be read") from error
        self._restart()

    def _restart(self) -> None:
        self._offset, self._carry, self._is_new = 0, "", True
        self._cleaner = Cleaner(str(self._path))

    def has_restarted(self) -> bool:
        """Return, once, whether the last lines came from the start of a file."""
        is_new, self._is_new = self._is_new, False
        return is_new

    def take_remarks(self) -> list[str]:
        """Return what happened to the file since the last call."""
        remarks, self._remarks = self._remarks, []
        return remarks

    def lines(self) -> list[str]:
        """Return the whole lines that appeared, at most some at once."""
        self._check_truncated()
        found: list[str] = []
        while len(found) < LINES_AT_ONCE:
            chunk = self._read()
            if not chunk:
                if found or not self._reopen_if_replaced():
                    break
                continue
            text = self._carry + self._cleaner.text(chunk)
            *whole, self._carry = text.split("\n")
            if len(self._carry) > MAX_LINE_CHARS:
                problem = f"a line of more than {MAX_LINE_CHARS} characters"
                raise ScenarioError(str(self._path), "", problem, "lines of a trace")
            found.extend(whole)
        return found

    def _read(self) -> bytes:
        """Return new bytes, none if there are none now."""
        try:
            chunk = os.read(self._handle, CHUNK_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            problem = error.strerror or str(error)
            raise ScenarioError(str(self._path), "", problem, "a trace that can be read") from error
        self._offset += len(chunk)
        return chunk

    def _check_truncated(self) -> None:
        """Go back to the start if the file is shorter than what was read."""
        status = os.fstat(self._handle)
        if stat.S_ISREG(status.st_mode) and 0 < status.st_size < self._offset:
            self._remarks.append("the file was truncated: it is read again from its start")
            os.lseek(self._handle, 0, os.SEEK_SET)
            self._restart()
        elif stat.S_ISREG(status.st_mode) and status.st_size == 0 and self._offset:
            self._remarks.append("the file was emptied: new lines are read as they come")
            os.lseek(self._handle, 0, os.SEEK_SET)
            self._restart()

    def _reopen_if_replaced(self) -> bool:
        """Follow the name to a new file, once the old one is read to its end."""
        try:
            inode = self._path.stat().st_ino
        except OSError:
            return False
        if inode == self._inode:
            return False
        self._remarks.append("the file was replaced: the new one is followed")
        os.close(self._handle)
        self._open()
        return True

    @property
    def is_gone(self) -> bool:
        """Whether there is no file of this name any more."""
        return not is_there(self._path)

    @property
    def offset(self) -> int:
        """How many bytes of the present file were read."""
        return self._offset

    @property
    def size_bytes(self) -> int:
        """Length of a regular file now, 0 of a pipe or once it is closed."""
        if self._handle < 0:
            return 0
        status = os.fstat(self._handle)
        return status.st_size if stat.S_ISREG(status.st_mode) else 0

    def close(self) -> None:
        """Close the file; does nothing the second time."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

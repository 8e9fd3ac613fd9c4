"""The document's file as it is on disk: whether another program changed it, and in what."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mtrrviz.core.file_kinds import is_there
from mtrrviz.scenario.files.loader import bytes_of
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from mtrrviz.session.document import Document

#: Comparing longer files, in lines of both, would hold the window up.
MAX_COMPARED_LINES = 100_000


class FileOnDisk:
    """Compares the file with what was read from it or written to it last."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._stamp: tuple[object, ...] | None = None
        self._data: bytes | None = None
        self._kept: bytes | None = None

    def foreign_data(self) -> bytes | None:
        """Return what another program wrote to the file, None if it did not.

        Changes that the user chose to overwrite are ignored, and so is a file that is gone. Of what
        cannot be read, as it may not be or is much too long or no file, it is the words on that.
        """
        data = self._present()
        original = self._document.original
        if data is None or original is None or data in (original.data, self._kept):
            return None
        return data

    @property
    def is_gone(self) -> bool:
        """Whether the file was removed and what is open is told to be saved in it all the same."""
        document = self._document
        if document.path is None or document.original is None or document.is_modified:
            return False
        return not is_there(document.path)

    def keep_mine(self, data: bytes) -> None:
        """Note that the document counts, and ``data`` on disk may be overwritten."""
        self._kept = data
        self._document.mark_unsaved()

    def difference(self, data: bytes) -> str:
        """Return a unified diff from what is open to ``data``, the content of the file."""
        from mtrrviz.scenario.files.saver import scenario_text  # noqa: PLC0415 - when asked for

        document = self._document
        mine = scenario_text(document.scenario, document.original).splitlines()
        theirs = data.decode(errors="replace").splitlines()
        if len(mine) + len(theirs) > MAX_COMPARED_LINES:
            return "The file is too long to show the difference here."
        lines = difflib.unified_diff(mine, theirs, "what is open", "the file on disk", lineterm="")
        return "\n".join(lines) or "Only line ends differ."

    def _present(self) -> bytes | None:
        """Return the content of the file; it is read only if its times or size are others."""
        path = self._document.path
        if path is None:
            return None
        try:
            found = path.stat()
            # The time of the change of status, too: who writes a file may set the other.
            stamp = (path, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
            if stamp != self._stamp:
                self._data = bytes_of(path)
                self._stamp = stamp
        except ScenarioError as error:
            return str(error).encode(errors="replace")
        except OSError:
            return None
        return self._data

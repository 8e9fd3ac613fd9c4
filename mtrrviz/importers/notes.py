"""Notes of an import: assumptions, oddities and lines it could not use."""

from __future__ import annotations

from enum import StrEnum

from msgspec.structs import force_setattr

from mtrrviz.core.record import Record
from mtrrviz.core.wording.printable import escaped


class NoteKind(StrEnum):
    """What a note tells."""

    INFO = "info"
    """A fact worth knowing, such as which thread is which vCPU."""
    ASSUMED = "assumed"
    """The files do not say it; the import chose, and an option can choose otherwise."""
    WARNING = "warning"
    """Something in the files is odd or was left out."""


class Place(Record):
    """A line of a file; ``line`` is 0 where the whole file is meant."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        """Return "file: line 3", or the file alone, printable whatever the name is."""
        name = escaped(self.file)
        return f"{name}: line {self.line}" if self.line else name


class Note(Record):
    """One sentence about an import; ``option`` names the import option that settles it."""

    kind: NoteKind
    text: str
    place: Place | None = None
    option: str = ""

    def __post_init__(self) -> None:
        """Keep to one line, whatever names of files the sentence has."""
        force_setattr(self, "text", escaped(self.text))

    def __str__(self) -> str:
        """Return the note on one line, the place first."""
        where = f"{self.place}: " if self.place else ""
        tail = f" (option: {self.option})" if self.option else ""
        return f"{where}{self.text}{tail}"

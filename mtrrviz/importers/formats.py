"""The interface every importer implements: recognise a text, then take its lines.

A format is asked for :class:`Evidence` on a sample. Its parser gets batches of lines and returns
the ones that are not of its kind; those are offered to the other formats, so that a text in which
dmesg, /proc/mtrr and /proc/iomem follow one another is read whole.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Protocol

from mtrrviz.core.record import Record
from mtrrviz.importers.notes import Place

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

    from mtrrviz.importers.facts import Facts


class Evidence(Record):
    """Why a text seems to be of a format: how many lines say so, and the first of them.

    ``index`` is that of the first in the sample; ``kind`` says what the lines are, where no single
    one is worth showing.
    """

    lines: int
    index: int
    shown: str
    kind: str = ""

    def reason(self, number: int) -> str:
        """Return the evidence in words; ``number`` is the place of the first line in the text."""
        many = f"{self.lines} lines" if self.lines > 1 else "one line"
        return (
            f"{many} {self.kind}"
            if self.kind
            else (f'{many} such as line {number}: "{self.shown}"')
        )


class Context(Record):
    """What a parser knows about the text beside its lines.

    ``is_primary`` says that the text as a whole was taken for this format, so that lines which
    mean something only there (bare numbers) may be trusted.
    """

    file: str
    is_primary: bool = True


class Parser(Protocol):
    """Takes the lines of one text, in order."""

    def feed(self, lines: Sequence[str], numbers: Sequence[int]) -> list[int]:
        """Take lines, placed at ``numbers``; return the indices of those not of this format.

        ScenarioError if a line is of this format and impossible.
        """
        ...

    def noise(self, line: str) -> str:
        """Return what a line is that says nothing of use, "" if it is not of this format."""
        ...

    def finish(self) -> None:
        """Note the end of the text."""
        ...


class Format(Protocol):
    """One input format. ``id`` is for command lines, ``title`` for people."""

    @property
    def id(self) -> str:
        """Short name."""
        ...

    @property
    def title(self) -> str:
        """Name in words."""
        ...

    @property
    def is_whole_text(self) -> bool:
        """Whether its texts stand by themselves: lines are taken as they are, not cleaned first."""
        ...

    def recognise(self, sample: Sequence[str]) -> Evidence | None:
        """Return the evidence that ``sample`` (the first lines of a text) is of this format."""
        ...

    @property
    def parser(self) -> Callable[[Facts, Context], Parser]:
        """Makes a parser that writes what it finds to the facts."""
        ...


class LineParser(ABC):
    """A parser that looks at one line at a time; ``place`` gives the place of a line."""

    def __init__(self, facts: Facts, context: Context) -> None:
        self.facts = facts
        self.context = context
        self.place: Callable[[int], Place] = partial(Place, context.file)

    def feed(self, lines: Sequence[str], numbers: Sequence[int]) -> list[int]:
        """Offer each line to :meth:`take`."""
        return [i for i, line in enumerate(lines) if not self.take(line, numbers[i])]

    @abstractmethod
    def take(self, line: str, number: int) -> bool:
        """Use a line and return whether it is of this format."""

    def noise(self, line: str) -> str:
        """Return "": every line that is not taken is foreign."""
        del line
        return ""

    def finish(self) -> None:
        """Do nothing at the end."""
        return


class LineFormat(Record):
    """A format that is recognised by lines matching one pattern."""

    id: str
    title: str
    signature: re.Pattern[str]
    parser: Callable[[Facts, Context], Parser]
    is_whole_text: bool = False

    def recognise(self, sample: Sequence[str]) -> Evidence | None:
        """Count the lines that carry the signature."""
        return find_lines(sample, self.signature)


def find_lines(sample: Sequence[str], signature: re.Pattern[str]) -> Evidence | None:
    """Return evidence from the lines in which ``signature`` is found, showing the first."""
    hits = [i for i, line in enumerate(sample) if signature.search(line[:400])]
    if not hits:
        return None
    shown = sample[hits[0]].strip()
    return Evidence(len(hits), hits[0], shown if len(shown) <= 60 else shown[:57] + "...")

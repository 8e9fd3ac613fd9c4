"""import_texts: read, recognise, split by lines, assemble.

Each text is taken for the format that most of its first lines are of. Lines that this format does
not take are offered to every other one, so mixed texts are read whole; what nobody takes is
counted and the first such lines are kept with their numbers.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from mtrrviz.core.bulk_work import bulk_work
from mtrrviz.importers.dumps import dmesg
from mtrrviz.importers.facts import Facts, short
from mtrrviz.importers.formats import Context, Format, Parser
from mtrrviz.importers.import_options import NO_OPTIONS, ImportOptions
from mtrrviz.importers.imported import Import, SourceReport
from mtrrviz.importers.kernel.beginnings import is_device_line, may_tell
from mtrrviz.importers.likeness import FactCounter, likeness
from mtrrviz.importers.lines.clean import (
    CleanLines,
    cleaned,
    cut_before_last_line,
    needs_cleaning,
)
from mtrrviz.importers.lines.cut_lines import is_quoted_printable
from mtrrviz.importers.lines.heads import Head
from mtrrviz.importers.lines.surroundings import is_journal_field, is_shell
from mtrrviz.importers.machine.assemble import assemble
from mtrrviz.importers.notes import NoteKind, Place
from mtrrviz.importers.registry import FORMATS, SAMPLE_LINES, format_by_id, recognise
from mtrrviz.importers.text import Batch, Source, TextReader
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

KEPT_UNKNOWN = 50
"""Unknown lines shown per text."""

MAX_UNKNOWN = 200_000
"""Unknown lines after which a text that has hardly any others is given up."""

MAX_FOREIGN = 20_000
"""Lines after which a text is given up in which no line was of any format."""

MAX_TAIL = 100
"""Lines that are read with the batch before them: the end of a text may be one line."""

FileProgress = Callable[[str, int, int], None]
"""Called with the name of the text, bytes read and bytes in all (0 if unknown)."""

Parsers = Sequence[tuple[str, Parser]]
"""Parsers with the ids of their formats."""

_LOGS = {
    Head.LOG: "other lines of a log",
    Head.KERNEL: "other lines of the kernel's log",
    Head.XEN: "other lines of Xen's console",
}


@bulk_work()
def import_texts(
    texts: Iterable[tuple[str, bytes | Path]],
    override: str | None = None,
    options: ImportOptions = NO_OPTIONS,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Import:
    """Return the machine that named texts describe: files, pasted text, standard input.

    Each text is bytes or the path of a file, with the name that messages shall use. ``override`` is
    a format's id, for all of them. ScenarioError names file, line and value of what cannot be;
    ImportCancelledError if ``is_cancelled`` said so.
    """
    facts = Facts()
    reports = read_texts(facts, texts, override, progress, is_cancelled)
    if not reports:
        raise ScenarioError("import", "", "no file was given", "at least one file")
    return assemble(facts, reports, options)


def read_texts(
    facts: Facts,
    texts: Iterable[tuple[str, bytes | Path]],
    override: str | None = None,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> tuple[SourceReport, ...]:
    """Read named texts into ``facts`` and return what became of each; as :func:`import_texts`."""
    chosen = None if override is None else format_by_id(override)
    reports: list[SourceReport] = []
    for name, content in texts:
        told = None if progress is None else partial(progress, name)
        reader = TextReader(Source(name, content), told, is_cancelled)
        reports.append(_TextImport(facts, name, chosen).read(reader))
    return tuple(reports)


class _TextImport:
    """Reads one text into the facts."""

    def __init__(self, facts: Facts, name: str, chosen: Format | None) -> None:
        self._facts = facts
        self._name = name
        self._chosen = chosen
        self._parsers: list[tuple[str, Parser]] = []
        self._kernels: list[tuple[str, Parser]] = []
        self._used: Counter[str] = Counter()
        self._unknown_count = 0
        self._unknown: list[tuple[int, str]] = []
        self._last_unknown = 0
        self._nearest = (-1, 0, "")
        self._lines = 0
        self._reason = ""
        self._is_whole_text = False
        self._is_coded = False
        self._count_facts = FactCounter()
        self._last_cleaned: tuple[object, CleanLines] | None = None
        # The end of the last batch, which the next one may go on with.
        self._held: list[str] = []
        self._held_numbers: list[int] = []

    def read(self, reader: TextReader) -> SourceReport:
        """Read all batches and return the report."""
        batches = reader.batches()
        first = _sample(batches)
        self._choose(first)
        last = Batch([], 1)
        for batch in itertools.chain(first, batches):
            if len(batch.lines) <= MAX_TAIL:
                last = Batch([*last.lines, *batch.lines], last.first)
                continue
            self._take(last, is_last=False)
            last = batch
        self._take(last, is_last=True)
        for _, parser in self._parsers:
            parser.finish()
        for remark in reader.remarks:
            self._facts.note(NoteKind.WARNING, remark, Place(self._name))
        return self._report()

    def _choose(self, first: list[Batch]) -> None:
        """Order the parsers: the chosen or recognised one, then all others."""
        lines = [line for batch in first for line in batch.lines][:SAMPLE_LINES]
        numbers: Sequence[int] = range(1, len(lines) + 1)
        ordered = FORMATS if self._chosen is None else (self._chosen,)
        if self._chosen is not None:
            self._reason = "chosen by the user"
        else:
            found = recognise(lines)
            if not (found and found[0].format.is_whole_text):
                clean = self._cleaned(lines, numbers, is_coded=is_quoted_printable(lines))
                numbers = clean.numbers
                found = found if clean.lines == lines else recognise(clean.lines)
            self._reason = "no line of a known format"
            if found:
                main, evidence = found[0].format, found[0].evidence
                self._reason = evidence.reason(numbers[evidence.index])
                ordered = (main, *(other for other in FORMATS if other is not main))
        self._is_whole_text = ordered[0].is_whole_text
        for index, one in enumerate(ordered):
            context = Context(self._name, is_primary=index == 0 and bool(self._reason))
            self._parsers.append((one.id, one.parser(self._facts, context)))
        self._kernels = [one for one in self._parsers if one[0] == dmesg.FORMAT.id]

    def _take(self, batch: Batch, *, is_last: bool) -> None:
        """Read the lines of a batch, those of a trace as they are, all others cleaned.

        Unless it is the last, its end waits for the next one, which may go on with it.
        """
        self._lines += len(batch.lines)
        numbers = range(batch.first, batch.first + len(batch.lines))
        if self._is_whole_text:
            left = self._feed(self._parsers[:1], batch.lines, numbers)
            self._read_dumps(*left)
        elif needs_cleaning(batch.lines):
            lines, places = [*self._held, *batch.lines], [*self._held_numbers, *numbers]
            cut = len(lines) if is_last else cut_before_last_line(lines)
            self._read_dumps(lines[:cut], places[:cut])
            self._held, self._held_numbers = lines[cut:], places[cut:]
        else:
            self._read_dumps(self._held, self._held_numbers)
            self._held, self._held_numbers = [], []
            self._read_dumps(*self._feed(self._parsers, batch.lines, numbers))
        limit = MAX_UNKNOWN if self._used else MAX_FOREIGN
        if self._unknown_count > limit and self._unknown_count > 0.99 * self._lines:
            problem = f"of the first {self._lines} lines {self._unknown_count} are unknown"
            raise ScenarioError(self._name, "", problem, "a trace, a dump or a log")

    def _read_dumps(self, lines: Sequence[str], numbers: Sequence[int]) -> None:
        """Clean lines and give them to all parsers; count those that none takes."""
        if not lines:
            return
        self._is_coded = self._is_coded or is_quoted_printable(lines)
        clean = self._cleaned(lines, numbers, is_coded=self._is_coded)
        heads = dict(zip(clean.numbers, clean.heads, strict=True))
        kept, devices = list[int](), list[int]()
        for index, line in enumerate(clean.lines):
            if clean.heads[index] < Head.KERNEL:
                kept.append(index)
            elif may_tell(line):
                (devices if is_device_line(line) else kept).append(index)
            elif line:
                self._facts.unused[_LOGS[clean.heads[index]]] += 1
        for parsers, chosen in ((self._parsers, kept), (self._kernels, devices)):
            texts = [clean.lines[index] for index in chosen]
            places = [clean.numbers[index] for index in chosen]
            for line, number in zip(*self._feed(parsers, texts, places), strict=True):
                self._leave(line, number, heads[number])

    def _cleaned(
        self, lines: Sequence[str], numbers: Sequence[int], *, is_coded: bool
    ) -> CleanLines:
        """Return lines cleaned, those of a short text only once: it is its own sample."""
        if len(lines) > SAMPLE_LINES:
            return cleaned(lines, numbers, self._count_facts, is_coded=is_coded)
        asked = (list(lines), list(numbers), is_coded)
        if self._last_cleaned is None or self._last_cleaned[0] != asked:
            clean = cleaned(lines, numbers, self._count_facts, is_coded=is_coded)
            self._last_cleaned = (asked, clean)
        return self._last_cleaned[1]

    def _feed(
        self, parsers: Parsers, lines: Sequence[str], numbers: Sequence[int]
    ) -> tuple[list[str], list[int]]:
        """Let each parser in turn take its lines out of what the ones before it left."""
        for index, (name, parser) in enumerate(parsers):
            if index == 1:  # what is of the main format is out already
                lines, numbers = _without_blank_runs(lines, numbers)
            foreign = parser.feed(lines, numbers)
            if len(foreign) < len(lines):
                self._used[name] += len(lines) - len(foreign)
                lines = [lines[index] for index in foreign]
                numbers = [numbers[index] for index in foreign]
        return list(lines), list(numbers)

    def _leave(self, line: str, number: int, head: Head) -> None:
        """Count a line that no parser took, by what it is if one knows."""
        if not line or line.isspace():
            return
        if words := _LOGS.get(head):
            self._facts.unused[words] += 1
            return
        if words := self._noise(line):
            self._facts.unused[words] += 1
            return
        self._nearest = max(self._nearest, (likeness(line), -number, line))
        if number == self._last_unknown:
            return  # another line of the same string or page
        self._last_unknown = number
        self._unknown_count += 1
        if len(self._unknown) < KEPT_UNKNOWN:
            self._unknown.append((number, short(line)))

    def _noise(self, line: str) -> str:
        """Return what a line is that no format uses, "" if that is not known."""
        noises = (parser.noise(line) for _, parser in self._parsers)
        if words := next(filter(None, noises), ""):
            return words
        if line.lstrip()[0] == "#":
            return "comments"
        if is_shell(line):
            return "lines of a shell"
        return "other fields of a journal" if is_journal_field(line) else ""

    def _report(self) -> SourceReport:
        formats = tuple(sorted(self._used, key=lambda name: -self._used[name]))
        return SourceReport(
            self._name,
            self._lines,
            formats,
            self._reason,
            self._unknown_count,
            tuple(self._unknown),
            (-self._nearest[1], short(self._nearest[2])) if self._unknown else None,
        )


def _without_blank_runs(
    lines: Sequence[str], numbers: Sequence[int]
) -> tuple[Sequence[str], Sequence[int]]:
    """Return lines and their numbers, of blank ones that follow each other the first alone.

    That parts as many would, and each costs as much as a line that some parser might take.
    """
    blank = [not line or line.isspace() for line in lines]
    if sum(blank) < len(lines) // 2:
        return lines, numbers
    kept = [i for i, is_blank in enumerate(blank) if not (is_blank and i and blank[i - 1])]
    return [lines[i] for i in kept], [numbers[i] for i in kept]


def _sample(batches: Iterator[Batch]) -> list[Batch]:
    """Return the first batches, enough lines to recognise a format."""
    first: list[Batch] = []
    lines = 0
    for batch in batches:
        first.append(batch)
        lines += len(batch.lines)
        if lines >= SAMPLE_LINES:
            break
    return first

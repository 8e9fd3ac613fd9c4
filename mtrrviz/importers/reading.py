"""import_texts: read, recognise, split by lines, assemble.

Each text is taken for the format that most of its first lines are of. Lines that this format does
not take are offered to every other one, so mixed texts are read whole; what nobody takes is
counted and the first such lines are kept with their numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from mtrrviz.importers.assemble import assemble
from mtrrviz.importers.facts import Facts, short
from mtrrviz.importers.formats import Context, Format, Parser
from mtrrviz.importers.imported import Import, ImportOptions, SourceReport
from mtrrviz.importers.notes import Place, Severity
from mtrrviz.importers.registry import FORMATS, SAMPLE_LINES, format_by_id, recognise
from mtrrviz.importers.text import Batch, Progress, Source, TextReader
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

KEPT_UNKNOWN = 50
"""Unknown lines shown per text."""

MAX_UNKNOWN = 200_000
"""Unknown lines after which a text that has hardly any others is given up."""

MAX_FOREIGN = 20_000
"""Lines after which a text is given up in which no line was of any format."""

FileProgress = Callable[[str, int, int], None]
"""Called with the name of the text, bytes read and bytes in all (0 if unknown)."""

NO_OPTIONS = ImportOptions()


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
        told = None if progress is None else _named(progress, name)
        reader = TextReader(Source(name, content), told, is_cancelled)
        reports.append(_TextImport(facts, name, chosen).read(reader))
    return tuple(reports)


def _named(progress: FileProgress, name: str) -> Progress:
    """Return the callback for one text."""
    return lambda done, total: progress(name, done, total)


class _TextImport:
    """Reads one text into the facts."""

    def __init__(self, facts: Facts, name: str, chosen: Format | None) -> None:
        self._facts = facts
        self._name = name
        self._chosen = chosen
        self._parsers: list[tuple[str, Parser]] = []
        self._used: dict[str, int] = {}
        self._unknown_count = 0
        self._unknown: list[tuple[int, str]] = []
        self._lines = 0
        self._reason = ""

    def read(self, reader: TextReader) -> SourceReport:
        """Read all batches and return the report."""
        batches = reader.batches()
        first = _sample(batches)
        self._choose(list(itertools.chain.from_iterable(batch.lines for batch in first)))
        for batch in itertools.chain(first, batches):
            self._take(batch)
        for _, parser in self._parsers:
            parser.finish()
        for remark in reader.remarks:
            self._facts.note(Severity.WARNING, remark, Place(self._name))
        return self._report()

    def _choose(self, sample: list[str]) -> None:
        """Order the parsers: the chosen or recognised one, then all others."""
        if self._chosen is not None:
            self._reason = "chosen by the user"
            ordered = [self._chosen]
        else:
            found = recognise(sample)
            self._reason = found[0].evidence.reason if found else "no line of a known format"
            main = [found[0].format] if found else []
            ordered = [*main, *(f for f in FORMATS if f not in main)]
        for index, one in enumerate(ordered):
            context = Context(self._name, is_primary=index == 0 and bool(self._reason))
            self._parsers.append((one.id, one.parser(self._facts, context)))

    def _take(self, batch: Batch) -> None:
        """Let each parser in turn take its lines out of what the ones before it left."""
        self._lines += len(batch.lines)
        runs = [(batch.first, batch.lines)]
        for name, parser in self._parsers:
            left: list[tuple[int, list[str]]] = []
            for first, lines in runs:
                foreign = parser.feed(lines, first)
                self._count(name, len(lines) - len(foreign))
                left.extend((first + i, lines[i:j]) for i, j in _runs(foreign))
            runs = left
        for first, lines in runs:
            for index, line in enumerate(lines):
                self._leave(line, first + index)
        limit = MAX_UNKNOWN if self._used else MAX_FOREIGN
        if self._unknown_count > limit and self._unknown_count > 0.99 * self._lines:
            problem = f"of the first {self._lines} lines {self._unknown_count} are unknown"
            raise ScenarioError(self._name, "", problem, "a trace, a dump or a log")

    def _leave(self, line: str, number: int) -> None:
        """Count a line that no parser took, by what it is if one knows."""
        if not line or line.isspace():
            return
        for _, parser in self._parsers:
            if words := parser.noise(line):
                self._facts.unused[words] += 1
                return
        if line.lstrip()[0] == "#":
            self._facts.unused["comments"] += 1
            return
        self._unknown_count += 1
        if len(self._unknown) < KEPT_UNKNOWN:
            self._unknown.append((number, short(line)))

    def _count(self, name: str, lines: int) -> None:
        if lines:
            self._used[name] = self._used.get(name, 0) + lines

    def _report(self) -> SourceReport:
        formats = tuple(sorted(self._used, key=lambda name: -self._used[name]))
        return SourceReport(
            self._name,
            self._lines,
            formats,
            self._reason,
            self._unknown_count,
            tuple(self._unknown),
        )


def _runs(indices: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches [start, end) of consecutive numbers in an ascending list."""
    start = 0
    for end in range(1, len(indices) + 1):
        if end == len(indices) or indices[end] != indices[end - 1] + 1:
            yield indices[start], indices[end - 1] + 1
            start = end


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

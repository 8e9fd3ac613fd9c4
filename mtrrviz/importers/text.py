"""From bytes to batches of lines: encodings, gzip, limits; never more in memory than a piece.

Logs hold terminal escapes, a few NULs from a serial line, or UTF-16 from another system. What can
be repaired is repaired and reported; what is not text is refused in one sentence.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from mtrrviz.core.record import Record
from mtrrviz.core.units import format_size
from mtrrviz.importers.cancelled import ImportCancelledError
from mtrrviz.importers.patient_pipe import open_patiently
from mtrrviz.scenario.files.claims import how_to_take_more, most_unpacked_bytes
from mtrrviz.scenario.files.packed_file import PackedFile
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

CHUNK_BYTES = 1 << 18
"""Bytes read at once."""

MAX_LINE_CHARS = 1 << 18
"""Longest line taken for text."""

MAX_TEXT_BYTES = 4 << 30
"""Largest text read, unpacked."""

Progress = Callable[[int, int], None]
"""Called with bytes read so far (of a packed file, packed ones) and the total, 0 if unknown."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|[@-Z\\^_])?")
# What web pages and mail put for a space, and between letters where a line may be cut.
_SPACES = dict.fromkeys(map(ord, "\xa0\u2007\u2009\u202f"), " ") | dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff"), ""
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", ""),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_MAGIC = (
    (b"\x17\x08Dtracing", "a trace.dat of trace-cmd", "the output of `trace-cmd report -N`"),
    (b"PERFILE2", "a perf.data file", "the output of `perf script`"),
    (b"\x7fELF", "a program", "a text"),
    (b"\x89PNG", "a picture", "a text"),
    (b"PK\x03\x04", "a zip archive", "a text, plain or .gz"),
    (b"BZh", "a bzip2 file", "a text, plain or .gz"),
    (b"\xfd7zXZ", "an xz file", "a text, plain or .gz"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "a text, plain or .gz"),
    # Files are unpacked before; this is one in a pipe, in another one or still growing.
    (b"\x1f\x8b", "packed data", "a text, or a .gz file by its name"),
)


class Source(Record):
    """A text to import: a name for messages and either its bytes or a path."""

    name: str
    content: bytes | Path

    def open(self, is_cancelled: Callable[[], bool] | None = None) -> BinaryIO:
        """Return a stream of the raw bytes; ScenarioError if the file cannot be opened.

        Waiting for what comes out of a pipe ends if ``is_cancelled`` says so.
        """
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        try:
            return open_patiently(self.content, is_cancelled)
        except OSError as error:
            problem = error.strerror or str(error)
            raise ScenarioError(self.name, "", problem, "a readable file") from error

    def size_bytes(self) -> int:
        """Return the size, 0 if it is not known."""
        if isinstance(self.content, bytes):
            return len(self.content)
        try:
            return self.content.stat().st_size
        except OSError:
            return 0


class Batch(Record):
    """Whole lines without their ends; the first has number ``first``, counted from 1."""

    lines: list[str]
    first: int


class TextReader:
    """Reads one source as batches of lines, keeping what had to be repaired in :attr:`remarks`."""

    def __init__(
        self,
        source: Source,
        progress: Progress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._source = source
        self._progress = progress
        self._is_cancelled = is_cancelled
        self._lines = 0
        #: What was repaired, as sentences.
        self.remarks: list[str] = []

    def batches(self) -> Iterator[Batch]:
        """Yield the text; ScenarioError if it is no text, too large or damaged."""
        cleaner = Cleaner(self._source.name)
        carry = ""
        for chunk in self._chunks():
            text = carry + cleaner.text(chunk)
            lines = text.split("\n")
            carry = lines.pop()
            # All others are of one chunk, which is no longer.
            if lines and len(lines[0]) > MAX_LINE_CHARS:
                self._refuse_line(0, lines[0])
            if len(carry) > MAX_LINE_CHARS:
                self._refuse_line(len(lines), carry)
            if lines:
                yield self._batch(lines)
        carry += cleaner.end()
        if carry:
            yield self._batch(carry.split("\n"))
        self.remarks.extend(cleaner.remarks)

    def _batch(self, lines: list[str]) -> Batch:
        first = self._lines + 1
        self._lines += len(lines)
        return Batch(lines, first)

    def _refuse_line(self, before: int, line: str) -> None:
        place = f"line {self._lines + before + 1}"
        problem = f"a line of more than {MAX_LINE_CHARS} characters, starting {line[:20]!r}"
        raise ScenarioError(self._source.name, place, problem, "lines of text")

    def _chunks(self) -> Iterator[bytes]:
        """Yield the unpacked bytes in pieces."""
        total = self._source.size_bytes()
        with self._source.open(self._is_cancelled) as raw:
            head = self._read(raw, 2)
            raw.seek(0) if raw.seekable() else None
            is_packed = head == b"\x1f\x8b" and raw.seekable()
            stream = PackedFile(raw) if is_packed else raw
            if not raw.seekable():
                yield head
            yield from self._counted(raw, stream, total, is_packed)

    def _counted(
        self, raw: BinaryIO, stream: BinaryIO | PackedFile, total: int, is_packed: bool
    ) -> Iterator[bytes]:
        """Yield pieces of ``stream``, with progress, up to the limits."""
        done = 0
        while chunk := self._read(stream, CHUNK_BYTES):
            if self._is_cancelled is not None and self._is_cancelled():
                raise ImportCancelledError
            done += len(chunk)
            limit = most_unpacked_bytes(total, MAX_TEXT_BYTES) if is_packed else MAX_TEXT_BYTES
            if done > limit:
                problem = f"more than {format_size(limit)} of text"
                expected = "a log or dump of one machine"
                if limit < MAX_TEXT_BYTES:
                    problem += f" in a file of {format_size(total)}"
                    expected += how_to_take_more()
                raise ScenarioError(self._source.name, "", problem, expected)
            if self._progress is not None:
                self._progress(raw.tell() if is_packed else done, total)
            yield chunk

    def _read(self, stream: BinaryIO | PackedFile, size: int) -> bytes:
        try:
            return stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            place = f"after line {self._lines}" if self._lines else ""
            problem = f"the packed data are damaged or cut off ({error})"
            raise ScenarioError(self._source.name, place, problem, "a whole .gz file") from error
        except OSError as error:
            problem = error.strerror or str(error)
            raise ScenarioError(self._source.name, "", problem, "a readable file") from error


class Cleaner:
    """Decodes pieces of one text and takes out what no parser wants to see."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._decoder: codecs.IncrementalDecoder | None = None
        #: What was repaired, as sentences.
        self.remarks: list[str] = []

    def text(self, chunk: bytes) -> str:
        """Return the characters of a piece, cleaned."""
        if self._decoder is None:
            chunk = self._start(chunk)
        return self._cleaned(self._decoded(chunk, final=False))

    def end(self) -> str:
        """Return what was still held back at the end of the text."""
        return self._cleaned(self._decoded(b"", final=True)) if self._decoder else ""

    def _start(self, chunk: bytes) -> bytes:
        """Choose the encoding by the first piece, and refuse what is known to be no text."""
        for magic, what, expected in _MAGIC:
            if chunk.startswith(magic):
                raise ScenarioError(self._file, "", f"this is {what}", expected)
        encoding, name, skip = _guess_encoding(chunk)
        if name:
            self.remarks.append(f"the text is {name}, not UTF-8; it was converted")
        elif _is_binary(chunk):
            problem = f"this is not text (it starts {chunk[:8].hex(' ')})"
            raise ScenarioError(self._file, "", problem, "a log, a dump or a trace as text")
        self._decoder = codecs.getincrementaldecoder(encoding)()
        return chunk[skip:]

    def _decoded(self, chunk: bytes, *, final: bool) -> str:
        decoder = self._decoder
        if decoder is None:
            return ""
        # What the decoder holds back of a character cut in two must not be lost if it fails.
        held = decoder.getstate()[0]
        try:
            return decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self.remarks.append("the text is not all UTF-8; it was read as Latin-1 from there on")
            self._decoder = codecs.getincrementaldecoder("latin-1")()
            return self._decoder.decode(held + chunk, final)

    def _cleaned(self, text: str) -> str:
        if "\r" in text:
            text = text.replace("\r", "")
        if not text.isascii():
            text = text.translate(_SPACES)
        if "\x1b" in text:
            text = _ESCAPES.sub("", text)
        if "\0" in text:
            text = text.replace("\0", "")
            remark = "NUL characters were taken out"
            if remark not in self.remarks:
                self.remarks.append(remark)
        return text


def _guess_encoding(chunk: bytes) -> tuple[str, str, int]:
    """Return codec, a name worth mentioning ("" for UTF-8) and the length of the mark."""
    for mark, encoding, name in _BOMS:
        if chunk.startswith(mark):
            return encoding, name, len(mark)
    sample = chunk[:4096]
    if len(sample) >= 16:
        # Latin letters in UTF-16 have a NUL in every other byte.
        for odd, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if sample[odd::2].count(0) > 0.4 * len(sample) and sample[1 - odd :: 2].count(0) == 0:
                return encoding, "UTF-16 (without its mark)", 0
    return "utf-8", "", 0


_FEW_CONTROLS = 4
"""Control characters that even a short text may have."""

_CONTROLS = bytes(set(range(32)) - {8, 9, 10, 12, 13, 27})


def _is_binary(chunk: bytes) -> bool:
    """Return whether too many bytes are control characters that no log has."""
    sample = chunk[:65536]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > max(_FEW_CONTROLS, 0.05 * len(sample))

"""Unpacking gzip that must be worth its size: a file of empty members takes seconds for nothing."""

from __future__ import annotations

import gzip
from typing import IO

_IDLE_BYTES = 1 << 19
#: Deflate makes data longer by 5 bytes in 64 KiB at most (RFC 1951, 3.2.4).
_MOST_PER_BYTE = 2


class PackedFile:
    """What a stream of gzip unpacks to.

    Each member costs some microseconds, each byte of its name or of padding a part of one (RFC
    1952, 2.2 and 2.3.1), however little they unpack to.
    """

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = _CountedBytes(packed)
        self._unpacked = gzip.GzipFile(fileobj=self._packed)

    def read(self, size_bytes: int) -> bytes:
        """Return the next bytes, fewer at the end.

        Raises BadGzipFile where they take much more than themselves, or are damaged, EOFError where
        the rest is missing, and zlib.error.
        """
        self._packed.left_bytes = _IDLE_BYTES + _MOST_PER_BYTE * size_bytes
        return self._unpacked.read(size_bytes)


class _CountedBytes:
    """A stream of which only so many bytes may be read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.left_bytes = 0

    def read(self, size_bytes: int) -> bytes:
        """Return the next bytes, fewer at the end; BadGzipFile once no more may be read."""
        data = self._stream.read(size_bytes)
        self.left_bytes -= len(data)
        if self.left_bytes < 0:
            raise gzip.BadGzipFile("much of it unpacks to next to nothing")
        return data

    def seek(self, place: int) -> int:
        """Go on reading at a place, and return it."""
        return self._stream.seek(place)

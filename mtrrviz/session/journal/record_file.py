"""A file of records, each synced as it is appended, that is readable up to any damage.

The file begins with :data:`MAGIC`. A record is its length and its CRC-32, both little-endian and of
four bytes, and then its packed content.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from mtrrviz.scenario.files.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAGIC = b"mtrrviz journal 2\n"
_HEAD = struct.Struct("<II")
#: Largest content of a record, and of all records of a file: what is beyond is damaged.
_LARGEST_BYTES, _MOST_BYTES = 256 << 20, 1 << 30


class DamagedError(ValueError):
    """What follows in a file of records is not as it was written."""


class RecordFile:
    """A file that only this program appends to. All methods raise OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Length of what was written; 0 before anything was."""
        return self._size_bytes

    def write(self, contents: Sequence[bytes]) -> None:
        """Let the file hold these records and no others: all of them, or what it held before."""
        data = MAGIC + b"".join(map(_record, contents))
        write_whole(self._path, data)
        self._size_bytes = len(data)

    def append(self, contents: Sequence[bytes]) -> None:
        """Add records; when this returns they survive a power cut.

        What is there of records that could not be written is overwritten by the next.
        """
        data, place = b"".join(map(_record, contents)), self._size_bytes
        handle = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(handle, place)
            while data:
                written = os.pwrite(handle, data, place)
                data, place = data[written:], place + written
            os.fsync(handle)
        finally:
            os.close(handle)
        self._size_bytes = place


def read_records(path: Path) -> Iterator[bytes]:
    """Yield the contents of a file of records, one at a time.

    Raises OSError, and DamagedError at what is damaged: what came before is as it was written.
    """
    left_bytes = _MOST_BYTES
    with path.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise DamagedError("no journal")
        while head := stream.read(_HEAD.size):
            content = _content(stream, head)
            left_bytes -= len(content)
            if left_bytes < 0:
                raise DamagedError("more than any journal has")
            yield content


def _record(content: bytes) -> bytes:
    packed = zlib.compress(content, 1)
    return _HEAD.pack(len(packed), zlib.crc32(packed)) + packed


def _content(stream: BinaryIO, head: bytes) -> bytes:
    """Return the content of the record with a head, of which the rest is read."""
    if len(head) < _HEAD.size:
        raise DamagedError("a head is cut off")
    length, check = _HEAD.unpack(head)
    packed = stream.read(min(length, _LARGEST_BYTES))
    if len(packed) != length or zlib.crc32(packed) != check:
        raise DamagedError("a record is not as it was written")
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, _LARGEST_BYTES)
    except zlib.error as error:
        raise DamagedError(str(error)) from error
    if not unpacker.eof:
        raise DamagedError("a record does not end, or is too large")
    return content

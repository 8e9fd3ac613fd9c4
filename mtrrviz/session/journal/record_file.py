"""A file of records, each synced as it is appended, that is readable up to any damage.

The file begins with :data:`MAGIC`. A record is its length and its CRC-32, both little-endian and of
four bytes, and then its packed content.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.scenario.files.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAGIC = b"mtrrviz journal 1\n"
_HEAD = struct.Struct("<II")
#: Largest file and content of a record, in bytes, unpacked: what is beyond is damaged.
_LARGEST_BYTES = 256 << 20


class Records(Record):
    """What could be read of a file; ``is_damaged`` if something follows that could not."""

    contents: tuple[bytes, ...]
    is_damaged: bool


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


def read_records(path: Path) -> Records:
    """Return the records of a file up to the first that is damaged. Raises OSError."""
    with path.open("rb") as stream:
        data = stream.read(_LARGEST_BYTES)
    if not data.startswith(MAGIC):
        return Records((), is_damaged=True)
    contents: list[bytes] = []
    place = len(MAGIC)
    while place < len(data):
        content = _content_at(data, place)
        if content is None:
            return Records(tuple(contents), is_damaged=True)
        contents.append(content)
        place += _HEAD.size + _HEAD.unpack_from(data, place)[0]
    return Records(tuple(contents), is_damaged=False)


def _record(content: bytes) -> bytes:
    packed = zlib.compress(content, 1)
    return _HEAD.pack(len(packed), zlib.crc32(packed)) + packed


def _content_at(data: bytes, place: int) -> bytes | None:
    """Return the content of the record at a place, None if it is not all there and as written."""
    if place + _HEAD.size > len(data):
        return None
    length, check = _HEAD.unpack_from(data, place)
    packed = data[place + _HEAD.size : place + _HEAD.size + length]
    if len(packed) != length or zlib.crc32(packed) != check:
        return None
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, _LARGEST_BYTES)
    except zlib.error:
        return None
    return content if unpacker.eof else None

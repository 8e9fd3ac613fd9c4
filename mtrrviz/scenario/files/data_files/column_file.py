"""Data files of columns: integer arrays of equal length in an .npz archive.

Read without numpy's own loader: the few bytes of each column's header are matched against the one
form that numpy writes for a column of whole numbers, so nothing in a file is evaluated, and sizes
are compared before memory is taken.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from mtrrviz.scenario.files.claims import most_unpacked_bytes, too_large
from mtrrviz.scenario.scenario_error import ScenarioError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

#: Largest unpacked data file, in bytes (a touch needs at most 22, an observed leaf 31).
MAX_FILE_BYTES = 1 << 30
#: Longest list of the members of an archive, of which the columns are some.
_MAX_LIST_BYTES = 10_000
_END = struct.Struct("<4s16x4s8xI6x")
"""How an archive without a comment ends: what follows the list of members, and its length."""
_MAGIC = re.compile(rb"\x93NUMPY[\x01\x02]\x00")
_HEADER = re.compile(
    rb"\{'descr': '([<>|=][iu][1248])', 'fortran_order': (?:False|True), "
    rb"'shape': \((\d{1,15}),\), \}\s*"
)
_HEAD_BYTES = 128
"""What numpy puts before a column."""
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # an encrypted member
    NotImplementedError,  # a compression that zipfile does not know
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def read_columns(path: Path, limits: Mapping[str, int], time: str) -> dict[str, NDArray[Any]]:
    """Return the columns named in ``limits``, which gives the least value too large for each.

    ``time`` names the column by which the rows must be sorted. ScenarioError names the column.
    """
    columns = _columns(path, limits)
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ScenarioError(str(path), "", f"lengths {lengths}", "columns of equal length")
    for name, column in columns.items():
        _check_range(path, name, column, limits[name])
    if np.any(columns[time][1:] < columns[time][:-1]):
        raise ScenarioError(str(path), time, "times go back", "rows sorted by time")
    return columns


def packed_columns(columns: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the content of a data file that :func:`read_columns` reads.

    Columns that could be packed further than it believes are not packed.
    """
    data = io.BytesIO()
    arrays: dict[str, Any] = dict(columns)
    np.savez_compressed(data, **arrays)
    packed = data.getvalue()
    unpacked_bytes = sum(column.nbytes + _HEAD_BYTES for column in columns.values())
    if most_unpacked_bytes(len(packed), MAX_FILE_BYTES) >= unpacked_bytes:
        return packed
    return plain_columns(columns)


def plain_columns(columns: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the same unpacked: larger, and made at once."""
    data = io.BytesIO()
    arrays: dict[str, Any] = dict(columns)
    np.savez(data, **arrays)
    return data.getvalue()


def _columns(path: Path, names: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Return the columns as the file has them."""
    expected = f"an .npz file with the arrays {', '.join(names)}"
    try:
        _check_members(path)
        with zipfile.ZipFile(path) as archive:
            limit_bytes = most_unpacked_bytes(path.stat().st_size, MAX_FILE_BYTES)
            if sum(member.file_size for member in archive.infolist()) > limit_bytes:
                raise too_large(path, limit_bytes, MAX_FILE_BYTES)
            return {name: _column(path, archive, name) for name in names}
    except ScenarioError:  # is a ValueError, and says all already
        raise
    except KeyError as error:
        raise ScenarioError(str(path), "", f"an array is missing: {error}", expected) from error
    except _BROKEN as error:
        raise ScenarioError(str(path), "", f"it cannot be read: {error}", expected) from error


def _check_members(path: Path) -> None:
    """Raise BadZipFile for an archive with many more members than there are columns.

    ``zipfile`` makes an object for each. What follows the list in an archive beyond 4 GiB would
    name another length.
    """
    with path.open("rb") as stream:
        stream.seek(-_END.size, io.SEEK_END)
        before, magic, list_bytes = _END.unpack(stream.read())
    if magic != b"PK\5\6" or before == b"PK\6\7" or list_bytes > _MAX_LIST_BYTES:
        raise zipfile.BadZipFile("this is no archive as numpy writes it")


def _column(path: Path, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Return one column of an archive; KeyError if there is none of this name."""
    member = archive.getinfo(f"{name}.npy")
    with archive.open(member) as stream:
        header = _header(stream)
        match = _HEADER.fullmatch(header)
        if match is None:
            expected = "one dimension of whole numbers"
            raise ScenarioError(str(path), name, f"a column of {shown(header)}", expected)
        dtype, length = np.dtype(match[1].decode()), int(match[2])
        size = length * dtype.itemsize
        data = stream.read(size) if size <= member.file_size else b""
    if len(data) != size:
        problem = f"{length} numbers in {member.file_size} bytes"
        raise ScenarioError(str(path), name, problem, "a whole column")
    return np.frombuffer(data, dtype)


def _header(stream: IO[bytes]) -> bytes:
    """Return the header that describes a column (numpy's .npy format, versions 1 and 2)."""
    magic = stream.read(8)
    if _MAGIC.fullmatch(magic) is None:
        raise ValueError("this is no .npy array")
    form = "<H" if magic[6] == 1 else "<I"
    (length,) = struct.unpack(form, stream.read(struct.calcsize(form)))
    return stream.read(min(length, 10_000))


def _check_range(path: Path, name: str, column: NDArray[Any], limit: int) -> None:
    """Refuse values that are out of the range which their meaning has."""
    if len(column) and not 0 <= int(column.min()) <= int(column.max()) < limit:
        problem = f"values from {column.min()} to {column.max()}"
        raise ScenarioError(str(path), name, problem, f"0 to {limit - 1}")

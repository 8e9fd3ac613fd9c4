"""Sorting of columns of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Number = TypeVar("_Number", bound=np.integer)


def distinct(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Return the different numbers, ascending.

    Sorting beats the hashing of np.unique by far, which also loads numpy.ma at its first call.
    """
    ordered = np.sort(numbers)
    return ordered[is_another(ordered)]


def is_another(ordered: NDArray[_Number]) -> NDArray[np.bool_]:
    """Return which of numbers in order is not the one before, the first included."""
    is_first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return is_first


class Ordered(NamedTuple):
    """Numbers in ascending order, equal ones by position, and the position of each, intp."""

    numbers: NDArray[np.uint64]
    positions: NDArray[np.intp]


def in_order(numbers: NDArray[np.uint64]) -> Ordered:
    """Return numbers in order, and where each was."""
    packed = _packed_in_order(numbers)
    if packed is None:
        positions = order_of(numbers)
        return Ordered(numbers[positions], positions)
    positions = _positions(packed)
    packed >>= _position_bits(numbers)
    return Ordered(packed, positions)


def order_of(numbers: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return where each number was before they were put in order, equal ones by position, intp."""
    packed = _packed_in_order(numbers)
    return np.argsort(numbers, kind="stable") if packed is None else _positions(packed)


class Coded(NamedTuple):
    """Where each different number comes ``first``, by number, and the place in that of each."""

    first: NDArray[np.intp]
    codes: NDArray[np.intp]


def coded(numbers: NDArray[np.uint64]) -> Coded:
    """Return numbers as codes of the different ones."""
    ordered, positions = in_order(numbers)
    is_first = is_another(ordered)
    codes = np.empty(len(numbers), np.intp)
    codes[positions] = np.cumsum(is_first) - 1
    return Coded(positions[is_first], codes)


class RowRuns(NamedTuple):
    """Runs of whole numbers that follow one another: ``firsts``, and ``ends`` behind the last."""

    firsts: NDArray[np.intp]
    ends: NDArray[np.intp]


def runs_of(rows: NDArray[np.intp]) -> RowRuns:
    """Return the runs of numbers that ascend."""
    breaks = np.flatnonzero(np.diff(rows) != 1)
    count = min(len(rows), len(breaks) + 1)
    firsts, lasts = np.append(0, breaks + 1)[:count], np.append(breaks, -1)[:count]
    return RowRuns(rows[firsts], rows[lasts] + 1)


def _position_bits(numbers: NDArray[np.uint64]) -> np.uint64:
    return np.uint64(len(numbers).bit_length())


def _packed_in_order(numbers: NDArray[np.uint64]) -> NDArray[np.uint64] | None:
    """Sort numbers and positions in one word each, 3x as fast as indices; None if too long."""
    bits = _position_bits(numbers)
    if int(numbers.max(initial=0)).bit_length() + int(bits) > 64:
        return None
    packed = numbers << bits
    packed |= np.arange(len(numbers), dtype=np.uint64)
    packed.sort()
    return packed


def _positions(packed: NDArray[np.uint64]) -> NDArray[np.intp]:
    mask = (np.uint64(1) << _position_bits(packed)) - np.uint64(1)
    return (packed & mask).astype(np.intp)

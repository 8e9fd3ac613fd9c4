"""The different numbers of an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Number = TypeVar("_Number", bound=np.integer)


def distinct(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Return the different numbers, ascending.

    Sorting beats the hashing of np.unique by far, which also loads numpy.ma at its first call.
    """
    ordered = np.sort(numbers)
    return ordered[np.append(np.True_, ordered[1:] != ordered[:-1])[: len(ordered)]]

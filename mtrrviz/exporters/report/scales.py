"""Scales of the report's pictures: times and counts along a line, cycles by their logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Linear:
    """Numbers from 0 to ``most`` over pixels from ``start`` to ``end``."""

    most: float
    start: float
    end: float

    def px(self, value: float) -> float:
        """Return the pixel of a number."""
        return self.start + (self.end - self.start) * value / self.most

    def ticks(self, about: int) -> list[float]:
        """Return round numbers on the scale, some ``about`` of them."""
        step = round_step(self.most / about)
        return [number * step for number in range(int(self.most / step + 1e-9) + 1)]


def round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is ``least`` or more."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in _STEPS if power * step >= least * (1 - 1e-9))


@dataclass(frozen=True, slots=True)
class Powers:
    """Powers of ten from ``low`` to ``high`` (exponents) over pixels from ``start`` to ``end``."""

    low: int
    high: int
    start: float
    end: float

    @classmethod
    def around(cls, columns: Iterable[NDArray[np.float64]], start: float, end: float) -> Powers:
        """Return a scale that holds all numbers of the columns."""
        values = np.concatenate([np.zeros(0), *columns])
        values = values[values >= 1]
        if not len(values):
            return cls(5, 9, start, end)
        low = max(0, math.floor(math.log10(float(values.min())) - 0.5))
        high = math.floor(math.log10(float(values.max()))) + 1
        return cls(low, high, start, end)

    def px(self, value: float) -> float:
        """Return the pixel of a number; what is too small for the scale is at its start."""
        exponent = math.log10(max(value, 1.0))
        part = max((exponent - self.low) / (self.high - self.low), 0.0)
        return self.start + (self.end - self.start) * part

    def ticks(self) -> list[tuple[float, str]]:
        """Return pixel and words of each power of ten."""
        return [(self.px(10.0**e), power_words(e)) for e in range(self.low, self.high + 1)]


def power_words(exponent: int) -> str:
    """Return a power of ten in short words, e.g. "10 M"."""
    thousands, rest = divmod(exponent, 3)
    return f"{10**rest} {('', 'k', 'M', 'G', 'T', 'P', 'E')[thousands]}".strip()

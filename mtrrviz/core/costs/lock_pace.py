"""How fast a walk under mmu_lock goes on while vCPUs of the guest want the lock ever more often.

A vCPU in the guest needs the lock for each fault. Call the share of the walk's steps at which it
waits there its pressure. The longer a walk lasts the more translations vCPUs miss, and their faults
are tried again and again until it is over, so after a time t

    pressure(t) = 1 - (1 - pressure(0)) * exp(-t / onset)

and with ``extra`` cycles at full pressure a step takes on average

    base + extra * pressure(t).

Steps taken are the integral of the inverse, which has a closed form, and so has its inverse.
"""

from __future__ import annotations

import math

from mtrrviz.core.record import Record

_EXP_LIMIT = 700.0
"""Beyond it exp() overflows, and one more or less makes no difference to its value."""

_LEAST = 1e-9
"""Cycles of a step that constants set to 0 leave without any, so that steps stay finite."""


class Pace(Record):
    """The pace of walks while nobody comes to the lock or leaves it.

    ``base`` and ``extra`` are cycles a step, ``onset`` cycles; ``extra`` may be 0.
    """

    base: float
    extra: float = 0.0
    onset: float = 1.0

    def cycles(self, steps: float, pressure: float = 0.0) -> float:
        """Return the cycles of so many steps, with a ``pressure`` of 0 to 1 at their start."""
        if self.extra <= 0:
            return self.base * steps
        most = self.base + self.extra
        now = self.base + self.extra * pressure
        exponent = most * steps / self.onset
        if exponent > _EXP_LIMIT:
            return self.onset * (exponent + math.log(now / most))
        return self.onset * math.log1p(now / most * math.expm1(exponent))

    def steps(self, cycles: float, pressure: float = 0.0) -> float:
        """Return the steps taken in so many cycles; the inverse of :meth:`cycles`."""
        if self.extra <= 0:
            return cycles / max(self.base, _LEAST)
        most = self.base + self.extra
        now = max(self.base + self.extra * pressure, _LEAST)
        exponent = cycles / self.onset
        if exponent > _EXP_LIMIT:
            return self.onset / most * (exponent + math.log(most / now))
        return self.onset / most * math.log1p(most / now * math.expm1(exponent))

    def pressure_after(self, cycles: float, pressure: float = 0.0) -> float:
        """Return the pressure so many cycles later."""
        if self.extra <= 0:
            return pressure
        return 1.0 - (1.0 - pressure) * math.exp(-cycles / self.onset)

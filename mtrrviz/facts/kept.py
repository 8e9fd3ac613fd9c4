"""Results that are kept as long as the object that they are worked out of exists."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.sim.run import Run

T = TypeVar("T")


def kept(
    of: Callable[[Run], object] = lambda run: run,
) -> Callable[[Callable[[Run], T]], Callable[[Run], T]]:
    """Return a decorator that makes a function of a Run work once for each Run.

    ``of`` names the part of the Run that the result depends on, where runs share it: an object
    that is hashed by identity. A result must not refer to that object, or neither is ever freed.
    """

    def decorated(work: Callable[[Run], T]) -> Callable[[Run], T]:
        results: WeakKeyDictionary[object, T] = WeakKeyDictionary()

        @wraps(work)
        def kept_work(run: Run) -> T:
            key = of(run)
            if key not in results:
                results[key] = work(run)
            return results[key]

        return kept_work

    return decorated

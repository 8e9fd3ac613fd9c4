"""What a benchmark case is, and where all of them are found.

A case lives in a module `tests/bench/case_*.py` and is announced there by the decorator `case`:

    @case("simulate 1e6 touches", reference="stable np.argsort of as many", limit=3.0)
    def simulate_touches() -> Pair:
        scenario, numbers = ...
        return Pair(lambda: simulate(scenario, "per-vcpu"), lambda: np.argsort(numbers))

Times differ between machines and between minutes; the ratio of two things timed in turns in one
process differs little, so that is what has a limit.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Pair(NamedTuple):
    """The two callables that a case compares; each does its work once per call."""

    subject: Callable[[], Any]
    reference: Callable[[], Any]


class Case(NamedTuple):
    """One goal: the subject takes at most `limit` times the reference's CPU time.

    Cases of one ``work`` do the same with ``size`` things: how that grows is printed at the end.
    """

    name: str
    reference: str
    limit: float
    prepare: Callable[[], Pair]
    in_short: bool = True
    work: str = ""
    size: int = 0
    unit: str = "ms"


CASES: dict[str, Case] = {}


def case(
    name: str,
    *,
    reference: str,
    limit: float,
    in_short: bool = True,
    work: str = "",
    size: int = 0,
    unit: str = "ms",
) -> Callable[[Callable[[], Pair]], Callable[[], Pair]]:
    """Announce a case; the decorated function makes the data and returns the pair.

    A case that takes more than a few seconds says in_short=False: `--short` leaves it out. With
    another ``unit`` than ms nothing is timed: both callables return an amount in that unit.
    """

    def announce(prepare: Callable[[], Pair]) -> Callable[[], Pair]:
        if name in CASES:
            message = f"two benchmark cases are called {name!r}"
            raise ValueError(message)
        CASES[name] = Case(name, reference, limit, prepare, in_short, work, size, unit)
        return prepare

    return announce


def load_cases() -> list[Case]:
    """Import every module of cases and return all that they announce, in the order of names."""
    directory = str(Path(__file__).parent)
    names = sorted(module.name for module in pkgutil.iter_modules([directory]))
    for name in names:
        if name.startswith("case_"):
            importlib.import_module(f"tests.bench.{name}")
    return list(CASES.values())

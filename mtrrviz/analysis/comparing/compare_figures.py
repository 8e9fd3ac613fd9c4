"""The results of two runs in two columns, with the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.facts.figures import Figures

_MINUS = "\N{MINUS SIGN}"


class Figure(Record):
    """One result of both runs. ``key`` is its name in JSON, ``decimals`` how it is written."""

    key: str
    title: str
    a: float
    b: float
    decimals: int = 0

    @property
    def difference(self) -> float:
        """Return the second minus the first."""
        return self.b - self.a

    def cells(self) -> tuple[str, str, str, str]:
        """Return title, both values and the signed difference as words."""
        change = self.difference
        written = f"{abs(change):,.{self.decimals}f}"
        is_zero = written == f"{0:.{self.decimals}f}"
        sign = "" if is_zero else "+" if change > 0 else _MINUS
        return self.title, self._written(self.a), self._written(self.b), sign + written

    def _written(self, number: float) -> str:
        return f"{number:,.{self.decimals}f}"


_FIGURES: tuple[tuple[str, str, int, Callable[[Figures], float]], ...] = (
    ("zap_count", "zaps", 0, lambda s: s.zap_count),
    ("contended_zaps", "contended zaps", 0, lambda s: s.contended_zaps),
    ("leaves_dropped", "leaves dropped", 0, lambda s: s.leaves_dropped),
    ("faults", "faults", 0, lambda s: s.faults),
    ("refaults", "refaults", 0, lambda s: s.refaults),
    ("zap_mcycles", "zap Mcycles ({})", 2, lambda s: s.zap_mcycles),
    ("boot_s", "boot s ({})", 3, lambda s: s.boot_s),
)


def figures_of(first: Figures, second: Figures, label: str) -> tuple[Figure, ...]:
    """Return all figures of two runs; zaps by cause and by vCPU where either run has any.

    ``label`` is what to write beside figures that are modelled.
    """
    return (
        *(
            Figure(key, title.format(label), read(first), read(second), decimals)
            for key, title, decimals, read in _FIGURES
        ),
        *_leaks(first, second),
        *_by_cause(first, second),
        *_by_vcpu(first, second),
    )


def _leaks(first: Figures, second: Figures) -> list[Figure]:
    """Return the SRCU read locks left held, if there are any."""
    pair = (first.srcu_leaks, second.srcu_leaks)
    return [Figure("srcu_leaks", "SRCU read locks left held", *pair)] if any(pair) else []


def _by_cause(first: Figures, second: Figures) -> list[Figure]:
    pairs = [(name, n, second.zaps_by_cause[name]) for name, n in first.zaps_by_cause.items()]
    return [
        Figure(f"zaps_by_cause.{name}", f"zaps: {name}", a, b) for name, a, b in pairs if a or b
    ]


def _by_vcpu(first: Figures, second: Figures) -> list[Figure]:
    pairs = enumerate(zip(first.zaps_per_vcpu, second.zaps_per_vcpu, strict=True))
    return [
        Figure(f"zaps_per_vcpu.{vcpu}", f"zaps: vCPU {vcpu}", a, b)
        for vcpu, (a, b) in pairs
        if a or b
    ]

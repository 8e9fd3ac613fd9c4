"""Nelder and Mead's downhill simplex: finds a minimum without derivatives, always the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Point = list[float]


def minimise(
    loss: Callable[[Point], float],
    start: Sequence[float],
    step: float = 0.3,
    rounds: int = 150,
    restarts: int = 4,
) -> Point:
    """Return the point with the smallest ``loss`` found, each restart with half the ``step``.

    A simplex that collapsed in a wrinkle of the loss gets out of it by starting afresh.
    """
    best = list(start)
    for _ in range(restarts + 1):
        points = [
            best,
            *([x + step * (i == j) for j, x in enumerate(best)] for i in range(len(best))),
        ]
        known = sorted((loss(point), point) for point in points)
        for _ in range(rounds):
            known = sorted(_moved(loss, known))
        best = known[0][1]
        step /= 2
    return best


def _moved(
    loss: Callable[[Point], float], known: list[tuple[float, Point]]
) -> list[tuple[float, Point]]:
    """Return the simplex after its worst point went somewhere better, or after it shrank."""
    *rest, (worst, last) = known
    centre = [sum(column) / len(rest) for column in zip(*(point for _, point in rest), strict=True)]

    def at(factor: float) -> tuple[float, Point]:
        point = [c + factor * (x - c) for c, x in zip(centre, last, strict=True)]
        return loss(point), point

    mirrored = at(-1)
    if mirrored < rest[0]:
        return [*rest, min(mirrored, at(-2))]
    if mirrored < rest[-1]:
        return [*rest, mirrored]
    nearer = at(0.5)
    if nearer[0] < worst:
        return [*rest, nearer]
    best = known[0][1]
    shrunk = [[(a + b) / 2 for a, b in zip(best, p, strict=True)] for _, p in known[1:]]
    return [known[0], *((loss(point), point) for point in shrunk)]

"""The rows of a sweep as curves over vCPUs or over memory, with what was published among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mtrrviz.analysis.published import firmware_of, policy_of, published_rows
from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.published import PublishedRow
    from mtrrviz.analysis.sweep import SweepRow

Axis = Literal["vcpus", "memory_gib"]
Figure = Literal["zap_count", "zap_mcycles", "boot_s"]

AXES: dict[Axis, str] = {"vcpus": "vCPUs", "memory_gib": "GiB of memory"}
"""What a sweep can be drawn against, with the words for it."""
FIGURES: dict[Figure, str] = {
    "zap_count": "zaps",
    "zap_mcycles": "zap Mcycles",
    "boot_s": "boot s",
}
"""What can be drawn, with the words for it."""


class Curve(Record):
    """The points of one policy at one size of the other axis, by growing ``x``.

    ``size`` names that size, "" if all curves have the same. Points from ``measured`` on are
    extrapolated: they have more vCPUs than were ever measured.
    """

    policy: str
    size: str
    rows: tuple[SweepRow, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    measured: int

    @property
    def solid(self) -> slice:
        """The points within what was measured."""
        return slice(0, self.measured)

    @property
    def dashed(self) -> slice:
        """The extrapolated points, with the last measured one to begin at."""
        return slice(max(self.measured - 1, 0), None) if self.measured < len(self.x) else slice(0)

    def above(self, least: float) -> Curve:
        """Return the curve without points whose ``y`` is not above ``least``."""
        kept = [number for number, y in enumerate(self.y) if y > least]
        return Curve(
            self.policy,
            self.size,
            tuple(self.rows[number] for number in kept),
            tuple(self.x[number] for number in kept),
            tuple(self.y[number] for number in kept),
            sum(number < self.measured for number in kept),
        )


def curves(rows: Sequence[SweepRow], axis: Axis, figure: Figure) -> list[Curve]:
    """Return the rows as curves, those of one policy together."""
    groups: dict[tuple[str, float], list[SweepRow]] = {}
    for row in rows:
        groups.setdefault((row.policy, _other(row, axis)), []).append(row)
    others = {other for _, other in groups}
    return [
        _curve(policy, _size(other, axis) if len(others) > 1 else "", found, axis, figure)
        for (policy, other), found in groups.items()
    ]


def _other(row: SweepRow | PublishedRow, axis: Axis) -> float:
    """Return the size along the axis that is not drawn."""
    return row.memory_gib if axis == "vcpus" else row.vcpus


def _size(other: float, axis: Axis) -> str:
    return f"{other:g} GiB" if axis == "vcpus" else plural(int(other), "vCPU")


def _curve(policy: str, size: str, rows: Sequence[SweepRow], axis: Axis, figure: Figure) -> Curve:
    ordered = sorted(rows, key=lambda row: (row.extrapolated, getattr(row, axis)))
    return Curve(
        policy,
        size,
        tuple(ordered),
        tuple(float(getattr(row, axis)) for row in ordered),
        tuple(float(getattr(row, figure)) for row in ordered),
        sum(not row.extrapolated for row in ordered),
    )


class PublishedPoint(Record):
    """A published measurement that lies on one of the curves."""

    policy: str
    x: float
    y: float
    words: str


def published_points(rows: Sequence[SweepRow], axis: Axis, figure: Figure) -> list[PublishedPoint]:
    """Return the measurements of guests that the sweep has a curve for."""
    swept = {(row.firmware, row.policy, _other(row, axis)) for row in rows}
    found: list[PublishedPoint] = []
    for published in published_rows():
        policy, y = policy_of(published), getattr(published, figure)
        key = (firmware_of(published), policy, _other(published, axis))
        if key in swept and y is not None:
            found.append(PublishedPoint(policy, getattr(published, axis), y, published.words))
    return found

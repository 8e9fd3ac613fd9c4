"""Every published measurement beside the figures of the recorded boots and the model.

Counts come out of replaying a recorded boot through KVM's rules. Cycles and boot times are modelled
with constants that are fitted to the published rows. How well the model predicts is seen where a
row's firmware, its number of vCPUs or its policy was left out of the fit
(:mod:`mtrrviz.analysis.left_out`).
"""

from __future__ import annotations

import math
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from mtrrviz.analysis.left_out import LEFT_OUT_KINDS, LeftOut, model_without
from mtrrviz.analysis.published import firmware_of, policy_of, published_rows
from mtrrviz.core.costs.lock_model import LIMITS
from mtrrviz.core.record import Record
from mtrrviz.facts.boot.boot_length import replayed
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.cost_model import DEFAULT_COSTS, CostModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mtrrviz.analysis.published import PublishedRow
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.boot_parts import Replayed

Kind = Literal["replayed", "fitted", "predicted", "changed"]


class ValidationRow(Record):
    """One published row and ours; ``kinds`` says of ``zap_count``, ``zap_mcycles``, ``boot_s`` how.

    "replayed" figures follow from the recording alone, "fitted" ones from constants that were
    fitted to this row among others, "predicted" ones from constants fitted to other rows, "changed"
    ones from constants that were changed by hand. ``predicted_mcycles`` are those with all rows of
    its firmware, its number of vCPUs or its policy left out of the fit; empty where the lock's
    constants were changed.
    """

    published: PublishedRow
    firmware: str
    policy: str
    zap_count: int
    zap_mcycles: float
    boot_s: float
    predicted_mcycles: Mapping[LeftOut, float]
    costs: CostModel = DEFAULT_COSTS

    @property
    def kinds(self) -> dict[str, Kind]:
        """How each of our figures came about."""
        timed = self.published.boot_s is not None
        same_lock = self.costs.lock == DEFAULT_COSTS.lock
        boot: Kind = "fitted" if timed else "predicted"
        return {
            "zap_count": "replayed",
            "zap_mcycles": "fitted" if same_lock else "changed",
            "boot_s": boot if self.costs.is_default else "changed",
        }

    @property
    def count_is_right(self) -> bool:
        """Whether the replayed number of zaps is the published one."""
        return self.zap_count == self.published.zap_count

    @property
    def cycles_off(self) -> float:
        """Our cycles over the published ones, less one."""
        return self.zap_mcycles / self.published.zap_mcycles - 1

    def predicted_off(self, left_out: LeftOut) -> float | None:
        """Predicted cycles over the published ones, less one; None where none are predicted."""
        predicted = self.predicted_mcycles.get(left_out)
        return None if predicted is None else predicted / self.published.zap_mcycles - 1

    @property
    def boot_off_s(self) -> float | None:
        """Our boot time less the published one, None where none was."""
        boot_s = self.published.boot_s
        return None if boot_s is None else self.boot_s - boot_s


def validate(
    costs: CostModel = DEFAULT_COSTS, progress: Callable[[int, int], None] | None = None
) -> list[ValidationRow]:
    """Return all published rows with ours.

    The replays take seconds and are kept; other constants afterwards take milliseconds.
    ``progress`` is called with rows done and rows in all.
    """
    rows: list[ValidationRow] = []
    for row in validated(costs):
        rows.append(row)
        if progress is not None:
            progress(len(rows), len(published_rows()))
    return rows


def validated(costs: CostModel = DEFAULT_COSTS) -> Iterator[ValidationRow]:
    """Yield the rows of :func:`validate` one by one, each worked out when it is asked for."""
    for row in published_rows():
        yield _row(row, costs)


def _row(published: PublishedRow, costs: CostModel) -> ValidationRow:
    firmware, policy = firmware_of(published), policy_of(published)
    name = f"{firmware}-{published.vcpus}vcpu-{published.memory_gib:g}g"
    ours = _replay(name, policy)
    mcycles, boot_s = ours.figures(costs.lock, costs.boot, costs.platform)
    same_lock = costs.lock == DEFAULT_COSTS.lock
    predicted: Mapping[LeftOut, float] = _predicted(name, policy) if same_lock else {}
    return ValidationRow(
        published, firmware, policy, ours.zap_count, mcycles, boot_s, predicted, costs
    )


@cache
def _predicted(name: str, policy: str) -> Mapping[LeftOut, float]:
    """Return the cycles that models give whose constants were fitted without rows like these."""
    firmware, vcpus, _ = name.split("-")
    values = {"firmware": firmware, "vcpus": vcpus.removesuffix("vcpu"), "policy": policy}
    ours = _replay(name, policy)
    return {kind: ours.figures(model_without(kind, values[kind]))[0] for kind in LEFT_OUT_KINDS}


@cache
def _replay(name: str, policy: str) -> Replayed:
    """Return the replay of a recorded boot; small, so all are kept."""
    return replayed(simulate(_boot(name), policy))


@cache
def _boot(name: str) -> Scenario:
    return open_scenario(name)


def as_json(rows: list[ValidationRow]) -> list[dict[str, Any]]:
    """Return the rows as plain objects, published figures before ours."""
    return [
        {
            "series": row.published.series,
            "firmware": row.published.firmware,
            "vcpus": row.published.vcpus,
            "memory_gib": row.published.memory_gib,
            "variant": row.published.variant,
            "policy": row.policy,
            "published_zap_count": row.published.zap_count,
            "zap_count": row.zap_count,
            "published_zap_mcycles": row.published.zap_mcycles,
            "zap_mcycles": round(row.zap_mcycles, 2),
            "published_boot_s": row.published.boot_s,
            "boot_s": round(row.boot_s, 2),
            "kind": row.kinds,
            "predicted_zap_mcycles": {
                kind: round(mcycles, 2) for kind, mcycles in row.predicted_mcycles.items()
            },
        }
        for row in rows
    ]


HEADER = (
    "series", "firmware", "policy", "vCPUs", "GiB", "zaps", "ours", "Mcycles", "modelled", "off",
    "cycles are", "no firmware", "no vCPUs", "no policy", "boot s", "modelled", "off",
)  # fmt: skip
"""Headings of :func:`as_cells`; "no policy" is the error with the row's policy left out."""


def as_cells(rows: list[ValidationRow]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return a header and the rows as text, the first three columns words, the others numbers."""
    return HEADER, [_cells(row) for row in rows]


def _cells(row: ValidationRow) -> tuple[str, ...]:
    published, kinds = row.published, row.kinds
    boot_off = row.boot_off_s
    return (
        published.series,
        published.firmware,
        row.policy,
        str(published.vcpus),
        f"{published.memory_gib:g}",
        str(published.zap_count),
        str(row.zap_count),
        f"{published.zap_mcycles:.2f}",
        f"{row.zap_mcycles:.2f}",
        _percent(row.cycles_off),
        kinds["zap_mcycles"],
        *(_percent(row.predicted_off(kind)) for kind in LEFT_OUT_KINDS),
        "-" if published.boot_s is None else f"{published.boot_s:.2f}",
        f"{row.boot_s:.2f}",
        "-" if boot_off is None else f"{boot_off:+.2f} s",
    )


def _percent(error: float | None) -> str:
    return "-" if error is None else f"{100 * error:+.0f} %"


_LEFT_OUT_WORDS: dict[LeftOut, str] = {
    "firmware": "their firmware",
    "vcpus": "their number of vCPUs",
    "policy": "their policy",
}


def summary(rows: list[ValidationRow]) -> str:
    """Return in words how many counts are right, how far off the cycles are, and what of that."""
    right = sum(row.count_is_right for row in rows)
    return (
        f"{right} of {len(rows)} zap counts are the published ones. {_cycles_words(rows)} "
        f"{_off_words([row.cycles_off for row in rows])}. {_predicted_words(rows)}{LIMITS}"
    )


def _cycles_words(rows: list[ValidationRow]) -> str:
    costs = rows[0].costs
    if costs.is_default:
        return f"Modelled cycles are fitted to all {len(rows)} rows and off by"
    return f"With changed constants ({costs.changes_text}) modelled cycles are off by"


def _predicted_words(rows: list[ValidationRow]) -> str:
    """Return how far off rows are that the fit did not see, "" if nothing is known of that."""
    parts: list[str] = []
    for kind, words in _LEFT_OUT_WORDS.items():
        errors = [row.predicted_off(kind) for row in rows]
        known = [error for error in errors if error is not None]
        if known:
            parts.append(f"{_off_words(known)} without {words}")
    if not parts:
        return ""
    return f"Predicted by fits to the other rows they are off by {'; '.join(parts)}. "


def _off_words(errors: list[float]) -> str:
    return f"{median(map(abs, errors)):.0%} (median), {max(map(abs, errors)):.0%} at most"


class Misfit(Record):
    """How far modelled figures are off, over all rows that have one.

    ``cycles`` is the root mean square of the logarithm of modelled over published cycles, as a
    factor: 1 is exact, 1.2 off by a fifth. ``boot_s`` is the root mean square of the differences
    of boot times in seconds.
    """

    cycles: float
    boot_s: float


def misfit(rows: list[ValidationRow]) -> Misfit:
    """Return how far ``rows`` are off."""
    boots = [row.boot_off_s for row in rows if row.boot_off_s is not None]
    return Misfit(cycles=_rms_factor(rows), boot_s=_rms(boots))


def _rms_factor(rows: list[ValidationRow]) -> float:
    """Return the factor; infinite where the constants give a row no cycles at all."""
    if any(row.zap_mcycles <= 0 for row in rows):
        return math.inf
    return math.exp(_rms([math.log(row.zap_mcycles / row.published.zap_mcycles) for row in rows]))


def _rms(values: list[float]) -> float:
    return math.sqrt(sum(value * value for value in values) / len(values))

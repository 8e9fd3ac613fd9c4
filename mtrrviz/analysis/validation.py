"""Every published measurement beside what the recorded boots and the model give for it.

Counts come out of replaying a recorded boot through KVM's rules. Cycles and boot times are modelled
and say for each row whether the model's constants were fitted to it or it predicts the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from mtrrviz.analysis.published import firmware_of, policy_of, published_rows
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.boot_parts import DEFAULT_BOOT, Replayed
from mtrrviz.sim.lock_costs import DEFAULT_LOCK
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mtrrviz.analysis.published import PublishedRow
    from mtrrviz.core.boot_time import BootTime
    from mtrrviz.core.lock_model import LockModel
    from mtrrviz.scenario.model import Scenario

Kind = Literal["replayed", "calibrated", "predicted"]

#: The constants of the lock were fitted to all rows with this many vCPUs.
_CALIBRATION_VCPUS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One published row and ours; ``kinds`` says of ``zap_count``, ``zap_mcycles``, ``boot_s`` how.

    "replayed" figures follow from the recording alone, "calibrated" ones from constants that were
    fitted to this row among others, "predicted" ones from constants fitted to other rows.
    """

    published: PublishedRow
    firmware: str
    policy: str
    zap_count: int
    zap_mcycles: float
    boot_s: float

    @property
    def kinds(self) -> dict[str, Kind]:
        """How each of our figures came about."""
        calibrated = self.published.vcpus == _CALIBRATION_VCPUS
        timed = self.published.boot_s is not None
        return {
            "zap_count": "replayed",
            "zap_mcycles": "calibrated" if calibrated else "predicted",
            "boot_s": "calibrated" if timed else "predicted",
        }

    @property
    def count_is_right(self) -> bool:
        """Whether the replayed number of zaps is the published one."""
        return self.zap_count == self.published.zap_count

    @property
    def cycles_off(self) -> float:
        """Our cycles over the published ones, less one."""
        return self.zap_mcycles / self.published.zap_mcycles - 1

    @property
    def boot_off_s(self) -> float | None:
        """Our boot time less the published one, None where none was."""
        boot_s = self.published.boot_s
        return None if boot_s is None else self.boot_s - boot_s


def validate(
    lock: LockModel = DEFAULT_LOCK,
    boot: BootTime = DEFAULT_BOOT,
    platform: str = DEFAULT_PLATFORM,
    progress: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Return all published rows with ours.

    The replays take seconds and are kept; other constants afterwards take milliseconds.
    ``progress`` is called with rows done and rows in all.
    """
    rows: list[Row] = []
    for row in validated(lock, boot, platform):
        rows.append(row)
        if progress is not None:
            progress(len(rows), len(published_rows()))
    return rows


def validated(
    lock: LockModel = DEFAULT_LOCK,
    boot: BootTime = DEFAULT_BOOT,
    platform: str = DEFAULT_PLATFORM,
) -> Iterator[Row]:
    """Yield the rows of :func:`validate` one by one, each worked out when it is asked for."""
    for row in published_rows():
        yield _row(row, lock, boot, platform)


def _row(published: PublishedRow, lock: LockModel, boot: BootTime, platform: str) -> Row:
    firmware, policy = firmware_of(published), policy_of(published)
    name = f"{firmware}-{published.vcpus}vcpu-{published.memory_gib:g}g"
    ours = _replay(name, policy)
    mcycles, boot_s = ours.figures(lock, boot, platform)
    return Row(published, firmware, policy, ours.zap_count, mcycles, boot_s)


@cache
def _replay(name: str, policy: str) -> Replayed:
    """Return the replay of a recorded boot; small, so all are kept."""
    return simulate(_boot(name), policy).replayed


@cache
def _boot(name: str) -> Scenario:
    return open_scenario(name)


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
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
        }
        for row in rows
    ]


HEADER = (
    "series", "firmware", "policy", "vCPUs", "GiB", "zaps", "ours", "Mcycles", "modelled", "off",
    "fit", "boot s", "modelled", "off",
)  # fmt: skip


def as_cells(rows: list[Row]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return a header and the rows as text, the first three columns words, the others numbers."""
    return HEADER, [_cells(row) for row in rows]


def _cells(row: Row) -> tuple[str, ...]:
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
        f"{100 * row.cycles_off:+.0f} %",
        kinds["zap_mcycles"],
        "-" if published.boot_s is None else f"{published.boot_s:.2f}",
        f"{row.boot_s:.2f}",
        "-" if boot_off is None else f"{boot_off:+.2f} s",
    )


def summary(rows: list[Row]) -> str:
    """Return in one sentence how many counts are right and how far off the cycles are."""
    right = sum(row.count_is_right for row in rows)
    fitted = [row.cycles_off for row in rows if row.kinds["zap_mcycles"] == "calibrated"]
    predicted = [row.cycles_off for row in rows if row.kinds["zap_mcycles"] == "predicted"]
    return (
        f"{right} of {len(rows)} zap counts are the published ones. Modelled cycles are off by "
        f"{_middle(fitted):.0%} (median) where the model was fitted, with {_CALIBRATION_VCPUS} "
        f"vCPUs, and by {_middle(predicted):.0%} where it predicts."
    )


def _middle(errors: list[float]) -> float:
    return sorted(map(abs, errors))[len(errors) // 2]

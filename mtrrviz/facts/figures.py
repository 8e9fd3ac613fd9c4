"""The figures of a run, whole or up to a time: what tables, result strips and reports show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.facts.boot.boot_length import boot_s, stall_s
from mtrrviz.facts.boot.srcu_leaks import leak_times
from mtrrviz.facts.kept import kept
from mtrrviz.sim.tables import ZapCause

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run


class Figures(Record):
    """What a run comes to.

    ``zap_mcycles``, ``stall_s`` and ``boot_s`` are modelled; the counts come out of the replay.
    ``stall_s`` and ``boot_s`` are always those of the whole run: its length is one figure.
    ``srcu_leaks`` counts read locks left held, 0 but under a policy that does so.
    """

    zap_count: int
    zaps_per_vcpu: tuple[int, ...]
    zaps_by_cause: dict[str, int]
    contended_zaps: int
    leaves_dropped: int
    zap_mcycles: float
    faults: int
    refaults: int
    stall_s: float
    boot_s: float
    srcu_leaks: int


@kept()
def figures(run: Run) -> Figures:
    """Return the figures of the whole run."""
    return figures_until(run, run.scenario.duration_ns)


def figures_until(run: Run, time_ns: int) -> Figures:
    """Return the figures up to and at ``time_ns``."""
    count = run.zaps.until(time_ns)
    born = int(np.searchsorted(run.leaves.born_ns, np.int64(time_ns), "right"))
    causes = np.bincount(run.zaps.cause[:count], minlength=len(ZapCause))
    return Figures(
        zap_count=count,
        zaps_per_vcpu=_zaps_per_vcpu(run, count),
        zaps_by_cause={cause.words: int(causes[cause]) for cause in ZapCause},
        contended_zaps=int(np.count_nonzero(run.zaps.contended[:count])),
        leaves_dropped=int(run.zaps.leaves_dropped[:count].sum()),
        zap_mcycles=float(run.zaps.cycles[:count].sum()) / 1e6,
        faults=born,
        refaults=int(np.count_nonzero(run.leaves.refault[:born])),
        stall_s=stall_s(run),
        boot_s=boot_s(run),
        srcu_leaks=int(np.searchsorted(leak_times(run), np.int64(time_ns), "right")),
    )


def _zaps_per_vcpu(run: Run, count: int) -> tuple[int, ...]:
    """Return how many of the first ``count`` zaps each vCPU made, those of the VM left out."""
    vcpus = run.zaps.vcpu[:count]
    counts = np.bincount(vcpus[vcpus >= 0], minlength=run.scenario.machine.vcpus)
    return tuple(int(number) for number in counts)

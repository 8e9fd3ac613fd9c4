"""A page's history, moment by moment: the faults that mapped it and the zaps of its range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_NAMES
from mtrrviz.sim.tables import NO_VCPU, ZapCause

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run


class Moment(Record):
    """A fault that made a leaf, or a zap whose range held the page.

    ``vcpu`` is None for a zap of the VM; ``event`` is the event that a zap answers, None for a
    fault; ``dropped``: the zap took a leaf of the page away.
    """

    time_ns: int
    kind: Literal["fault", "zap"]
    vcpu: int | None
    words: str
    event: int | None = None
    dropped: bool = False


def page_moments(run: Run, gfn: int, time_ns: int) -> tuple[Moment, ...]:
    """Return what happened to a page up to and at ``time_ns``, in order of time."""
    leaves, zaps = run.leaves, run.zaps
    rows = leaves.rows_at(gfn)
    born = [int(row) for row in rows if int(leaves.born_ns[row]) <= time_ns]
    dropping = {int(leaves.zap[row]) for row in born if leaves.zap[row] >= 0}
    hits = np.flatnonzero(zaps.intersecting(gfn)[: zaps.until(time_ns)])
    moments = [_fault(run, row) for row in born]
    moments += [_zap(run, int(row), int(row) in dropping) for row in hits]
    # A zap comes before the fault that answers it in the same nanosecond.
    return tuple(sorted(moments, key=lambda moment: (moment.time_ns, moment.kind == "fault")))


def _fault(run: Run, row: int) -> Moment:
    leaves = run.leaves
    kind, ipat = bits_to_leaf(int(leaves.bits[row]))
    again = "refault" if leaves.refault[row] else "fault"
    words = f"{again}: {LEVEL_NAMES[int(leaves.level[row])]} leaf, {kind.name}, IPAT {ipat}"
    return Moment(int(leaves.born_ns[row]), "fault", int(leaves.vcpu[row]), words)


def _zap(run: Run, row: int, dropped: bool) -> Moment:
    zaps = run.zaps
    vcpu = int(zaps.vcpu[row])
    what = "drops its leaf" if dropped else "finds no leaf of it"
    words = f"zap for {ZapCause(int(zaps.cause[row])).words}: {what}"
    who = None if vcpu == NO_VCPU else vcpu
    return Moment(int(zaps.time_ns[row]), "zap", who, words, int(zaps.event[row]), dropped)

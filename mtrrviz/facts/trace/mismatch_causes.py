"""Why a real entry differs from the model's: what would have to be different for them to agree.

Each cause is a changed state in which the model would make the very entry that the trace shows.
None is a proof; together they show whether an assumption or a rule is wrong.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import IPAT_BIT, ept_bits, type_bits, type_codes
from mtrrviz.core.layout import type_intervals
from mtrrviz.core.memtype import MTRR_TYPE_CODES
from mtrrviz.facts.kept import kept
from mtrrviz.facts.trace.trace_check import leaf_bits, trace_check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.facts.trace.trace_check import Rows, TraceCheck
    from mtrrviz.sim.run import Run

#: An event this close to an entry may have been printed on the wrong side of it.
RACE_NS = 100_000
#: At most so many stretches between events are examined, to bound the time.
MOST_STRETCHES = 5_000
_IPAT = np.uint8(IPAT_BIT)


class Cause(IntEnum):
    """What would make the model agree with an entry, the likeliest first."""

    RESERVED = 0
    BEFORE = 1
    AFTER = 2
    OTHER_VCPU = 3
    NO_DMA = 4
    DMA = 5
    BAR = 6
    IPAT = 7
    UNEXPLAINED = 8
    NOT_LOOKED_AT = 9

    @property
    def words(self) -> str:
        """The cause in few words, for a table."""
        return _WORDS[self][0]

    @property
    def story(self) -> str:
        """The cause in a sentence."""
        return _WORDS[self][1]


_WORDS = {
    Cause.RESERVED: ("reserved type", "EPT has no type with this code."),
    Cause.BEFORE: (
        "as before the last event",
        "It is what the model makes just before the last event: a fault that raced with it.",
    ),
    Cause.AFTER: (
        "as after the next event",
        "It is what the model makes just after the next event: the trace has them in this order.",
    ),
    Cause.OTHER_VCPU: (
        "as another vCPU's MTRRs say",
        "Another vCPU's MTRRs give this type: its fault, or another policy.",
    ),
    Cause.NO_DMA: (
        "as without non-coherent DMA",
        "KVM took no notice of MTRRs: there was no device with non-coherent DMA.",
    ),
    Cause.DMA: (
        "as with non-coherent DMA",
        "KVM heeded the MTRRs: there was a device with non-coherent DMA.",
    ),
    Cause.BAR: (
        "as a device's BAR",
        "It is as host MMIO has it: the BAR of a passed-through device.",
    ),
    Cause.IPAT: ("same type, other IPAT", "Only IPAT differs: another rule of KVM, or a quirk."),
    Cause.UNEXPLAINED: (
        "not explained",
        "No small change explains it. Registers may have been written before the trace began.",
    ),
    Cause.NOT_LOOKED_AT: ("not looked into", "There are too many stretches with such entries."),
}


@kept()
def mismatch_causes(run: Run) -> NDArray[np.uint8]:
    """Return the likely :class:`Cause` of each row of the run's trace check that differs, uint8."""
    check = trace_check(run)
    observed, rows = check.observed, check.rows
    causes = np.full(len(rows), int(Cause.NOT_LOOKED_AT), np.uint8)
    if not len(rows):
        return causes
    times = run.scenario.events.time_ns
    done = np.searchsorted(times, observed.born_ns[rows], "right")
    starts = np.flatnonzero(np.append(True, np.diff(done) != 0))
    ends = np.append(starts[1:], len(rows))
    for start, end in list(zip(starts.tolist(), ends.tolist(), strict=True))[:MOST_STRETCHES]:
        causes[start:end] = _BetweenEvents(run, check, rows[start:end], int(done[start])).causes()
    return causes


class _BetweenEvents:
    """Differing leaves between two events, all made with ``events_done`` events behind them."""

    def __init__(self, run: Run, check: TraceCheck, rows: Rows, events_done: int) -> None:
        self._run = run
        self._check = check
        self._rows = rows
        self._done = events_done
        self._real = check.observed.bits[rows]
        self._machine = self._after(events_done)

    def causes(self) -> NDArray[np.uint8]:
        """Return the first cause that fits each leaf."""
        found = np.full(len(self._rows), int(Cause.UNEXPLAINED), np.uint8)
        for cause, fits in self._candidates():
            found[fits & (found == Cause.UNEXPLAINED)] = cause
            if not (found == Cause.UNEXPLAINED).any():
                break
        return found

    def _candidates(self) -> Iterator[tuple[Cause, NDArray[np.bool_]]]:
        """Yield causes, likeliest first, with the leaves that they fit."""
        code = type_codes(self._real)
        yield Cause.RESERVED, ~np.isin(code, list(MTRR_TYPE_CODES))
        yield from self._races()
        yield Cause.OTHER_VCPU, self._as_another_vcpu()
        machine = self._machine.copy()
        if machine.noncoherent_dma:
            while machine.noncoherent_dma:
                machine.detach_noncoherent_dma()
            yield Cause.NO_DMA, self._as_in(machine)
        else:
            machine.attach_noncoherent_dma()
            yield Cause.DMA, self._as_in(machine)
        yield Cause.BAR, self._real == ept_bits(*self._run.policy.mmio_leaf())
        model = self._check.model_bits[self._rows]
        yield Cause.IPAT, (self._real ^ model) == _IPAT

    def _races(self) -> Iterator[tuple[Cause, NDArray[np.bool_]]]:
        """Yield the states around the stretch, for the leaves close to its ends."""
        times, born = self._run.scenario.events.time_ns, self._check.observed.born_ns[self._rows]
        if self._done:
            close = born - times[self._done - 1] <= RACE_NS
            if close.any():
                yield Cause.BEFORE, close & self._as_in(self._after(self._done - 1))
        if self._done < len(times):
            close = times[self._done] - born <= RACE_NS
            if close.any():
                yield Cause.AFTER, close & self._as_in(self._after(self._done + 1))

    def _after(self, events: int) -> Machine:
        return self._run.snapshots.before(self._run.scenario.events, events)

    def _as_in(self, machine: Machine) -> NDArray[np.bool_]:
        """Return which leaves are as the model makes them in another state."""
        return leaf_bits(machine, self._check.observed, self._rows) == self._real

    def _as_another_vcpu(self) -> NDArray[np.bool_]:
        """Return which leaves are as the MTRRs of some vCPU by themselves would make them."""
        gfn, found = self._check.observed.gfn[self._rows], np.zeros(len(self._rows), bool)
        machine = self._machine
        layouts = {machine.mtrr(vcpu).layout for vcpu in range(machine.vcpus)}
        if len(layouts) > 1 and machine.noncoherent_dma:
            for layout in layouts:
                table = type_intervals(layout)
                types = table.types[np.searchsorted(table.starts, gfn, "right") - 1]
                found |= self._real == type_bits(types)
        return found

"""The zap table while a run is made: of each zap only what its event does not say."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.sorting import coded
from mtrrviz.scenario.event_columns import KINDS, kind_flags
from mtrrviz.scenario.events import DMA_KINDS, KNOWN_MSRS, MSR_KINDS, VM_KINDS
from mtrrviz.sim.alike import Alike
from mtrrviz.sim.tables import NO_VCPU, ZapCause, ZapTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.kvm_rules.policy import GfnRange
    from mtrrviz.scenario.event_list import EventList

    Ranges = tuple[GfnRange, ...]

_NONE = np.empty(0, np.int32)
_OF_VM = kind_flags(VM_KINDS)
_WRITES_MSR = kind_flags(MSR_KINDS)
_CAUSE_OF_KIND = np.full(len(KINDS), ZapCause.CR0_CD, np.uint8)
_CAUSE_OF_KIND[kind_flags(DMA_KINDS)] = ZapCause.DMA
_CAUSES = {
    "deftype": ZapCause.DEF_TYPE,
    "fixed": ZapCause.FIXED,
    "base": ZapCause.VARIABLE,
    "mask": ZapCause.VARIABLE,
}
_CAUSE_OF_MSR = np.zeros(max(KNOWN_MSRS) + 1, np.uint8)
for _msr in KNOWN_MSRS:
    _CAUSE_OF_MSR[_msr] = _CAUSES.get(REGISTERS[_msr].kind, ZapCause.DEF_TYPE)


class GrowingZaps:
    """The ``count`` zap requests of a run so far, maybe with the first ones of an earlier run.

    Requests for the same ranges share them.
    """

    def __init__(self, table: ZapTable | None = None, count: int = 0) -> None:
        self._numbers: dict[Ranges, int] = {}
        self._event, self._dropped = _NONE, _NONE
        self._code = np.empty(0, np.intp)
        if table is not None:
            self._event, self._dropped = table.event[:count], table.leaves_dropped[:count]
            first, self._code = coded(table.ranges.codes[:count].astype(np.uint64))
            used = map(table.ranges.__getitem__, first.tolist())
            self._numbers = {ranges: number for number, ranges in enumerate(used)}
        self.count = len(self._event)
        self._new_events: list[int] = []
        self._new_codes: list[int] = []
        self._new_dropped: list[int] = []

    def append(self, event: int, ranges: Ranges, dropped: int) -> None:
        """Add the request that an event makes; ``ranges`` are gfns [start, end), maybe none."""
        self._new_events.append(event)
        self._new_codes.append(self._numbers.setdefault(ranges, len(self._numbers)))
        self._new_dropped.append(dropped)
        self.count += 1

    @cached_property
    def event(self) -> NDArray[np.int32]:
        """The index of the event of each zap, int32; asked for when all are there."""
        return np.append(self._event, np.array(self._new_events, np.int32))

    @cached_property
    def ranges(self) -> Alike[Ranges]:
        """The ranges of each zap; asked for when all are there."""
        codes = np.append(self._code, np.array(self._new_codes, np.intp))
        return Alike(tuple(self._numbers), codes)

    def table(
        self, events: EventList, rivals: NDArray[np.int16], cycles: NDArray[np.float64]
    ) -> ZapTable:
        """Return the finished table of zaps of ``events`` with the modelled cost of each."""
        rows = self.event
        kind = events.kind[rows]
        spans = np.array([_span(ranges) for ranges in self._numbers], np.uint64).reshape(-1, 2)
        return ZapTable(
            time_ns=events.time_ns[rows],
            vcpu=np.where(_OF_VM[kind], np.int16(NO_VCPU), events.vcpu[rows]),
            event=rows,
            cause=_causes(kind, events.register[rows]),
            start_gfn=spans[self.ranges.codes, 0],
            end_gfn=spans[self.ranges.codes, 1],
            leaves_dropped=np.append(self._dropped, np.array(self._new_dropped, np.int32)),
            rivals=rivals,
            cycles=cycles,
            ranges=self.ranges,
        )


def _causes(kind: NDArray[np.uint8], register: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Return why events made zaps, uint8 (:class:`ZapCause`)."""
    return np.where(_WRITES_MSR[kind], _CAUSE_OF_MSR[register], _CAUSE_OF_KIND[kind])


def _span(ranges: Ranges) -> tuple[int, int]:
    """Return from the lowest to the highest gfn of a request, 0 to 0 if it has no range."""
    if not ranges:
        return 0, 0
    return min(start for start, _ in ranges), max(end for _, end in ranges)

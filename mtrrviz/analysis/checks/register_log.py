"""Every register write up to a time with what it met: the values before, E, CD, a refusal."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.problem import Finding, Where
from mtrrviz.core.msr.register_rules import refusal
from mtrrviz.core.msr.registers import (
    CR0_CD,
    CR0_ID,
    DEFTYPE,
    MTRR_ENABLE_BIT,
    PAIR_MSRS,
    PAT,
    PAT_RESET,
    REGISTERS,
)
from mtrrviz.core.record import Record
from mtrrviz.core.variable_ranges import VariableRange, pair_to_range
from mtrrviz.scenario.event_columns import KIND_CODES, kind_flags
from mtrrviz.scenario.events import MSR_KINDS, REGISTER_KINDS, EventKind
from mtrrviz.scenario.model import IMPORTED
from mtrrviz.sim.event_facts import refused_rows
from mtrrviz.sim.replay import new_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.scenario.event_columns import EventColumns
    from mtrrviz.scenario.events import Event
    from mtrrviz.sim.run import State

_WRITES = kind_flags(REGISTER_KINDS)
_WRITES_MSR = kind_flags(MSR_KINDS)
_MOV_CR0 = KIND_CODES[EventKind.MOV_CR0]
#: What stands for CR0 where a write's register does; no MSR of the log has this number.
_CR0 = 0
_REGISTER_BITS = 16


class LoggedWrite(Record):
    """One write: ``index`` of its event, and what the register and its vCPU held before.

    ``old_value`` is the register's, ``other_half`` for a base that of its mask and for a mask that
    of its base (else 0), ``was_enabled`` the vCPU's DEF_TYPE.E. ``had_cd`` is its CR0.CD, None
    where an import had to assume CR0. ``refusal`` says why KVM refused the write, "" if it did not.
    """

    index: int
    event: Event
    old_value: int
    other_half: int
    was_enabled: bool
    had_cd: bool | None
    refusal: str

    @property
    def changed(self) -> bool:
        """Return whether the write gave an MSR another value."""
        return not self.refusal and self.old_value != self.event.value

    def ranges(self, maxphyaddr: int) -> tuple[VariableRange, VariableRange]:
        """Return what the pair that an accepted write is of covered before and covers after."""
        values = (self.old_value, self.event.value)
        if REGISTERS[self.event.register].kind == "base":
            pairs = [(value, self.other_half) for value in values]
        else:
            pairs = [(self.other_half, value) for value in values]
        before, after = (pair_to_range(base, mask, maxphyaddr) for base, mask in pairs)
        return before, after


def refused(entry: LoggedWrite, cpu_word: str) -> Finding:
    """Return the finding that KVM or the processor refused a write with #GP."""
    event = entry.event
    msrs = (event.register,) if event.writes_msr else ()
    place = Where((event.vcpu,), msrs, None, entry.index, event.time_ns)
    return Finding(f"{cpu_word} {event.vcpu}: #GP: {entry.refusal}", place)


class RegisterLog:
    """The writes of MSRs and CR0 up to a state's time, in order, as columns of equal length.

    ``index`` of each event; its ``time_ns``, ``kind`` (a code), ``vcpu``, ``register`` (0 for CR0)
    and ``value`` as the columns of events have them; ``refused`` by KVM, ``writes_msr``. What a
    write met is looked up when it is asked for: nothing but a write changes an MSR or CR0.CD.
    """

    def __init__(self, state: State) -> None:
        scenario = state.run.scenario
        self._events = scenario.events[: scenario.events_until(state.time_ns)]
        self._spec = spec = scenario.machine
        columns = self._events.columns
        self.index = rows = np.flatnonzero(_WRITES[columns.kind])
        self.time_ns, self.kind = columns.time_ns[rows], columns.kind[rows]
        self.vcpu, self.register = columns.vcpu[rows], columns.register[rows]
        self.value = columns.value[rows]
        self.writes_msr = _WRITES_MSR[self.kind]
        self.refused = refused_rows(spec, columns, slice(0, len(columns)))[rows]
        machine = new_machine(spec, state.run.policy)
        self._cd_at_reset = np.array([machine.cd(vcpu) for vcpu in range(spec.vcpus)], np.bool_)
        self._assumes = _is_imported(columns)[rows]
        self._accepted = _LastRows(self._places(self.vcpu, self.register), ~self.refused)

    def __len__(self) -> int:
        """Return the number of writes."""
        return len(self.index)

    def __iter__(self) -> Iterator[LoggedWrite]:
        """Go through all writes."""
        return self.entries(np.arange(len(self)))

    @cached_property
    def old_value(self) -> NDArray[np.uint64]:
        """What the written register held before, uint64; 0 for CR0."""
        values = self.held(self.vcpu, self.register, np.arange(len(self)))
        return np.where(self.writes_msr, values, np.uint64(0))

    @cached_property
    def was_enabled(self) -> NDArray[np.bool_]:
        """DEF_TYPE.E of the writing vCPU before the write."""
        return self._was_enabled(np.arange(len(self)))

    @cached_property
    def had_caches_on(self) -> NDArray[np.bool_]:
        """Whether CR0.CD of the writing vCPU was known to be 0 before the write."""
        rows = np.arange(len(self))
        return self._cd_is_known(rows) & ~self._had_cd(rows)

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Whether the write gave an MSR another value."""
        return self.writes_msr & ~self.refused & (self.old_value != self.value)

    def entry(self, row: int) -> LoggedWrite:
        """Return one write."""
        return next(self.entries(np.array([row])))

    def entries(self, rows: NDArray[np.intp]) -> Iterator[LoggedWrite]:
        """Go through some of the writes."""
        msr, is_half = self.writes_msr[rows], np.isin(self.register[rows], PAIR_MSRS)
        met = (
            self.index[rows],
            np.where(msr, self.held(self.vcpu[rows], self.register[rows], rows), 0),
            np.where(is_half, self.other_half(rows), 0),
            self._was_enabled(rows),
            self._had_cd(rows),
            self._cd_is_known(rows),
            self.refused[rows],
        )
        for index, old, other, enabled, cd, is_known, is_refused in zip(
            *(column.tolist() for column in met), strict=True
        ):
            event = self._events[int(index)]
            reason = self._refusal(event) if is_refused else ""
            had_cd = cd if is_known else None
            yield LoggedWrite(index, event, old, other, enabled, had_cd, reason)

    def moment(self, row: int) -> tuple[int, int]:
        """Return the index and the time of the event of a write."""
        return int(self.index[row]), int(self.time_ns[row])

    def _refusal(self, event: Event) -> str:
        msr = event.register if event.writes_msr else CR0_ID
        spec = self._spec
        return refusal(msr, event.value, spec.maxphyaddr, spec.variable_pairs, spec.has_dram_bits)

    def held(
        self, vcpu: NDArray[np.int16], register: NDArray[np.int32], rows: NDArray[np.intp]
    ) -> NDArray[np.uint64]:
        """Return what registers of vCPUs held before the writes at ``rows``."""
        reset = np.where(register == PAT, np.uint64(PAT_RESET), np.uint64(0))
        last = self._accepted.before(self._places(vcpu, register), rows)
        return np.where(last >= 0, self.value[last], reset)

    def other_half(self, rows: NDArray[np.intp]) -> NDArray[np.uint64]:
        """Return what the other register of the pair held before writes of a pair at ``rows``."""
        return self.held(self.vcpu[rows], self.register[rows] ^ 1, rows)

    def last_of_each(self, which: NDArray[np.bool_]) -> dict[tuple[int, int], int]:
        """Return the last of some writes of each register, by (vCPU, MSR), as rows."""
        vcpu, register = self.vcpu[which].tolist(), self.register[which].tolist()
        rows = np.flatnonzero(which).tolist()
        return dict(zip(zip(vcpu, register, strict=True), rows, strict=True))

    def _was_enabled(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        deftype = np.full(len(rows), DEFTYPE, np.int32)
        return self.held(self.vcpu[rows], deftype, rows) & np.uint64(MTRR_ENABLE_BIT) != 0

    def _had_cd(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        vcpu = self.vcpu[rows]
        last = self._accepted.before(self._places(vcpu, np.full(len(rows), _CR0, np.int32)), rows)
        had = self.value[last] & np.uint64(CR0_CD) != 0
        return np.where(last >= 0, had, self._cd_at_reset[vcpu])

    @cached_property
    def _cr0_writes(self) -> _LastRows:
        return _LastRows(self._places(self.vcpu, self.register), self.kind == _MOV_CR0)

    def _cd_is_known(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return whether CR0 before writes was told: not by an import that had to assume it."""
        cr0 = self._places(self.vcpu[rows], np.full(len(rows), _CR0, np.int32))
        last = self._cr0_writes.before(cr0, rows)
        return (last < 0) | ~self._assumes[last]

    @staticmethod
    def _places(vcpu: NDArray[np.int16], register: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return a number for each register of each vCPU."""
        return vcpu.astype(np.int64) << _REGISTER_BITS | register


class _LastRows:
    """Looks up the last row of a place before another row, among some rows."""

    def __init__(self, places: NDArray[np.int64], which: NDArray[np.bool_]) -> None:
        self._rows = len(places)
        self._keys = np.sort((places * self._rows + np.arange(self._rows))[which])

    def before(self, places: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return for each place the last row before one of ``rows``, -1 if there is none."""
        found = np.searchsorted(self._keys, places * self._rows + rows) - 1
        keys = np.append(self._keys, -1)[found]  # that of no row stands last
        return np.where(keys >= places * self._rows, keys - places * self._rows, -1)


def _is_imported(columns: EventColumns) -> NDArray[np.bool_]:
    """Return which events an import put in."""
    flags = np.array([origin == IMPORTED for origin, _ in columns.sayings], np.bool_)
    return flags[columns.said] if len(columns) else np.zeros(0, np.bool_)

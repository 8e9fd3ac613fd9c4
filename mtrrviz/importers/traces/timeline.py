"""Traces as events, touches and leaves: by time, by vCPU, in the scenario's own clock."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.ept import TYPE_AND_IPAT
from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.msr.register_rules import check_write, refused_values
from mtrrviz.core.msr.registers import (
    CR0_CD,
    CR0_ID,
    CR0_PG,
    MTRRCAP,
    PHYSBASE0,
    REGISTERS,
    VARIABLE_PAIRS,
)
from mtrrviz.core.record import Record
from mtrrviz.core.sorting import distinct
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.importers.traces.threads import ThreadMap, map_threads
from mtrrviz.importers.traces.trace_columns import READ, REFUSED, WRITE, Trace
from mtrrviz.scenario.event_columns import KIND_CODES, EventColumns, with_events
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.files.schema import MAX_SECONDS
from mtrrviz.scenario.observed import STANDING_NS, ObservedLeaves, none_observed
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import Access, Touches

Ints = NDArray[np.int64]
Target = tuple[int, int]
"""A vCPU and a register: an MSR, or CR0_ID."""

_MASK_MSRS = tuple(range(PHYSBASE0 + 1, PHYSBASE0 + 16, 2))
_MOV_CR0, _WRMSR = (np.uint8(KIND_CODES[k]) for k in (EventKind.MOV_CR0, EventKind.WRMSR))
_GUEST = "guest"
_GFN_LIMIT = 1 << 40
_TYPE_AND_IPAT = np.uint64(TYPE_AND_IPAT)


class Writes(Record):
    """Register accesses of vCPUs by time; ``kind`` as in trace_columns."""

    time_ns: Ints
    vcpu: Ints
    msr: Ints
    kind: Ints
    value: NDArray[np.uint64]
    line: Ints

    def made(self) -> Writes:
        """Return the writes alone, refused ones too."""
        made = self.kind != READ
        return Writes(
            self.time_ns[made],
            self.vcpu[made],
            self.msr[made],
            self.kind[made],
            self.value[made],
            self.line[made],
        )

    def row(self, row: int) -> tuple[int, int, int, int, int, int]:
        """Return time_ns, vcpu, msr, kind, value and line of one access."""
        columns = (self.time_ns, self.vcpu, self.msr, self.kind, self.value, self.line)
        time_ns, vcpu, msr, kind, value, line = (int(column[row]) for column in columns)
        return time_ns, vcpu, msr, kind, value, line

    def ends(self, rows: NDArray[np.intp]) -> tuple[dict[Target, int], dict[Target, int]]:
        """Return for each vCPU and register the first and the last of ``rows``, which ascend."""
        key = (self.vcpu[rows] << np.int64(33)) + self.msr[rows]
        order = np.argsort(key, kind="stable")
        differs = np.diff(key[order]) != 0
        first = np.sort(rows[order[np.append(np.True_, differs)[: len(rows)]]])
        last = np.sort(rows[order[np.append(differs, np.True_)[: len(rows)]]])
        return self._by_target(first), self._by_target(last)

    def _by_target(self, rows: NDArray[np.intp]) -> dict[Target, int]:
        targets = zip(self.vcpu[rows].tolist(), self.msr[rows].tolist(), strict=True)
        return dict(zip(targets, rows.tolist(), strict=True))


class Timeline:
    """One trace, with threads resolved and times made to start at ``start_ns``."""

    def __init__(self, trace: Trace, start_ns: int, notes: list[Note]) -> None:
        self.trace = trace
        self._start_ns = start_ns
        self._notes = notes
        self.threads: ThreadMap = map_threads(trace)
        notes.extend(self.threads.notes)
        self._note_threads()
        self._note_dropped()
        self._vcpus = self.threads.array()
        self.writes = self._writes()
        #: The last value written and accepted, by vCPU and register.
        self.last_written: dict[Target, int] = {}
        #: When that was.
        self.last_written_ns: dict[Target, int] = {}
        #: Values that reads showed before any write, by vCPU and register.
        self.first_reads: dict[int, dict[int, int]] = {}
        self._first_cr0: dict[int, int] = {}
        self._scan()

    def _note_threads(self) -> None:
        names = self.threads.names()
        if names:
            shown = ", ".join(f"vCPU {vcpu} is {names[vcpu]}" for vcpu in sorted(names)[:8])
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            self._note(NoteKind.INFO, f"threads: {shown}{more}")

    def _note_dropped(self) -> None:
        dropped = sum(table.dropped for table in self.trace.tables())
        if dropped:
            self._note(NoteKind.WARNING, f"the trace is too long: {dropped} events were left out")

    def _note(self, kind: NoteKind, text: str, line: int = 0) -> None:
        self._notes.append(Note(kind, text, Place(self.trace.file, line)))

    def _ordered(self, times: Ints, lines: Ints, what: str) -> tuple[Ints, NDArray[np.intp]]:
        """Return times from the start and the order that sorts them; say so if they went back."""
        order = np.argsort(times, kind="stable")
        back = np.flatnonzero(np.diff(times) < 0)
        if len(back):
            many = "once" if len(back) == 1 else f"{len(back)} times"
            text = f"the times of {what} go back {many}; they were sorted"
            self._note(NoteKind.WARNING, text, int(lines[back[0] + 1]))
        relative = times[order] - np.int64(self._start_ns)
        self._check_span(relative, lines[order])
        return relative, order

    def _check_span(self, relative: Ints, lines: Ints) -> None:
        limit = round(MAX_SECONDS * 1e9)
        late = np.flatnonzero(relative > limit)
        if len(late):
            problem = f"this is {relative[late[0]] / 1e9:.0f} s after the first event"
            expected = f"a trace of at most {MAX_SECONDS:.0f} s"
            raise ScenarioError(self.trace.file, f"line {lines[late[0]]}", problem, expected)

    def _writes(self) -> Writes:
        """Return the register accesses of vCPUs."""
        table = self.trace.accesses
        lines = table.signed_column("line")
        times, order = self._ordered(table.signed_column("time_ns"), lines, "register accesses")
        vcpu = self._vcpus[table.signed_column("thread")[order]]
        kept = vcpu >= 0
        return Writes(
            time_ns=times[kept],
            vcpu=vcpu[kept],
            msr=table.signed_column("msr")[order][kept],
            kind=table.signed_column("kind")[order][kept],
            value=table.unsigned_column("value")[order][kept],
            line=lines[order][kept],
        )

    # Events

    def events(self, maxphyaddr: int) -> EventColumns:
        """Return the writes as events, each judged by the model's rules."""
        made, judge = self.writes.made(), Judge(maxphyaddr)
        is_cr0 = made.msr == CR0_ID
        events = EventColumns(
            made.time_ns,
            np.where(is_cr0, _MOV_CR0, _WRMSR),
            made.vcpu.astype(np.int16),
            np.where(is_cr0, 0, made.msr).astype(np.int32),
            made.value,
            np.zeros(len(made.kind), np.int32),
            ((_GUEST, ""),),
        )
        # What the trace and the model both accept needs no words; all else is looked at singly.
        odd = np.flatnonzero((made.kind == REFUSED) | _refused(made, maxphyaddr))
        judged = [judge.event(*made.row(row)) for row in odd.tolist()]
        for text, line in judge.remarks():
            self._note(NoteKind.WARNING, text, line)
        return with_events(events, odd, judged) if judged else events

    def _scan(self) -> None:
        """Find what the rest of the import asks: the first and last rows of each register."""
        writes = self.writes
        first, last = writes.ends(np.flatnonzero(writes.kind == WRITE))
        for target, row in last.items():
            self.last_written[target] = int(writes.value[row])
            self.last_written_ns[target] = int(writes.time_ns[row])
        for (vcpu, msr), row in first.items():
            if msr == CR0_ID:
                self._first_cr0[vcpu] = int(writes.value[row])
        reads, _ = writes.ends(np.flatnonzero((writes.kind == READ) & (writes.msr != MTRRCAP)))
        for (vcpu, msr), row in reads.items():
            if row < first.get((vcpu, msr), len(writes.kind)):
                self.first_reads.setdefault(vcpu, {})[msr] = int(writes.value[row])

    def starts_with_caches_on(self, vcpu: int) -> bool | None:
        """Return whether CR0.CD was clear before a vCPU's first CR0 write, None without one.

        A first write with paging on comes from a system that already ran; so does one that sets
        CD, since a vCPU comes out of RESET with CD set.
        """
        value = self._first_cr0.get(vcpu)
        return None if value is None else bool(value & (CR0_PG | CR0_CD))

    def mask_values(self) -> list[int]:
        """Return the values written to PHYSMASK registers and accepted, or read from them."""
        shown = (self.writes.kind != REFUSED) & np.isin(self.writes.msr, _MASK_MSRS)
        return distinct(self.writes.value[shown]).tolist()

    # Touches and leaves

    def touches(self) -> Touches:
        """Return the page faults as touches, or else the leaves that were made."""
        table = self.trace.faults
        if not len(table):
            return self._touches_of_entries()
        lines = table.signed_column("line")
        times, order = self._ordered(table.signed_column("time_ns"), lines, "page faults")
        vcpu = self._vcpus[table.signed_column("thread")[order]]
        gfn = table.unsigned_column("gpa")[order] >> np.uint64(PAGE_SHIFT)
        code = table.unsigned_column("code")[order]
        far = gfn >= np.uint64(_GFN_LIMIT)
        if far.any():
            text = (
                f"{int(far.sum())} faults are beyond 52-bit addresses and were left out: without "
                "EPT the trace shows virtual addresses"
            )
            self._note(NoteKind.WARNING, text, int(lines[order][far][0]))
        kept = (vcpu >= 0) & ~far
        return Touches(
            times[kept], gfn[kept], vcpu[kept].astype(np.uint8), self._access(code[kept])
        )

    def _access(self, code: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the access of each fault: bit 1 is a write, bit 2 (AMD: bit 4) a fetch."""
        fetch = np.uint64(16 if self.trace.is_amd else 4)
        access = np.full(len(code), int(Access.READ), np.uint8)
        access[(code & np.uint64(2)) != 0] = int(Access.WRITE)
        access[(code & fetch) != 0] = int(Access.EXECUTE)
        return access

    def _touches_of_entries(self) -> Touches:
        made = self.observed
        access = np.full(len(made), int(Access.WRITE), np.uint8)
        return Touches(made.born_ns, made.gfn, made.vcpu, access)

    @cached_property
    def observed(self) -> ObservedLeaves:
        """The leaves that were made, none if the entries are no EPT entries."""
        table = self.trace.entries if len(self.trace.entries) else self.trace.entries_set
        if not len(table) or self.trace.is_amd:
            return none_observed()
        lines = table.signed_column("line")
        times, order = self._ordered(table.signed_column("time_ns"), lines, "entry changes")
        new, old = table.unsigned_column("new")[order], table.unsigned_column("old")[order]
        level = table.signed_column("level")[order]
        is_made, was_there = is_leaf(new, level), is_leaf(old, level)
        # An entry whose rights alone change is still the same leaf.
        is_same = is_made & was_there & (((old ^ new) & _TYPE_AND_IPAT) == 0)
        gfn = table.unsigned_column("gfn")[order]
        inside = ~is_same & (gfn < np.uint64(_GFN_LIMIT)) & (level >= 1) & (level <= 3)
        # A worker thread's entry has no vCPU of its own; the first one's registers stand for it.
        vcpu = np.maximum(self._vcpus[table.signed_column("thread")[order]], 0)
        died = _next_change(times, gfn, level, np.flatnonzero(inside))
        kept = inside & is_made
        return ObservedLeaves(
            born_ns=times[kept],
            died_ns=died[kept],
            gfn=gfn[kept],
            level=level[kept].astype(np.uint8),
            vcpu=vcpu[kept].astype(np.uint8),
            bits=(new[kept] & _TYPE_AND_IPAT).astype(np.uint8),
            line=lines[order][kept].astype(np.uint32),
        )


def _refused(writes: Writes, maxphyaddr: int) -> NDArray[np.bool_]:
    """Return which values a guest's registers do not take by the model's rules."""
    refused = np.zeros(len(writes.msr), np.bool_)
    for msr in distinct(writes.msr).tolist():
        rows = np.flatnonzero(writes.msr == msr)
        values = writes.value[rows]
        refused[rows] = refused_values(msr, values, maxphyaddr, VARIABLE_PAIRS, False)
    return refused


def _next_change(times: Ints, gfn: NDArray[np.uint64], level: Ints, rows: NDArray[np.intp]) -> Ints:
    """Return when the entry of each row changes next, by gfn and level, of those in ``rows``."""
    order = rows[np.lexsort((level[rows], gfn[rows]))]
    first, second = order[:-1], order[1:]
    is_same = (gfn[first] == gfn[second]) & (level[first] == level[second])
    found = np.full(len(times), STANDING_NS, np.int64)
    found[first[is_same]] = times[second[is_same]]
    return found


def is_leaf(entry: NDArray[np.uint64], level: Ints) -> NDArray[np.bool_]:
    """Return which entries map memory: present, and large above level 1.

    KVM marks entries that stand for emulated MMIO write and execute only (an EPT
    misconfiguration), and present ones with bit 11, even while access tracking hides bits 2:0.
    """
    rights = entry & np.uint64(7)
    present = (rights == 1) | (rights == 3) | (rights == 4) | (rights == 5) | (rights == 7)
    present |= ((entry & np.uint64(0x800)) != 0) & (rights == 0)
    large = (entry & np.uint64(0x80)) != 0
    return present & ((level == 1) | (large & ((level == 2) | (level == 3))))


class Judge:
    """Makes events and notes where the trace and the model's rules for writes differ."""

    def __init__(self, maxphyaddr: int) -> None:
        self._maxphyaddr = maxphyaddr
        self._surprises: dict[str, list[tuple[str, int]]] = {"accepted": [], "refused": []}
        self._verdicts: dict[tuple[int, int], str] = {}

    def event(self, time_ns: int, vcpu: int, msr: int, kind: int, value: int, line: int) -> Event:
        """Return the event of one write; one KVM refused though the model would not is a note."""
        reason = self._refusal(msr, value)
        if kind == REFUSED and not reason:
            words = f"{REGISTERS[msr].name} = {value:#x}"
            self._surprises["refused"].append((words, line))
            text = f"refused by KVM (#GP): {words}"
            return Event(time_ns, EventKind.NOTE, vcpu, origin=_GUEST, text=text)
        if kind == WRITE and reason:
            self._surprises["accepted"].append((reason, line))
        text = "refused by KVM (#GP)" if kind == REFUSED else ""
        if msr == CR0_ID:
            return Event(time_ns, EventKind.MOV_CR0, vcpu, 0, value, _GUEST, text)
        return Event(time_ns, EventKind.WRMSR, vcpu, msr, value, _GUEST, text)

    def _refusal(self, msr: int, value: int) -> str:
        """Return why the model refuses a write, "" if it does not; kept, since they repeat."""
        known = self._verdicts.get((msr, value))
        if known is None:
            try:
                check_write(msr, value, self._maxphyaddr)
                known = ""
            except GeneralProtectionFault as error:
                known = str(error)
            self._verdicts[msr, value] = known
        return known

    def remarks(self) -> list[tuple[str, int]]:
        """Return a sentence and the first line for each kind of difference."""
        found: list[tuple[str, int]] = []
        for kind, text in (
            ("refused", "KVM refused {0} writes that the model accepts, first {1}; kept as notes"),
            ("accepted", "KVM accepted {0} writes that the model refuses, first: {1}"),
        ):
            rows = self._surprises[kind]
            if rows:
                found.append((text.format(len(rows), rows[0][0]), rows[0][1]))
        return found


def first_time_ns(trace: Trace) -> int | None:
    """Return the earliest time in a trace, None if it is empty."""
    columns = [table.signed_column("time_ns") for table in trace.tables() if len(table)]
    return min((int(column.min()) for column in columns), default=None)

"""The table of zaps: when, who, why, which ranges, and what each cost."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.kvm_rules.vm_view import zaps_all
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.facts.event_words import event_words, rivals_words
from mtrrviz.facts.spans import PhaseNames
from mtrrviz.facts.tables.column import Column, Unit, cell_text, each
from mtrrviz.facts.tables.run_rows import RunRows, array, row_number, seconds
from mtrrviz.sim.tables import ZapCause

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.facts.tables.filtering import Mask, Matcher
    from mtrrviz.scenario.events import Event
    from mtrrviz.sim.run import Run

GfnRanges = tuple[tuple[int, int], ...]
"""Ranges that a zap asks for, as (start gfn, end gfn)."""


def zapped_words(ranges: GfnRanges) -> str:
    """Return which addresses a zap is of, e.g. "0x0 to 0x7_ffff", "all memory" or "nothing"."""
    if zaps_all(ranges):
        return "all memory"
    spans = [f"{format_gpa(a << PAGE_SHIFT)} to {format_gpa((b << PAGE_SHIFT) - 1)}"
             for a, b in ranges]  # fmt: skip
    return ", ".join(spans) or "nothing"


def _start(ranges: GfnRanges) -> int | None:
    return min(start for start, _ in ranges) << PAGE_SHIFT if ranges else None


def _end(ranges: GfnRanges) -> int | None:
    return max(end for _, end in ranges) << PAGE_SHIFT if ranges else None


def _spans(ranges: GfnRanges) -> str | None:
    """Return the ranges as files have them."""
    spans = (f"{start << PAGE_SHIFT:#x}-{end << PAGE_SHIFT:#x}" for start, end in ranges)
    return " ".join(spans) or None


def _size_bytes(ranges: GfnRanges) -> int | None:
    return sum(end - start for start, end in ranges) << PAGE_SHIFT if ranges else None


def _size_words(rows: ZapRows, row: int) -> str:
    ranges = rows.run.zaps.ranges[row]
    return "all" if zaps_all(ranges) else cell_text(_size_bytes(ranges), Unit.BYTES)


def _vcpu_words(rows: ZapRows, row: int) -> str:
    vcpu = rows.vcpu(row)
    return "VM" if vcpu is None else str(vcpu)


_COLUMNS: tuple[Column[ZapRows], ...] = (
    Column("zap", "#", "number of the zap, from 0", row_number, Unit.NUMBER),
    Column("time_s", "time", "scenario time", seconds(lambda rows: rows.time_ns), Unit.SECONDS),
    Column("phase", "phase", "phase of the scenario",
           each(lambda rows, row: rows.phases.name(int(rows.time_ns[row])))),
    Column("vcpu", "vCPU", "vCPU that zapped; none for the VM",
           each(lambda rows, row: rows.vcpu(row)), Unit.NUMBER, _vcpu_words),
    Column("cause", "cause", "what made KVM zap",
           lambda rows, part: [ZapCause(c).words for c in rows.run.zaps.cause[part].tolist()]),
    Column("event", "event", "number of the event that it answers",
           array(lambda rows: rows.run.zaps.event), Unit.NUMBER,
           lambda rows, row: event_words(rows.event(row))),
    Column("start", "first", "lowest address asked for; none where nothing needed a zap",
           lambda rows, part: [_start(r) for r in rows.run.zaps.ranges[part]], Unit.HEX),
    Column("end", "end", "address after the highest",
           lambda rows, part: [_end(r) for r in rows.run.zaps.ranges[part]], Unit.HEX),
    Column("ranges", "range", "every range asked for as start-end, blanks between them",
           lambda rows, part: [_spans(r) for r in rows.run.zaps.ranges[part]], Unit.CODE,
           lambda rows, row: zapped_words(rows.run.zaps.ranges[row])),
    Column("all_memory", "all memory", "whether the whole address space is zapped",
           lambda rows, part: [zaps_all(r) for r in rows.run.zaps.ranges[part]]),
    Column("leaves_dropped", "leaves dropped", "leaves that it dropped",
           array(lambda rows: rows.run.zaps.leaves_dropped), Unit.NUMBER),
    Column("rivals", "contended", "other vCPUs that zap in the same burst",
           array(lambda rows: rows.run.zaps.rivals), Unit.WORDS,
           lambda rows, row: rivals_words(int(rows.run.zaps.rivals[row]))),
    Column("modelled_cycles", "cycles ({label})", "cycles it takes, modelled",
           lambda rows, part: [round(c) for c in rows.run.zaps.cycles[part].tolist()], Unit.CYCLES),
    Column("size_bytes", "size", "size of the ranges together; none where nothing needed a zap",
           lambda rows, part: [_size_bytes(r) for r in rows.run.zaps.ranges[part]], Unit.BYTES,
           _size_words),
)  # fmt: skip
#: Files are read without the run that made them, so every row names the changed constants.
#: Columns that were added later come after this one.
_CHANGED_CONSTANTS: Column[ZapRows] = Column(
    "changed_constants",
    "constants changed",
    "constants that modelled_cycles was made with, where they are not the model's own",
    each(lambda rows, _row: rows.run.costs.changes_text),
)


class ZapRows(RunRows):
    """Rows by number of the run's zap."""

    name = "zaps"
    columns = _COLUMNS
    names = MappingProxyType({"label": "modelled"})
    shown = (
        *("time_s", "vcpu", "cause", "ranges", "size_bytes"),
        *("leaves_dropped", "modelled_cycles", "rivals", "event"),
    )
    example = "vcpu:1 msr:2ff"
    help = (
        "Words anywhere in the row, or vcpu:1  msr:2ff  cause:fixed  kind:contended  "
        "kind:partial. Separate alternatives with commas; a leading minus excludes: -vcpu:0"
    )

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.phases = PhaseNames(run.scenario)
        self.names = {"label": run.costs.label}
        if not run.costs.is_default:
            *former, size = _COLUMNS
            self.columns = (*former, _CHANGED_CONSTANTS, size)

    def __len__(self) -> int:
        """Return the number of zaps."""
        return len(self.run.zaps)

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Time of each zap, int64, ascending."""
        return self.run.zaps.time_ns

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU that zapped, None for the VM."""
        vcpu = int(self.run.zaps.vcpu[row])
        return None if vcpu < 0 else vcpu

    def event(self, row: int) -> Event:
        """Return the event that the zap answers."""
        return self.run.scenario.events[int(self.run.zaps.event[row])]

    def more_matchers(self) -> dict[str, Matcher]:
        """Let a filter ask for the MSR that was written, and for the kind of zap."""
        return {"msr": self._of_msr, "kind": self._of_kind}

    def _of_msr(self, value: str) -> Mask:
        try:
            wanted = int(value, 16)
        except ValueError:
            return np.zeros(len(self), bool)
        events = map(self.event, range(len(self)))
        return np.array([e.writes_msr and e.register == wanted for e in events], bool)

    def _of_kind(self, value: str) -> Mask:
        if "contended".startswith(value):
            return self.run.zaps.contended
        if "partial".startswith(value):
            return ~np.array(self.values("all_memory"), bool)
        return np.full(len(self), "zap".startswith(value))

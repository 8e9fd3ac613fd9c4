"""The table of mismatches: entries of a real KVM that differ from the model's, and their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import bits_to_leaf, type_code
from mtrrviz.core.units import LEVEL_NAMES
from mtrrviz.core.wording.words import leaf_words
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.run_rows import RunRows, addresses, array, seconds
from mtrrviz.facts.trace.mismatch_causes import Cause, mismatch_causes
from mtrrviz.facts.trace.mismatches import mismatches, mismatches_in
from mtrrviz.facts.trace.trace_check import trace_check

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.sim.run import Run, State


def _line(rows: MismatchRows, part: slice) -> list[int | None]:
    return [line or None for line in rows.lines[part].tolist()]


def _line_words(rows: MismatchRows, row: int) -> str:
    line = int(rows.lines[row])
    return str(line) if line else ""


_COLUMNS: tuple[Column[MismatchRows], ...] = (
    Column("time_s", "time", "scenario time at which the real entry was made",
           seconds(lambda rows: rows.time_ns), Unit.SECONDS),
    Column("vcpu", "vCPU", "vCPU that faulted", array(lambda rows: rows.vcpus), Unit.NUMBER),
    Column("address", "address", "first address of the entry",
           addresses(lambda rows: rows.gfns), Unit.HEX),
    Column("level", "level", "level of the entry: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB",
           array(lambda rows: rows.levels), Unit.NUMBER,
           lambda rows, row: LEVEL_NAMES[int(rows.levels[row])]),
    Column("real", "real", "type and IPAT of the real entry",
           lambda rows, part: [bits_words(bits) for bits in rows.real_bits[part].tolist()]),
    Column("model", "model", "type and IPAT that the model gives it",
           lambda rows, part: [bits_words(bits) for bits in rows.model_bits[part].tolist()]),
    Column("why", "likely because", "what would explain the difference",
           lambda rows, part: [Cause(c).name.lower() for c in rows.causes[part].tolist()],
           words=lambda rows, row: rows.cause(row).words),
    Column("line", "line", "line of the trace; none if it is not known", _line, Unit.NUMBER,
           _line_words),
)  # fmt: skip


class MismatchRows(RunRows):
    """Rows by number of the differing entry."""

    name = "mismatches"
    columns = _COLUMNS
    shown = ("time_s", "vcpu", "address", "level", "real", "model", "why", "line")
    example = "real:wp vcpu:1"
    help = (
        "Words anywhere in the row, or vcpu:1  level:2  real:wp  model:wb  why:dma  line:120. "
        "Separate alternatives with commas; a leading minus excludes: -vcpu:0"
    )

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        check, observed = trace_check(run), trace_check(run).observed
        self._times_ns = observed.born_ns[check.rows]
        self.vcpus = observed.vcpu[check.rows]
        self.gfns = observed.gfn[check.rows]
        self.levels = observed.level[check.rows]
        self.lines = observed.line[check.rows]
        self.real_bits = observed.bits[check.rows]
        self.model_bits = check.model_bits[check.rows]

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Time of each real entry, int64, ascending."""
        return self._times_ns

    @property
    def causes(self) -> NDArray[np.uint8]:
        """The likely :class:`Cause` of each difference, uint8."""
        return mismatch_causes(self.run)

    def __len__(self) -> int:
        """Return the number of entries that differ."""
        return len(self._times_ns)

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU whose fault made the entry."""
        return int(self.vcpus[row])

    def gfn(self, row: int) -> int:
        """Return the first frame of the entry."""
        return int(self.gfns[row])

    def cause(self, row: int) -> Cause:
        """Return what is likely behind the difference."""
        return Cause(int(self.causes[row]))


def bits_words(bits: int) -> str:
    """Return type and IPAT of an entry in few words; a reserved code has no name."""
    try:
        kind, ipat = bits_to_leaf(bits)
    except ValueError:
        return f"type {type_code(bits)} (reserved)"
    return leaf_words(kind, ipat)


def headline(run: Run, policy: str) -> str:
    """Return in one sentence how many real entries differ."""
    check = trace_check(run)
    if not check.compared:
        return ""
    entries = "real entry" if check.compared == 1 else "real entries"
    if not check.mismatch_count:
        everything = "The" if check.compared == 1 else f"All {check.compared:,}"
        agrees = "is" if check.compared == 1 else "are"
        return f"{everything} {entries} {agrees} as {policy} makes them"
    verb = "differs" if check.mismatch_count == 1 else "differ"
    return f"{check.mismatch_count:,} of {check.compared:,} {entries} {verb} under {policy}"


def mismatch_words(state: State, gfns: tuple[int, int]) -> tuple[str, ...]:
    """Return a line on the real entries in gfns [first, end) that differ now, none without any."""
    if not len(mismatches(state)):
        return ()
    rows = mismatches_in(state, gfns)
    if not len(rows):
        return ()
    index = int(np.searchsorted(trace_check(state.run).rows, rows[-1:])[0])
    found = MismatchRows(state.run)
    cause = found.cause(index).words
    last = f"really {found.text(index, 'real')}, model {found.text(index, 'model')} ({cause})"
    if len(rows) == 1:
        return (f"a real entry differs: {last}",)
    return (f"{len(rows):,} real entries differ, the last: {last}",)


def entry_words(run: Run, index: int) -> str:
    """Return one differing entry (by number among them) on one line."""
    time, vcpu, address, level, real, model, why, _line = MismatchRows(run).texts(index)
    return f"{time}, vCPU {vcpu}, {address} ({level}): really {real}, model {model}; {why}"

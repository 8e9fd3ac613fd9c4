"""Real entries that differ from the model's as rows of text, for a table to show and filter."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import bits_to_leaf, type_code
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SHIFT, format_gpa
from mtrrviz.core.words import leaf_words
from mtrrviz.facts.mismatch_causes import Cause, mismatch_causes
from mtrrviz.facts.mismatches import mismatches, mismatches_in
from mtrrviz.facts.table_filter import (
    Mask,
    Matcher,
    filter_mask,
    number_matcher,
    whole_row_matcher,
)
from mtrrviz.facts.time_text import clock_text
from mtrrviz.facts.trace_check import trace_check

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.sim.run import Run, State


class MismatchRows:
    """Rows by number of the differing entry; texts are made when they are asked for."""

    columns = titles = (
        "time",
        "vCPU",
        "address",
        "level",
        "real",
        "model",
        "likely because",
        "line",
    )
    help = (
        "Words anywhere in the row, or vcpu:1  level:2  real:wp  model:wb  why:dma  line:120. "
        "A comma means or, a minus turns round: -vcpu:0"
    )

    def __init__(self, run: Run) -> None:
        self.run = run
        check, observed = trace_check(run), trace_check(run).observed
        self.time_ns = observed.born_ns[check.rows]
        self._vcpu = observed.vcpu[check.rows]
        self._gfn = observed.gfn[check.rows]
        self._level = observed.level[check.rows]
        self._line = observed.line[check.rows]
        self._real = observed.bits[check.rows]
        self._model = check.model_bits[check.rows]

    def __len__(self) -> int:
        """Return the number of entries that differ."""
        return len(self.time_ns)

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU whose fault made the entry."""
        return int(self._vcpu[row])

    def gfn(self, row: int) -> int:
        """Return the first frame of the entry."""
        return int(self._gfn[row])

    def cause(self, row: int) -> Cause:
        """Return what is likely behind the difference."""
        return Cause(int(mismatch_causes(self.run)[row]))

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        return _WRITERS[self.columns[column]](self, row)

    def real(self, row: int) -> str:
        """Return type and IPAT of the real entry."""
        return bits_words(int(self._real[row]))

    def model(self, row: int) -> str:
        """Return type and IPAT that the model gives the entry."""
        return bits_words(int(self._model[row]))

    def level(self, row: int) -> int:
        """Return the level of the entry."""
        return int(self._level[row])

    def line(self, row: int) -> int:
        """Return the line of the trace, 0 if it is not known."""
        return int(self._line[row])

    def mask(self, text: str) -> Mask:
        """Return which rows a filter keeps; :class:`MtrrvizError` if it makes no sense."""
        return filter_mask(text, len(self), self._matchers)

    @cached_property
    def _matchers(self) -> dict[str, Matcher]:
        return {
            "": whole_row_matcher(self.text, len(self), len(self.columns)),
            "vcpu": number_matcher(self._vcpu),
            "level": number_matcher(self._level),
            "line": number_matcher(self._line),
            "real": _leaf_matcher(self._real),
            "model": _leaf_matcher(self._model),
            "why": _code_matcher(
                mismatch_causes(self.run), {int(c): f"{c.name} {c.words}" for c in Cause}
            ),
        }


def _leaf_matcher(bits: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Matcher:
    """Return a matcher of parts of the words for a type and IPAT."""
    return _code_matcher(bits, {code: bits_words(code) for code in np.unique(bits).tolist()})


def _code_matcher(
    codes: np.ndarray[tuple[int], np.dtype[np.uint8]], words: dict[int, str]
) -> Matcher:
    """Return a matcher of parts of the words that stand for codes."""
    lower = {code: text.lower() for code, text in words.items()}
    return lambda value: np.isin(codes, [code for code, text in lower.items() if value in text])


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
    if not check.differing:
        everything = "The" if check.compared == 1 else f"All {check.compared:,}"
        agrees = "is" if check.compared == 1 else "are"
        return f"{everything} {entries} {agrees} as {policy} makes them"
    verb = "differs" if check.differing == 1 else "differ"
    return f"{check.differing:,} of {check.compared:,} {entries} {verb} under {policy}"


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
    last = f"really {found.real(index)}, model {found.model(index)} ({cause})"
    if len(rows) == 1:
        return (f"a real entry differs: {last}",)
    return (f"{len(rows):,} real entries differ, the last: {last}",)


def entry_words(run: Run, index: int) -> str:
    """Return one differing entry (by number among them) on one line."""
    rows = MismatchRows(run)
    where = f"{rows.text(index, 2)} ({rows.text(index, 3)})"
    return (
        f"{rows.text(index, 0)}, vCPU {rows.vcpu(index)}, {where}: really {rows.real(index)}, "
        f"model {rows.model(index)}; {rows.cause(index).words}"
    )


_WRITERS: dict[str, Callable[[MismatchRows, int], str]] = {
    "time": lambda rows, row: clock_text(int(rows.time_ns[row]), 6),
    "vCPU": lambda rows, row: str(rows.vcpu(row)),
    "address": lambda rows, row: format_gpa(rows.gfn(row) << PAGE_SHIFT),
    "level": lambda rows, row: LEVEL_NAMES[rows.level(row)],
    "real": lambda rows, row: rows.real(row),
    "model": lambda rows, row: rows.model(row),
    "likely because": lambda rows, row: rows.cause(row).words,
    "line": lambda rows, row: f"{rows.line(row)}" if rows.line(row) else "",
}

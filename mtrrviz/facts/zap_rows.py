"""The zaps of a run as rows of text: what the zap table shows, filters and copies."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.facts.event_words import event_words, rivals_words
from mtrrviz.facts.table_filter import (
    Mask,
    Matcher,
    filter_mask,
    number_matcher,
    text_matcher,
    whole_row_matcher,
)
from mtrrviz.facts.time_text import clock_text
from mtrrviz.sim.tables import ZapCause

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.scenario.events import Event
    from mtrrviz.sim.run import Run

_MODELLED = "cycles (modelled)"


class ZapRows:
    """Rows by number of the run's zap; texts are made when they are asked for."""

    columns = (
        *("time", "vCPU", "cause", "range", "size"),
        *("leaves dropped", _MODELLED, "contended", "event"),
    )
    help = (
        "Words anywhere in the row, or vcpu:1  msr:2ff  cause:fixed  kind:contended  "
        "kind:partial. A comma means or, a minus turns round: -vcpu:0"
    )

    def __init__(self, run: Run) -> None:
        self.run = run
        self.titles = tuple(
            f"cycles ({run.costs.label})" if column == _MODELLED else column
            for column in self.columns
        )
        self.time_ns = run.zaps.time_ns
        self._partial = run.zaps.partial

    def __len__(self) -> int:
        """Return the number of zaps."""
        return len(self.run.zaps)

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU that zapped, None for the VM."""
        vcpu = int(self.run.zaps.vcpu[row])
        return None if vcpu < 0 else vcpu

    def event(self, row: int) -> Event:
        """Return the event that the zap answers."""
        return self.run.scenario.events[int(self.run.zaps.event[row])]

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        name = self.columns[column]
        if name in ("range", "size"):
            return self._span(row, name)
        return _WRITERS[name](self, row)

    def _span(self, row: int, column: str) -> str:
        if not self._partial[row]:
            return "all memory" if column == "range" else "all"
        zaps = self.run.zaps
        start, end = (int(gfn[row]) << PAGE_SHIFT for gfn in (zaps.start_gfn, zaps.end_gfn))
        if column == "size":
            return format_size(end - start)
        return f"{format_gpa(start)}\N{EN DASH}{format_gpa(end - 1)}"

    def mask(self, text: str) -> Mask:
        """Return which rows a filter keeps; :class:`MtrrvizError` if it makes no sense."""
        return filter_mask(text, len(self), self._matchers)

    @cached_property
    def _matchers(self) -> dict[str, Matcher]:
        events = [self.event(row) for row in range(len(self))]
        msrs = np.array([e.register if e.writes_msr else -1 for e in events], np.int64)
        causes = [ZapCause(int(cause)).words.lower() for cause in self.run.zaps.cause]
        return {
            "": whole_row_matcher(self.text, len(self), len(self.columns)),
            "vcpu": number_matcher(self.run.zaps.vcpu),
            "msr": number_matcher(msrs, 16),
            "cause": text_matcher(causes),
            "kind": self._match_kind,
        }

    def _match_kind(self, value: str) -> Mask:
        if "contended".startswith(value):
            return self.run.zaps.contended
        if "partial".startswith(value):
            return self._partial
        return np.full(len(self), "zap".startswith(value))


def _vcpu_words(rows: ZapRows, row: int) -> str:
    vcpu = rows.vcpu(row)
    return "VM" if vcpu is None else str(vcpu)


_WRITERS: dict[str, Callable[[ZapRows, int], str]] = {
    "time": lambda rows, row: clock_text(int(rows.time_ns[row]), 6),
    "vCPU": _vcpu_words,
    "cause": lambda rows, row: ZapCause(int(rows.run.zaps.cause[row])).words,
    "leaves dropped": lambda rows, row: f"{int(rows.run.zaps.leaves_dropped[row]):,}",
    _MODELLED: lambda rows, row: f"{float(rows.run.zaps.cycles[row]):,.0f}",
    "contended": lambda rows, row: rivals_words(int(rows.run.zaps.rivals[row])),
    "event": lambda rows, row: event_words(rows.event(row)),
}

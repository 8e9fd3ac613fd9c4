"""The events of a scenario as rows of text: what the event table shows, filters and copies."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.registers import CR0_ID, describe
from mtrrviz.core.units import format_gpa
from mtrrviz.facts.event_words import KIND_WORDS, has_value
from mtrrviz.facts.table_filter import (
    Mask,
    Matcher,
    filter_mask,
    number_matcher,
    text_matcher,
    whole_row_matcher,
)
from mtrrviz.facts.time_text import clock_text
from mtrrviz.scenario.events import VM_KINDS, Event, EventKind
from mtrrviz.sim.event_facts import is_refused, register_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run

_MEANINGS = {
    EventKind.INIT: "CR0 becomes 0x10, CD and NW kept; MTRRs stay",
    EventKind.DMA_ATTACH: "a device with non-coherent DMA joins",
    EventKind.DMA_DETACH: "a device with non-coherent DMA leaves",
}
_COLUMNS = ("time", "vCPU", "kind", "register", "value", "meaning", "zaps", "origin")
_MEANING_COLUMN = _COLUMNS.index("meaning")


class EventRows:
    """Rows by index of the scenario's event; texts are made when they are asked for."""

    columns = titles = _COLUMNS
    help = (
        "Words anywhere in the row, or vcpu:1  msr:2ff  kind:init  kind:zap  kind:refused  "
        "origin:firmware. A comma means or, a minus turns round: -kind:init"
    )

    def __init__(self, scenario: Scenario, run: Run | None) -> None:
        self.scenario = scenario
        self.time_ns = np.array(scenario.event_times_ns, np.int64)
        same = run is not None and _same_events(run.scenario, scenario)
        events = run.zaps.event if run is not None and same else np.zeros(0, np.int32)
        self.zaps = np.bincount(events, minlength=len(scenario.events)) if same else None

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.scenario.events)

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU of an event, None for one of the VM."""
        event = self.scenario.events[row]
        return None if event.kind in VM_KINDS else event.vcpu

    def is_refused(self, row: int) -> bool:
        """Whether KVM refuses the event's write with #GP."""
        return is_refused(self.scenario.machine, self.scenario.events[row])

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        event = self.scenario.events[row]
        write = _WRITERS.get(self.columns[column])
        if write is not None:
            return write(event)
        return (
            self._meaning(row, event) if column == _MEANING_COLUMN else self._outcome(row, column)
        )

    def _outcome(self, row: int, column: int) -> str:
        """Return the kind, marked if the write was refused, or the number of zaps."""
        if self.columns[column] == "kind":
            words = KIND_WORDS[self.scenario.events[row].kind]
            return f"{words} #GP" if self.is_refused(row) else words
        return "" if self.zaps is None or not self.zaps[row] else str(self.zaps[row])

    def _meaning(self, row: int, event: Event) -> str:
        words = _MEANINGS.get(event.kind, "")
        if has_value(event):
            msr = event.register if event.writes_msr else CR0_ID
            words = describe(msr, event.value, self.scenario.machine.maxphyaddr)
        if self.is_refused(row):
            words = f"refused with #GP: {words}"
        return f"{words} \N{EM DASH} {event.text}" if event.text and words else words or event.text

    def mask(self, text: str) -> Mask:
        """Return which rows a filter keeps; :class:`MtrrvizError` if it makes no sense."""
        return filter_mask(text, len(self), self._matchers)

    @cached_property
    def _matchers(self) -> dict[str, Matcher]:
        events = self.scenario.events
        msrs = np.array([e.register if e.writes_msr else -1 for e in events], np.int64)
        vcpus = np.array([-1 if e.kind in VM_KINDS else e.vcpu for e in events], np.int64)
        return {
            "": whole_row_matcher(self.text, len(self), len(self.columns)),
            "vcpu": number_matcher(vcpus),
            "msr": number_matcher(msrs, 16),
            "kind": self._match_kind,
            "origin": text_matcher([event.origin.lower() for event in events]),
        }

    def _match_kind(self, value: str) -> Mask:
        if value.startswith("zap"):
            zaps = np.zeros(len(self)) if self.zaps is None else self.zaps
            return np.asarray(zaps > 0)
        if value in ("refused", "gp", "#gp"):
            return np.array([self.is_refused(row) for row in range(len(self))], bool)
        kinds = (f"{e.kind} {KIND_WORDS[e.kind]}".lower() for e in self.scenario.events)
        return np.array([value in kind for kind in kinds], bool)


def _same_events(one: Scenario, other: Scenario) -> bool:
    """Whether indexes of events mean the same in both; tuples compare by identity first."""
    return one is other or one.events == other.events


#: Columns that an event alone fills.
_WRITERS: dict[str, Callable[[Event], str]] = {
    "time": lambda event: clock_text(event.time_ns, 6),
    "vCPU": lambda event: "" if event.kind in VM_KINDS else str(event.vcpu),
    "register": register_name,
    "value": lambda event: format_gpa(event.value) if has_value(event) else "",
    "origin": lambda event: event.origin,
}

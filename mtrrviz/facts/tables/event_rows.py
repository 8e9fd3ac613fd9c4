"""The table of events: every event of a scenario, and the zaps that it made in a run."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.describe import describe
from mtrrviz.core.sorting import coded
from mtrrviz.facts.event_words import HOST_KIND_WORDS, KIND_MEANINGS, KIND_WORDS, has_value
from mtrrviz.facts.spans import PhaseNames
from mtrrviz.facts.tables.column import Column, Unit, each
from mtrrviz.facts.tables.item_rows import ItemRows, of_item
from mtrrviz.facts.tables.run_rows import row_number, seconds
from mtrrviz.facts.terms import GUEST_TERMS, terms_of
from mtrrviz.scenario.events import VM_KINDS, Event
from mtrrviz.sim.alike import Alike
from mtrrviz.sim.event_facts import is_refused, refused_rows, register_name, register_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mtrrviz.facts.tables.column import Value
    from mtrrviz.facts.tables.filtering import Mask, Matcher
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run


def _zaps_by_event(
    scenario: Scenario, run: Run | None
) -> np.ndarray[tuple[int], np.dtype[np.intp]] | None:
    """Return how many zaps each event made, None where the run is not of these events."""
    if run is None or not (run.scenario is scenario or run.scenario.events == scenario.events):
        return None
    return np.bincount(run.zaps.event, minlength=len(scenario.events))


_of = of_item(Event)


def _vcpu(event: Event) -> int | None:
    return None if event.kind in VM_KINDS else event.vcpu


def _kind_words(rows: EventRows, row: int) -> str:
    words = rows.kind_words[rows.event(row).kind]
    return f"{words} #GP" if rows.is_refused(row) else words


def _meaning_words(rows: EventRows, row: int) -> str:
    event = rows.event(row)
    words = rows.write_words(row) or KIND_MEANINGS.get(event.kind, "")
    if rows.is_refused(row):
        words = f"refused with #GP: {words}"
    return f"{words} \N{EM DASH} {event.text}" if event.text and words else words or event.text


def _zaps(rows: EventRows, part: slice) -> list[int | None]:
    return [None] * (part.stop - part.start) if rows.zaps is None else rows.zaps[part].tolist()


def _zap_words(rows: EventRows, row: int) -> str:
    return "" if rows.zaps is None or not rows.zaps[row] else f"{rows.zaps[row]}"


_COLUMNS: tuple[Column[EventRows], ...] = (
    Column("event", "#", "number of the event, from 0", row_number, Unit.NUMBER),
    Column("time_s", "time", "scenario time", seconds(lambda rows: rows.time_ns), Unit.SECONDS),
    Column("phase", "phase", "phase of the scenario",
           each(lambda rows, row: rows.phases.name(rows.event(row).time_ns))),
    Column("kind", "kind", "{kinds}",
           _of(lambda event: str(event.kind)), words=_kind_words),
    Column("vcpu", "{cpu}", "processor; none for what concerns the VM", _of(_vcpu),
           Unit.NUMBER),
    Column("msr", "MSR", "number of the MSR that is written",
           _of(lambda event: event.register if event.writes_msr else None), Unit.HEX),
    Column("register", "register", "name of the register that is written",
           _of(lambda event: register_name(event) or None)),
    Column("value", "value", "what is written",
           _of(lambda event: event.value if has_value(event) else None), Unit.HEX),
    Column("meaning", "meaning", "the value in words",
           each(lambda rows, row: rows.write_words(row)), words=_meaning_words),
    Column("refused", "refused", "whether KVM or the processor refuses the write with #GP",
           each(lambda rows, row: rows.is_refused(row))),
    Column("zaps", "zaps", "zaps that KVM makes for it under the policy", _zaps, Unit.NUMBER,
           _zap_words),
    Column("origin", "origin", "who did it: vmm, firmware, kernel, user, ...",
           _of(lambda event: event.origin or None)),
    Column("text", "note", "the scenario's words on it",
           _of(lambda event: event.text or None)),
)  # fmt: skip


#: Columns whose cells do not follow from what an event does alone.
_OF_EACH_EVENT = frozenset({"event", "time_s", "phase", "zaps"})


class EventRows(ItemRows[Event]):
    """Rows by index of the scenario's event.

    Without a run of these very events the numbers of zaps are not known.
    """

    name = "events"
    columns = _COLUMNS
    names: Mapping[str, str] = GUEST_TERMS.names
    example = "{cpu_key}:1 msr:2ff"
    shown = ("time_s", "vcpu", "kind", "register", "value", "meaning", "zaps", "origin")
    help = (
        "Words anywhere in the row, or {cpu_key}:1  msr:2ff  kind:init  kind:{kind}  kind:refused  "
        "origin:firmware. Separate alternatives with commas; a leading minus excludes: -kind:init"
    )

    def __init__(self, scenario: Scenario, run: Run | None) -> None:
        super().__init__(scenario.events)
        self.scenario = scenario
        self.run = run
        self.phases = PhaseNames(scenario)
        self.zaps = _zaps_by_event(scenario, run)
        self.kind_words = KIND_WORDS
        self._last: tuple[int, Event] | None = None
        self.names = terms_of(scenario.machine).names
        if scenario.machine.is_host:
            self.kind_words = HOST_KIND_WORDS
            self.shown = tuple(key for key in self.shown if key != "zaps")

    @property
    def time_ns(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Time of each event, int64, ascending."""
        return self.scenario.events.time_ns

    @property
    def about(self) -> dict[str, Value]:
        """Scenario and policy."""
        policy = None if self.run is None else self.run.policy.id
        return {"scenario": self.scenario.name, "policy": policy}

    def item(self, row: int) -> Event:
        """Return the event of a row."""
        return self.event(row)

    def event(self, row: int) -> Event:
        """Return the event of a row; that of the last one is kept, as a row has many cells."""
        kept = self._last  # two threads may ask
        if kept is None or kept[0] != row:
            kept = self._last = (row, self.scenario.events[row])
        return kept[1]

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU of an event, None for one of the VM."""
        return _vcpu(self.event(row))

    def is_refused(self, row: int) -> bool:
        """Whether KVM refuses the event's write with #GP."""
        return is_refused(self.scenario.machine, self.event(row))

    def write_words(self, row: int) -> str | None:
        """Return what the value that is written means, None if nothing is written."""
        event = self.event(row)
        number = register_number(event)
        if number is None:
            return None
        return describe(number, event.value, self.scenario.machine.maxphyaddr)

    def same_cells(self, key: str) -> Alike[int] | None:
        """Return for each event one that is equal but for its time: most are repeated."""
        return None if key in _OF_EACH_EVENT else self._same_but_time

    @cached_property
    def _same_but_time(self) -> Alike[int]:
        columns = self.scenario.events.columns
        # Of vCPU, kind and MSR 15, 4 and 16 bits; of origin and text as many as there are events.
        what = columns.said.astype(np.uint64)
        for part, bits in ((columns.vcpu, 15), (columns.kind, 4), (columns.register, 16)):
            what = what << np.uint64(bits) | part.astype(np.uint64)
        both = coded(what).codes << 32 | coded(columns.value).codes
        first, codes = coded(both.astype(np.uint64))
        return Alike(first.tolist(), codes)

    def more_matchers(self) -> dict[str, Matcher]:
        """Let ``kind`` also ask for events that zap and for refused writes, ``cpu`` as ``vcpu``."""
        return {"kind": self._of_kind, "cpu": partial(self.column_mask, "vcpu")}

    def _of_kind(self, value: str) -> Mask:
        if value.startswith("zap"):
            return np.zeros(len(self), bool) if self.zaps is None else self.zaps > 0
        if value == "refused":
            machine, parts = self.scenario.machine, self.scenario.events.parts
            refused = [refused_rows(machine, columns, rows) for columns, rows in parts]
            return np.concatenate([np.zeros(0, np.bool_), *refused])
        return self.column_mask("kind", value)

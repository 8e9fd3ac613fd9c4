"""The result of an import: a scenario, and all that was assumed, repaired or left out for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from mtrrviz.core.record import Record
from mtrrviz.importers.machine.told_places import ToldPlaces

if TYPE_CHECKING:
    from mtrrviz.importers.notes import Note
    from mtrrviz.scenario.model import Scenario


class SourceReport(Record):
    """What became of one text.

    ``formats`` are ids, the main one first, with ``reason`` saying how it was recognised.
    ``unknown_lines`` is exact; ``unknown`` shows the first of them as (number, text), ``nearest``
    the one of all that is most like a line of a known format.
    """

    name: str
    lines: int
    formats: tuple[str, ...]
    reason: str
    unknown_lines: int
    unknown: tuple[tuple[int, str], ...]
    nearest: tuple[int, str] | None = None


class Import(Record, eq=False):
    """A machine made of files.

    ``start_ns`` is the trace's clock at the scenario's time 0; ``threads`` names the host thread of
    each vCPU, where there was a trace. ``unused`` counts understood lines that say nothing about
    memory types. ``observed_file`` is the trace that the scenario's observed leaves come from,
    ``places`` the lines that tell registers and events.
    """

    scenario: Scenario
    notes: tuple[Note, ...]
    sources: tuple[SourceReport, ...] = ()
    unused: dict[str, int] = field(default_factory=dict[str, int])
    start_ns: int = 0
    threads: tuple[str, ...] = ()
    observed_file: str = ""
    places: ToldPlaces = field(default_factory=ToldPlaces)

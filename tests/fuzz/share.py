"""Which of the accepted inputs are also played, checked and saved, which costs most of the time.

Outside of long runs all of them. In those each sixteenth, chosen by its bytes, and each that comes
to something that no input of the process came to before.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from mtrrviz.importers import Import
    from mtrrviz.scenario.model import Scenario

OF_LONG_RUNS = 16
"""One of so many ordinary inputs of a long run is played."""

MOST_SEEN = 50_000
"""Kinds of outcome that are told apart."""

_NO_DIGITS = str.maketrans("", "", "0123456789abcdefx")


@dataclass
class Share:
    """Takes each ``every``-th input by its bytes, and each whose outcome is a new one."""

    every: int = 1
    _seen: set[object] = field(default_factory=set[object])

    def takes(self, content: bytes, outcome: Hashable) -> bool:
        """Return whether an input that came to ``outcome`` is taken."""
        if outcome not in self._seen and len(self._seen) < MOST_SEEN:
            self._seen.add(outcome)
            return True
        # Other bits than those that choose the input's name.
        return (zlib.crc32(content) >> 8) % self.every == 0


PLAYED = Share()
"""The share of this process."""


def import_outcome(result: Import) -> Hashable:
    """Return what an import came to, roughly: its formats, notes and scenario."""
    notes = frozenset((note.kind, note.text.translate(_NO_DIGITS)[:24]) for note in result.notes)
    formats = frozenset(name for report in result.sources for name in report.formats)
    return notes, formats, scenario_outcome(result.scenario)


def scenario_outcome(scenario: Scenario) -> Hashable:
    """Return what a scenario has, roughly: numbers by powers of two or none, kinds."""
    machine = scenario.machine
    counted = (machine.regions, scenario.events, scenario.recorded)
    had = (
        machine.unknown_registers, scenario.observed, scenario.complaints, scenario.phases,
        scenario.sweeps, scenario.bookmarks, scenario.stops, scenario.vcpu_names,
    )  # fmt: skip
    return (
        tuple(len(one).bit_length() for one in counted),
        tuple(len(one) > 0 for one in had),
        frozenset(region.kind for region in machine.regions),
        frozenset(event.kind for event in scenario.events[:100]),
        (machine.kind, machine.maker, machine.tom2_end > 0, machine.mtrrs_on, machine.has_mtrr),
        (machine.maxphyaddr, machine.vcpus.bit_length(), machine.noncoherent_dma > 0),
        (machine.self_snoop, machine.cd_nw_quirk, machine.ignore_guest_pat, machine.host_level),
        scenario.recording is not None and scenario.recording.duration_s is None,
    )

"""How a journal tells of the events of long scenarios: as pieces of blocks, which it has once.

The text of a million events takes seconds to write, and half a minute to read. Lists of events are
pieces of blocks that edits share: a block goes to data files beside the journal when it is met
first, and each edit is told as the pieces of its list, with the events of small ones in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from mtrrviz.scenario.event_pieces import SHORT
from mtrrviz.scenario.files.saver import scenario_text

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

#: The columns of a block in its data file, and the bytes that an event takes there.
COLUMNS = ("time_ns", "kind", "vcpu", "register", "value", "said")
EVENT_BYTES = 27

Row = tuple[int, str, int, int, int, str, str]
"""An event: time in ns, kind, vCPU, register, value, origin, text."""


class KeptPiece(msgspec.Struct, frozen=True):
    """Events [first, end) of the block in the data file ``name``; of none, those of ``rows``."""

    name: str = ""
    first: int = 0
    end: int = 0
    rows: tuple[Row, ...] = ()


KeptEvents = tuple[KeptPiece, ...]
"""The events of a scenario."""


class KeptBlock(msgspec.Struct, frozen=True, tag="block"):
    """A block of so many events in the data file ``name``.

    Their origins and texts are in the file ``sayings``, which blocks share.
    """

    name: str
    events: int
    sayings: str


def are_kept_apart(scenario: Scenario) -> bool:
    """Whether a journal keeps the events of a scenario in pieces: many, and in no data file."""
    recording = scenario.recording
    return len(scenario.events) > SHORT and not (recording and recording.events)


def kept_text(scenario: Scenario) -> str:
    """Return the text of a scenario, without events that are kept in pieces."""
    return scenario_text(replace(scenario, events=()) if are_kept_apart(scenario) else scenario)

"""What a scenario file holds: its bytes and the scenario that they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario


class Original(Record, eq=False):
    """The content of a file, read or written, with which later edits are saved.

    ``scenario`` is what ``data`` says; what an edited one has in common with it keeps its text.
    """

    data: bytes
    scenario: Scenario

"""What a scenario file holds: its bytes and the scenario that they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Original:
    """The content of a file, read or written, with which later edits are saved.

    ``scenario`` is what ``data`` says; what an edited one has in common with it keeps its text.
    """

    data: bytes
    scenario: Scenario

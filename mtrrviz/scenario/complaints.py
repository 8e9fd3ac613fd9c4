"""What a kernel or hypervisor itself found wrong with memory types, as its log says."""

from __future__ import annotations

import re
from enum import StrEnum

from mtrrviz.core.record import Record


class ComplaintKind(StrEnum):
    """What a kernel or hypervisor complains of. The values are the words used in files."""

    TYPE_MISMATCH = "type mismatch"
    OVERLAP = "overlaps an existing pair"
    NOT_ALIGNED = "base is not a multiple of the size"
    NO_FREE_PAIR = "no free pair"
    REFUSED_WC = "no WC range for a driver"
    LOST_RAM = "RAM without MTRRs"
    INCONSISTENT = "inconsistent CPUs"
    NO_OPTIMUM = "the clean-up found no optimum"
    PAT_CONFLICT = "conflicting PAT types"
    BLANK = "all MTRRs blank"
    OTHER = "other"


class KernelComplaint(Record):
    """One complaint: its words as logged without their head, and what they are about.

    ``start`` and ``end`` are bytes [start, end), both 0 where the words name none. ``file`` and
    ``line`` (from 1) say where it was logged; "" and 0 if that is not known.
    """

    kind: ComplaintKind
    text: str
    file: str = ""
    line: int = 0
    start: int = 0
    end: int = 0

    @property
    def speaker(self) -> str:
        """Who says it: the X server marks its lines, Windows names its functions, else a kernel."""
        if re.match(r"\((?:WW|EE|II)\)", self.text):
            return "the X server"
        return "Windows" if re.match(r"Ki[A-Z]", self.text) else "the kernel"

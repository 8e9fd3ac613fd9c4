"""What all sources of this machine share: the facts, the reports, and notes of what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.imported import SourceReport
from mtrrviz.importers.notes import NoteKind, Place

if TYPE_CHECKING:
    from mtrrviz.importers.this_machine.bounded_files import Tree, Unreadable

AS_ROOT = "sudo mtrrviz import --this-machine -o host.toml"
LOAD_MSR = "sudo modprobe msr"

DIRECT_SOURCES = {
    "msr-device": "the CPUs' registers",
    "firmware-memmap": "the firmware's memory map",
    "cpuinfo": "the kernel's list of CPUs",
}
"""Titles of what is no dump but read value by value, by the id that reports have for it."""


@dataclass
class Sources:
    """What was read so far of the files of ``tree``."""

    tree: Tree
    facts: Facts = field(default_factory=Facts)
    reports: list[SourceReport] = field(default_factory=list[SourceReport])

    def report(self, name: str, values: int, format_id: str) -> None:
        """Tell of a source that has values and no lines."""
        reason = "read value by value"
        self.reports.append(SourceReport(name, values, (format_id,), reason, 0, ()))

    def lacks(self, path: str, what: str, problem: Unreadable, kind: NoteKind) -> None:
        """Note that ``what`` was not read, and the command that would read it."""
        text = f"{what} not read: {problem.reason}"
        if problem.lacks_right:
            text = f"{what} not read: that takes root. Command: `{AS_ROOT}`"
        self.facts.note(kind, text, Place(path))

    def warn(self, path: str, text: str) -> None:
        """Note something odd about a file."""
        self.facts.note(NoteKind.WARNING, text, Place(path))

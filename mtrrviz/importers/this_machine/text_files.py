"""The texts of procfs and debugfs, read as the dumps that people make of them.

/proc/mtrr: arch/x86/kernel/cpu/mtrr/if.c. /proc/iomem: kernel/resource.c, with zeros for readers
without CAP_SYS_ADMIN. pat_memtype_list: arch/x86/mm/pat/memtype.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.notes import NoteKind, Place
from mtrrviz.importers.reading import read_texts
from mtrrviz.importers.registry import recognise
from mtrrviz.importers.this_machine.bounded_files import Unreadable
from mtrrviz.importers.this_machine.machine_sources import AS_ROOT
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from mtrrviz.importers.this_machine.machine_sources import Sources

MTRR = "/proc/mtrr"
IOMEM = "/proc/iomem"
PAT_LIST = "/sys/kernel/debug/x86/pat_memtype_list"


def read_proc_mtrr(sources: Sources) -> None:
    """Add the ranges that Linux lists; they are not needed where the registers are known."""
    kind = NoteKind.INFO if sources.facts.registers else NoteKind.WARNING
    _read(sources, MTRR, "the kernel's list of MTRRs was", kind)


def read_iomem(sources: Sources) -> None:
    """Add the resources that Linux lists, and the command that shows their addresses."""
    before = len(sources.facts.memory)
    is_read = _read(sources, IOMEM, "the kernel's list of resources was", NoteKind.WARNING)
    if is_read and len(sources.facts.memory) == before:
        text = f"it shows addresses to root alone. Command: `{AS_ROOT}`"
        sources.facts.note(NoteKind.INFO, text, Place(IOMEM))


def read_pat_list(sources: Sources) -> None:
    """Add the memory types that Linux reserved, if a format for the list is known."""
    _read(sources, PAT_LIST, "the kernel's list of PAT types was", NoteKind.INFO)


def _read(sources: Sources, path: str, what: str, kind: NoteKind) -> bool:
    """Read a file as a dump; return whether it was of a known format, else note why not."""
    try:
        content = sources.tree.content(path)
        _check(path, content)
    except Unreadable as problem:
        sources.lacks(path, what, problem, kind)
        return False
    if not content:
        sources.facts.note(kind, "it is empty", Place(path))
        return False
    sources.reports.extend(read_texts(sources.facts, [(path, content)]))
    return True


def _check(path: str, content: bytes) -> None:
    """Raise Unreadable if a text cannot be read as a whole, before any of it becomes a fact."""
    if not content:
        return
    if not recognise(content[: 1 << 16].decode("utf-8", "replace").splitlines()):
        raise Unreadable("no line of it is of a known format")
    try:
        read_texts(Facts(), [(path, content)])
    except ScenarioError as error:
        raise Unreadable(error.problem) from error

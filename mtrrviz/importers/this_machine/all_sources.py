"""import_this_machine: all sources one after the other, then the same conclusions as for dumps."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers.cancelled import ImportCancelledError
from mtrrviz.importers.import_options import ImportOptions
from mtrrviz.importers.machine.assemble import assemble
from mtrrviz.importers.notes import NoteKind
from mtrrviz.importers.this_machine import NAME, SYSTEM_ROOT
from mtrrviz.importers.this_machine.bounded_files import Tree
from mtrrviz.importers.this_machine.cpu import read_cpu
from mtrrviz.importers.this_machine.dmi import read_dmi
from mtrrviz.importers.this_machine.firmware_memmap import read_firmware_memmap
from mtrrviz.importers.this_machine.machine_sources import AS_ROOT, LOAD_MSR, Sources
from mtrrviz.importers.this_machine.msr_device import read_msrs
from mtrrviz.importers.this_machine.text_files import read_iomem, read_pat_list, read_proc_mtrr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mtrrviz.importers.imported import Import
    from mtrrviz.importers.reading import FileProgress

_OPTIONS = ImportOptions(name=NAME)


def import_this_machine(
    root: Path = SYSTEM_ROOT,
    options: ImportOptions = _OPTIONS,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Import:
    """Return the machine whose files are below ``root``, with what could not be read in the notes.

    MtrrvizError if this is no Linux, if ``root`` is no directory, or if neither registers nor
    /proc/mtrr can be read; ImportCancelledError if ``is_cancelled`` said so.
    """
    _check(root)
    sources = Sources(Tree(root))
    model = _gather(sources, progress or _nothing, is_cancelled or (lambda: False))
    if not sources.facts.registers and not sources.facts.ranges:
        raise _nothing_read(sources)
    imported = assemble(sources.facts, tuple(sources.reports), options)
    title = f"This machine: {model}" if model else "This machine"
    return replace(imported, scenario=replace(imported.scenario, title=title[:200]))


def _check(root: Path) -> None:
    if root == SYSTEM_ROOT and sys.platform != "linux":
        raise MtrrvizError(
            f"this machine's registers can be read under Linux only, and this is {sys.platform}; "
            "a dump of them can be imported"
        )
    if not root.is_dir():
        raise MtrrvizError(f"{root}: no such directory (expected one that stands in for /)")


def _gather(sources: Sources, progress: FileProgress, is_cancelled: Callable[[], bool]) -> str:
    """Read every source and return the machine's model."""
    read_cpu(sources)
    read_msrs(sources, progress, is_cancelled)
    for read in (read_proc_mtrr, read_iomem, read_firmware_memmap, read_pat_list):
        if is_cancelled():
            raise ImportCancelledError
        read(sources)
    return read_dmi(sources)


def _nothing_read(sources: Sources) -> MtrrvizError:
    """Return why nothing could be read: the warnings, and what to do."""
    why = "; ".join(str(n) for n in sources.facts.notes if n.kind is NoteKind.WARNING)
    return MtrrvizError(
        f"no MTRR of this machine could be read (expected /dev/cpu/*/msr or /proc/mtrr; try "
        f"`{LOAD_MSR}`, then `{AS_ROOT}`): {why or 'both are there and empty'}"
    )


def _nothing(_name: str, _done: int, _total: int) -> None:
    """Show no progress."""

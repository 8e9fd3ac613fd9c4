"""The list of importers, and the choice among them by content.

A new format is a module with a FORMAT and one line here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.plugins import IMPORTERS, plugins
from mtrrviz.core.record import Record
from mtrrviz.importers.dumps import (
    dmesg,
    e820,
    fwts,
    iomem,
    lscpu,
    lspci,
    memcontrol,
    memtype_list,
    mtree,
    proc_mtrr,
)
from mtrrviz.importers.dumps.firmware import coreboot, edk2, linuxbios, uboot
from mtrrviz.importers.dumps.msr_tools import chipsec, chipsec_json, msr_list, rdmsr
from mtrrviz.importers.traces import ftrace, perf_script, trace_cmd

if TYPE_CHECKING:
    from mtrrviz.importers.formats import Evidence, Format

_OWN: tuple[Format, ...] = (
    ftrace.FORMAT,
    trace_cmd.FORMAT,
    perf_script.FORMAT,
    proc_mtrr.FORMAT,
    e820.FORMAT,
    iomem.FORMAT,
    lspci.FORMAT,
    memtype_list.FORMAT,
    memcontrol.FORMAT,
    chipsec.FORMAT,
    chipsec_json.FORMAT,
    edk2.FORMAT,
    fwts.FORMAT,
    uboot.FORMAT,
    linuxbios.FORMAT,
    coreboot.FORMAT,
    mtree.FORMAT,
    lscpu.FORMAT,
    dmesg.FORMAT,
    msr_list.FORMAT,
    rdmsr.FORMAT,
)
"""Our formats, the more particular before the more general: the first to take a line has it."""
_PARTS = ("id", "title", "recognise", "parser")
"""What makes a format."""


class _Formats(Sequence["Format"]):
    """All formats; those of plug-ins come last, and are loaded when someone goes through them."""

    @overload
    def __getitem__(self, index: int) -> Format: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Format]: ...
    def __getitem__(self, index: int | slice) -> Format | Sequence[Format]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    @cached_property
    def _all(self) -> tuple[Format, ...]:
        taken = {one.id for one in _OWN}

        def take(_words: str, found: object) -> Format:
            missing = [name for name in _PARTS if not hasattr(found, name)]
            if missing:
                raise MtrrvizError(f"{found!r} is no format: it has no {', '.join(missing)}")
            added: Format = found  # pyright: ignore[reportAssignmentType]
            if added.id in taken:
                raise MtrrvizError(f"the id {added.id!r} is taken (expected one of its own)")
            taken.add(added.id)
            return added

        return (*_OWN, *plugins(IMPORTERS, take))


FORMATS: Sequence[Format] = _Formats()
"""Every format: ours, then those of plug-ins."""

SAMPLE_LINES = 400
"""Lines of a text that are looked at to recognise it."""


class Recognised(Record):
    """A format with the evidence for it."""

    format: Format
    evidence: Evidence


def format_by_id(format_id: str) -> Format:
    """Return a format; MtrrvizError with the known ones if there is none of this id."""
    for known in FORMATS:
        if known.id == format_id:
            return known
    raise MtrrvizError(
        f"no import format {format_id!r}; there are {', '.join(f.id for f in FORMATS)}"
    )


def recognise(sample: Sequence[str]) -> list[Recognised]:
    """Return the formats that ``sample`` may be of, the one with most lines first."""
    lines = sample[:SAMPLE_LINES]
    found = [Recognised(f, e) for f in FORMATS if (e := f.recognise(lines)) is not None]
    return sorted(found, key=lambda one: one.evidence.lines, reverse=True)

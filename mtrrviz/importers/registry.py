"""The list of importers, and the choice among them by content.

A new format is a module with a FORMAT and one line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers.dumps import (
    chipsec,
    chipsec_json,
    coreboot,
    dmesg,
    e820,
    edk2,
    fwts,
    iomem,
    linuxbios,
    lscpu,
    lspci,
    memcontrol,
    memtype_list,
    msr_list,
    mtree,
    proc_mtrr,
    rdmsr,
    uboot,
)
from mtrrviz.importers.traces import ftrace, perf_script, trace_cmd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.importers.formats import Evidence, Format

FORMATS: tuple[Format, ...] = (
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
"""Every format, the more particular before the more general: the first to take a line has it."""

SAMPLE_LINES = 400
"""Lines of a text that are looked at to recognise it."""


@dataclass(frozen=True, slots=True)
class Recognised:
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

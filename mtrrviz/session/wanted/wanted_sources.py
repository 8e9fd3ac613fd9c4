"""Where a wanted map can start: the machine's layout, a vCPU's registers, a text."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.analysis.solve import (
    KEEP,
    WantedMap,
    WantedRange,
    host_wanted,
    parse_wanted,
    wanted_by_machine,
    wanted_map,
)
from mtrrviz.analysis.solve.wanted import is_wanted_text
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.core.wording.printable import escaped
from mtrrviz.session.wanted.wanted_edits import Wanted, WantedEdit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.importers.reading import FileProgress
    from mtrrviz.scenario.machine_spec import MachineSpec

MAX_BYTES = 64 << 20
"""Largest file that is read; a memory map has a few KiB, the log around it some MiB."""
MAX_ROWS_BYTES = 4 << 20
"""Longest text of lines START SIZE TYPE: more than there may be of them, and comments."""
_HEAD_BYTES = 1 << 16


def machine_ranges(spec: MachineSpec, machine: Machine | None = None) -> tuple[WantedRange, ...]:
    """Return what a machine's memory layout asks for: RAM WB, devices and flash UC.

    Of a real machine, what is no RAM and no device keeps the type that ``machine`` gives it.
    """
    if spec.is_host:
        return _named(host_wanted(spec, machine, None if machine is None else KEEP))
    return _named(wanted_by_machine(spec, None))


def as_machine(wanted: Wanted, spec: MachineSpec, machine: Machine | None = None) -> WantedEdit:
    """Want what the machine's memory layout asks for, and UC elsewhere."""
    label = "Want what the machine's memory layout asks for"
    ranges = machine_ranges(spec, machine)
    return WantedEdit(label, replace(wanted, ranges=ranges, rest=MemoryType.UC))


def as_registers(wanted: Wanted, vcpu: int, state: MtrrState) -> WantedEdit:
    """Want the types that a vCPU's registers give now, its default type for the rest."""
    starts, types = state.intervals()
    limit = 1 << (state.maxphyaddr - PAGE_SHIFT)
    ends = np.minimum(np.append(starts[1:], limit), limit)
    rest = state.memory_type(limit - 1)
    ranges = tuple(
        WantedRange(int(start) << PAGE_SHIFT, int(end) << PAGE_SHIFT, MemoryType(int(kind)))
        for start, end, kind in zip(starts, ends, types, strict=True)
        if start < end and kind != rest
    )
    label = f"Want what vCPU {vcpu}'s registers give"
    return WantedEdit(label, replace(wanted, ranges=ranges, rest=rest))


def as_text(
    wanted: Wanted, name: str, ranges: tuple[WantedRange, ...], maxphyaddr: int
) -> WantedEdit:
    """Want the ranges of a text, and UC elsewhere.

    Raises MtrrvizError if they overlap or the guest has no such addresses.
    """
    wanted_map(ranges, maxphyaddr)
    label = f"Want the memory map of {name}"
    return WantedEdit(label, replace(wanted, ranges=ranges, rest=MemoryType.UC))


def read_ranges(
    name: str,
    data: bytes,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> tuple[WantedRange, ...]:
    """Return the ranges of a text: of lines START SIZE TYPE, or of a memory map (e820, iomem, ...).

    Raises MtrrvizError if there is neither in it, and ImportCancelledError if ``is_cancelled``
    said so.
    """
    from mtrrviz.importers import import_texts  # noqa: PLC0415 - when asked for

    head = data[:_HEAD_BYTES].decode(errors="replace")
    if is_wanted_text(head):
        if len(data) > MAX_ROWS_BYTES:
            raise MtrrvizError(f"{escaped(name)}: larger than {MAX_ROWS_BYTES >> 20} MiB")
        found = parse_wanted(data.decode(errors="replace"), name)
        return tuple(sorted(found, key=lambda one: one.start))
    imported = import_texts([(name, data)], progress=progress, is_cancelled=is_cancelled)
    if any(note.option == "memory" for note in imported.notes):
        raise MtrrvizError(
            f"{name}: no memory map in it (expected e820 lines of dmesg, /proc/iomem, QEMU's info"
            " mtree, or lines such as 0x0 2GiB WB)"
        )
    return machine_ranges(imported.scenario.machine)


def read_file(
    path: Path,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> tuple[WantedRange, ...]:
    """Return the ranges of a file as :func:`read_ranges` does; raises OSError that names it."""
    from mtrrviz.importers.patient_pipe import open_patiently  # noqa: PLC0415 - when asked for

    try:
        with open_patiently(path, is_cancelled) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        words = error.strerror or str(error)
        raise OSError(error.errno or errno.EIO, words, str(path)) from error
    if len(data) > MAX_BYTES:
        raise MtrrvizError(f"{path}: larger than {MAX_BYTES >> 20} MiB")
    return read_ranges(str(path), data, progress, is_cancelled)


def _named(found: WantedMap) -> tuple[WantedRange, ...]:
    """Return the pieces of a map that want a type."""
    return tuple(
        WantedRange(piece.start << PAGE_SHIFT, piece.end << PAGE_SHIFT, piece.type)
        for piece in found.pieces
        if piece.type is not None
    )

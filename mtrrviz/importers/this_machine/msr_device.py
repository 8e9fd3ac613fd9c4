"""/dev/cpu/N/msr: MTRRs and PAT of each CPU.

A read of 8 bytes at an MSR's number gives its value (msr_read in arch/x86/kernel/msr.c): EIO means
that the CPU has no such register, ENXIO that it is offline; opening takes CAP_SYS_RAWIO. The
numbers are of the Intel SDM volume 3A, 12.11, and of the AMD APM volume 2, 7.9 and appendix A.

A directory that stands in for / cannot hold devices; there a file of lines "MSR VALUE", both
hexadecimal, is taken instead.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, MTRRCAP, PAT, PHYSBASE0, PHYSMASK0
from mtrrviz.core.units import FOUR_GIB
from mtrrviz.importers.cancelled import ImportCancelledError
from mtrrviz.importers.facts import Sign, Told
from mtrrviz.importers.machine.dump import address_bits
from mtrrviz.importers.notes import NoteKind, Place
from mtrrviz.importers.this_machine.bounded_files import Unreadable
from mtrrviz.importers.this_machine.machine_sources import AS_ROOT, LOAD_MSR
from mtrrviz.scenario.files.schema import MAX_VCPUS

if TYPE_CHECKING:
    from mtrrviz.importers.this_machine.bounded_files import Tree
    from mtrrviz.importers.this_machine.machine_sources import Sources

CPUS = "/dev/cpu"
DEVICES = "/dev/cpu/*/msr"
MSR_MAJOR = 202
"""Major number of the msr driver's devices (include/uapi/linux/major.h)."""

SYSCFG = 0xC001_0010
TOP_MEM = 0xC001_001A
TOP_MEM2 = 0xC001_001D
FORCES_WB = 1 << 21 | 1 << 22
"""SYSCFG: MtrrTom2En and Tom2ForceMemTypeWB, which together make [4 GiB, TOP_MEM2) WB."""

MAX_PAIRS = 32
"""Most pairs read: the next register number that is another's is 0x250."""

_FIX = 1 << 8
_TOM_MASK = 0x000F_FFFF_FF80_0000
_MASKS = range(PHYSMASK0, PHYSMASK0 + 2 * MAX_PAIRS, 2)
_LINE = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,8})[\s:=,]+(?:0[xX])?([0-9a-fA-F]{1,16})")

Progress = Callable[[str, int, int], None]
ReadRegister = Callable[[int], int | None]
"""Returns an MSR's value, None if the CPU has no such register."""


def read_msrs(sources: Sources, progress: Progress, is_cancelled: Callable[[], bool]) -> None:
    """Add the registers of every CPU that can be read."""
    cpus = _cpus(sources)
    values = 0
    for number, cpu in enumerate(cpus):
        if is_cancelled():
            raise ImportCancelledError
        path = f"{CPUS}/{cpu}/msr"
        progress(path, number, len(cpus))
        try:
            values += _read_cpu(sources, cpu, path)
        except Unreadable as problem:
            _say_why(sources, path, problem)
            break
    if values:
        sources.report(DEVICES, values, "msr-device")
        _tell_forced_wb(sources)
        _tell_wide_masks(sources)


def _cpus(sources: Sources) -> list[int]:
    """Return the CPUs that have a directory of devices; says so if there are none."""
    try:
        cpus = [cpu for cpu in sources.tree.numbers(CPUS) if cpu < MAX_VCPUS]
        if not cpus:
            raise Unreadable("it is empty", is_missing=True)
    except Unreadable as problem:
        _say_why(sources, CPUS, problem)
        return []
    return cpus


def _say_why(sources: Sources, path: str, problem: Unreadable) -> None:
    """Note why registers were not read, and the command that would read them."""
    text = f"the CPUs' registers were not read: {problem.reason}"
    if problem.lacks_right:
        text = f"the CPUs' registers were not read: that takes root. Command: `{AS_ROOT}`"
    elif problem.is_missing:
        text = (
            "the CPUs' registers were not read: the kernel's msr driver is not loaded. Commands: "
            f"`{LOAD_MSR}`, then `{AS_ROOT}`"
        )
    sources.warn(path, text)


def _read_cpu(sources: Sources, cpu: int, path: str) -> int:
    """Add one CPU's registers and return how many; Unreadable."""
    with sources.tree.opened(path) as (descriptor, status):
        read = _reader(sources.tree, path, descriptor, status)
        is_amd = any(found.sign is Sign.AMD for found in sources.facts.signs)
        found = registers(read, is_amd=is_amd)
    for msr, value in found.items():
        sources.facts.add_register(cpu, msr, value, Place(path))
    if not found:
        sources.warn(path, f"CPU {cpu} has no MTRRs and no PAT that could be read")
    pairs = found.get(MTRRCAP, 0) & 0xFF
    if pairs > MAX_PAIRS:
        sources.warn(path, f"IA32_MTRRCAP says {pairs} variable ranges; {MAX_PAIRS} were read")
    return len(found)


def _reader(tree: Tree, path: str, descriptor: int, status: os.stat_result) -> ReadRegister:
    """Return what reads registers from a device or from the list in its place; Unreadable."""
    if stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) == MSR_MAJOR:
        return device_reader(descriptor)
    if stat.S_ISREG(status.st_mode):
        return listed(tree.content(path).decode("ascii", "replace")).get
    raise Unreadable("it is not a device of the msr driver")


def device_reader(descriptor: int) -> ReadRegister:
    """Return what reads registers from an open device; it raises Unreadable."""

    def read(msr: int) -> int | None:
        try:
            word = os.pread(descriptor, 8, msr)
        except OSError as error:
            if error.errno == errno.EIO:
                return None
            reason = error.strerror or str(error)
            raise Unreadable(reason, lacks_right=error.errno == errno.EPERM) from error
        return int.from_bytes(word, "little") if len(word) == 8 else None

    return read


def listed(text: str) -> dict[int, int]:
    """Return the registers of lines "MSR VALUE"; Unreadable if a line is none."""
    found: dict[int, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None:
            raise Unreadable("it is neither a device nor a list of registers")
        found[int(match[1], 16)] = int(match[2], 16)
    return found


def registers(read: ReadRegister, *, is_amd: bool) -> dict[int, int]:
    """Return all registers of a CPU that say something about memory types, by number."""
    wanted = [*_mtrrs(read(MTRRCAP)), PAT, *((SYSCFG, TOP_MEM, TOP_MEM2) if is_amd else ())]
    values = {msr: read(msr) for msr in wanted}
    return {msr: value for msr, value in values.items() if value is not None}


def _mtrrs(cap: int | None) -> list[int]:
    """Return the MTRRs that a CPU has, by its IA32_MTRRCAP: VCNT pairs, and FIX."""
    if cap is None:
        return []
    pairs = range(PHYSBASE0, PHYSBASE0 + 2 * min(cap & 0xFF, MAX_PAIRS))
    return [MTRRCAP, DEFTYPE, *pairs, *(FIXED_MSRS if cap & _FIX else ())]


def _tell_forced_wb(sources: Sources) -> None:
    """Tell up to where an AMD CPU makes WB the default above 4 GiB (APM volume 2, 7.9)."""
    found = {one.msr: one for one in reversed(sources.facts.registers)}  # the first CPU's
    if not {SYSCFG, TOP_MEM2} <= found.keys() or found[SYSCFG].value & FORCES_WB != FORCES_WB:
        return
    end = found[TOP_MEM2].value & _TOM_MASK
    if end > FOUR_GIB:
        sources.facts.tell(Told.FORCED_WB_END, end, found[TOP_MEM2].place)


def _tell_wide_masks(sources: Sources) -> None:
    """Take the address width from masks where they are wider than the kernel says.

    Memory encryption takes address bits away from what /proc/cpuinfo tells (early_init_amd and
    detect_tme), but not from the MTRRs.
    """
    masks = [found.value for found in sources.facts.registers if found.msr in _MASKS]
    bits, told = address_bits(masks), sources.facts.value(Told.MAXPHYADDR)
    if told is None or not told < bits <= 52:
        return
    text = f"the masks of the MTRRs have {bits} address bits, the kernel uses {told}"
    sources.facts.note(NoteKind.INFO, text, Place(DEVICES))
    sources.facts.tell(Told.MAXPHYADDR, bits, Place(DEVICES))

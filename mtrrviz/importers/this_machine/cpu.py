"""What /proc/cpuinfo and sysfs say of the CPUs: maker, address width, hypervisor, how many.

See show_cpuinfo in arch/x86/kernel/cpu/proc.c. The flag "hypervisor" is CPUID.1:ECX[31], which
hardware leaves 0 (Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.3.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.importers.facts import Sign, Told
from mtrrviz.importers.notes import NoteKind, Place
from mtrrviz.importers.this_machine.bounded_files import Unreadable
from mtrrviz.scenario.files.schema import MAX_VCPUS

if TYPE_CHECKING:
    from mtrrviz.importers.this_machine.machine_sources import Sources

CPUINFO = "/proc/cpuinfo"
ONLINE = "/sys/devices/system/cpu/online"

_VENDOR = re.compile(r"^vendor_id[ \t]*: (\w{1,40})$", re.MULTILINE)
_FLAGS = re.compile(r"^flags[ \t]*: (.*)$", re.MULTILINE)
_BITS = re.compile(r"^address sizes[ \t]*: (\d{1,3}) bits physical", re.MULTILINE)
_CPU = re.compile(r"^processor[ \t]*: \d+$", re.MULTILINE)
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_MAKERS = {
    "GenuineIntel": Sign.INTEL,
    "AuthenticAMD": Sign.AMD,
    "HygonGenuine": Sign.AMD,
}


def read_cpu(sources: Sources) -> None:
    """Tell what the kernel says about the CPUs."""
    try:
        text = sources.tree.content(CPUINFO).decode("utf-8", "replace")
    except Unreadable as problem:
        sources.lacks(CPUINFO, "the CPUs' maker and address width were", problem, NoteKind.WARNING)
        return
    sources.report(CPUINFO, len(_CPU.findall(text)), "cpuinfo")
    _tell_maker(sources, text)
    _tell_hypervisor(sources, text)
    _tell_address_bits(sources, text)
    _tell_cpus(sources, len(_CPU.findall(text)))


def _tell_maker(sources: Sources, text: str) -> None:
    vendor = _VENDOR.search(text)
    if vendor and (sign := _MAKERS.get(vendor[1])):
        sources.facts.add_sign(sign, f"vendor_id is {vendor[1]}", Place(CPUINFO))


def _tell_hypervisor(sources: Sources, text: str) -> None:
    flags = _FLAGS.search(text)
    if flags is None:
        return
    is_guest = "hypervisor" in flags[1].split()
    sign = Sign.GUEST if is_guest else Sign.HOST
    reason = f"the CPU's flags name {'a' if is_guest else 'no'} hypervisor"
    sources.facts.add_sign(sign, reason, Place(CPUINFO))
    if is_guest:
        note = "this machine is a virtual machine: its registers are those its hypervisor shows it"
        sources.facts.note(NoteKind.INFO, note, Place(CPUINFO))


def _tell_address_bits(sources: Sources, text: str) -> None:
    bits = _BITS.search(text)
    if bits is None:
        return
    if 32 <= int(bits[1]) <= 52:
        sources.facts.tell(Told.MAXPHYADDR, int(bits[1]), Place(CPUINFO))
    else:
        sources.warn(CPUINFO, f"an address width of {bits[1]} bits is impossible and was left out")


def _tell_cpus(sources: Sources, listed: int) -> None:
    """Tell how many CPUs are online: as sysfs says, else as /proc/cpuinfo lists."""
    try:
        count, path = _count(sources.tree.word(ONLINE)), ONLINE
    except Unreadable:
        count, path = 0, CPUINFO
    count = count or listed
    if count > MAX_VCPUS:
        sources.warn(path, f"of {count} CPUs the first {MAX_VCPUS} are taken")
    if count:
        sources.facts.tell(Told.VCPUS, min(count, MAX_VCPUS), Place(path))


def _count(text: str) -> int:
    """Return how many CPUs a list such as "0-3,8" names, 0 if it is no such list."""
    found = [_RANGE.fullmatch(part) for part in text.split(",")]
    if None in found:
        return 0
    ends = [(int(one[1]), int(one[2] or one[1])) for one in found if one is not None]
    return sum(max(0, last - first + 1) for first, last in ends)

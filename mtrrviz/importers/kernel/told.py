"""Single facts: how much RAM there is, how many CPUs, which maker, and what kind of machine.

Sources: arch/x86/kernel (setup.c, e820.c, smpboot.c), arch/x86/kernel/cpu (hypervisor.c, amd.c),
mm (mem_init_print_info), arch/x86/pci/amd_bus.c, arch/x86/xen, Xen's boot messages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import PAIR_MSRS
from mtrrviz.core.units import FOUR_GIB, PAGE_SHIFT
from mtrrviz.importers.facts import Sign, Told

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts
    from mtrrviz.importers.notes import Place


_LAST_PFN = re.compile(r"(?:e820: )?last_pfn = 0x([0-9a-f]{1,13})\b")
_MEMORY = re.compile(r"Memory: (\d{1,15})[kK](?:B)?/(\d{1,15})[kK](?:B)? available")
_COVERED = re.compile(r"total RAM covered: (\d{1,12})M\b")
_XEN_RAM = re.compile(r"System RAM: \d{1,12}MB \((\d{1,15})kB\)")
_CPUS = re.compile(
    r"(?:smpboot: )?(?:Allowing (\d{1,6}) (?:present )?CPUs\b|SMP: Allowing (\d{1,6}) CPUs)"
    r"|(?:smp: )?Brought up (?:\d{1,5} nodes?, )?(\d{1,6}) CPUs"
)
_BITS = re.compile(r"address sizes\s*: (\d{2}) bits physical")
_HYPERVISOR = re.compile(r"Hypervisor detected: (\S.{0,60})")
_BARE = re.compile(r"Booting paravirtualized kernel on bare hardware")
_PARAVIRT = re.compile(r"Booting paravirtualized kernel on (\S.{0,40})")
# Memory of a paravirtualized domain is not behind EPT; its first one sees the machine's own map.
_XEN_PV = re.compile(
    r"Hypervisor detected: Xen PV|Booting paravirtualized kernel on Xen(?: PV)?\s*$"
)
_DMI = re.compile(r"(?:DMI: |Hardware name: )(\S.{0,160})")
_VIRTUAL_DMI = re.compile(
    r"QEMU|KVM|VirtualBox|VMware|Virtual Machine|Bochs|Xen|HVM domU|BHYVE|Parallels|OpenStack"
    r"|Amazon EC2|Google Compute|RHEV|oVirt|Standard PC|Droplet|Hyper-V",
    re.IGNORECASE,
)
_XEN = re.compile(
    r"Xen version \d|Xen is relinquishing|Latest ChangeSet|Xen-e820 RAM map|Xen: \[mem"
)
_MAKERS = (
    (r"AuthenticAMD|HygonGenuine|\bAMD (?:EPYC|Ryzen|Opteron|Athlon|Phenom|FX|A\d)", Sign.AMD),
    (r"CPU Vendor: AMD\b", Sign.AMD),
    (r"GenuineIntel|Intel\(R\)|CPU Vendor: Intel\b", Sign.INTEL),
)
_MAKER_WORDS = tuple((re.compile(words), sign) for words, sign in _MAKERS)
_CPU_LINE = re.compile(
    r"(?:smpboot: )?CPU ?\d{0,4}:? |(?:smpboot: )?CPU Vendor|vendor_id|Vendor ID|Model name"
    r"|model name"
)


def take(text: str, place: Place, facts: Facts) -> bool:
    """Use a line that tells a single fact."""
    return _memory(text, place, facts) or _count(text, place, facts) or _sign(text, place, facts)


def _memory(text: str, place: Place, facts: Facts) -> bool:
    if match := _LAST_PFN.match(text):
        end = int(match[1], 16) << PAGE_SHIFT
        if end <= FOUR_GIB and _is_second(place, facts):
            facts.tell(Told.LOW_PFN_END, end, place)
            return True
        if end <= FOUR_GIB and (facts.value(Told.LAST_PFN_END) or 0) > FOUR_GIB:
            facts.tell(Told.LOW_PFN_END, end, place)
        facts.tell(Told.LAST_PFN_END, max(end, facts.value(Told.LAST_PFN_END) or 0), place)
        return True
    if match := _MEMORY.match(text):
        facts.tell(Told.MEMORY_BYTES, int(match[2]) << 10, place)
        return True
    if match := _COVERED.match(text):
        facts.tell(Told.COVERED_BYTES, int(match[1]) << 20, place)
        facts.tell(Told.IMPLIED_DEFAULT, 0, place)
        return True
    if match := _XEN_RAM.match(text):
        facts.tell(Told.MEMORY_BYTES, int(match[1]) << 10, place)
        return True
    return False


def _is_second(place: Place, facts: Facts) -> bool:
    """Return whether a last_pfn is the second one of a log whose beginning is missing.

    Linux prints the end of all RAM before its MTRRs, and that of the RAM below 4 GiB behind them,
    only if there is more (setup_arch) or if it took some away for want of MTRRs.
    """
    if Told.LAST_PFN_END in facts.told or Told.LOST_BYTES in facts.told:
        return False
    return any(r.msr < PAIR_MSRS.stop and r.place.file == place.file for r in facts.registers)


def _count(text: str, place: Place, facts: Facts) -> bool:
    if match := _CPUS.match(text):
        facts.tell(Told.VCPUS, int(match[1] or match[2] or match[3]), place)
        return True
    if match := _BITS.match(text):
        facts.tell(Told.MAXPHYADDR, int(match[1]), place)
        return True
    return False


def _sign(text: str, place: Place, facts: Facts) -> bool:
    """Use a line that tells the kind of machine or the maker of its CPU."""
    if _BARE.match(text) or _XEN_PV.match(text):
        facts.add_sign(Sign.HOST, text, place)
    elif _HYPERVISOR.match(text) or _PARAVIRT.match(text):
        facts.add_sign(Sign.GUEST, text, place)
    elif match := _DMI.match(text):
        is_virtual = _VIRTUAL_DMI.search(match[1])
        facts.add_sign(Sign.GUEST if is_virtual else Sign.HOST, text, place)
    elif _XEN.match(text):
        facts.add_sign(Sign.HOST, text, place)
        return not text.startswith("Xen:")
    elif _CPU_LINE.match(text):
        maker = next((sign for words, sign in _MAKER_WORDS if words.search(text[:200])), None)
        if maker is None:
            return False
        facts.add_sign(maker, text, place)
    else:
        return False
    return True

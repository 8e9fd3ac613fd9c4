"""How the lines of a kernel's log begin that tell anything: most others are passed by at once."""

from __future__ import annotations

import re

BEGINNING = re.compile(
    r"\s{0,8}(?:mtrr|MTRR|\d{1,3}(?:: | b| d|\s*$)|[0-9A-Fa-f]{5}-|x86|PAT |Disabled|reg \d"
    r"|Setting var|original var|New var|Found opt|range|hole|gran_size|\*BAD|total RAM|Memory: "
    r"|e820|last_pfn|smp|SMP|Allowing|Brought up|address sizes|Hypervisor|Booting para|DMI"
    r"|Hardware name|Xen|Latest|CPU|vendor_id|Vendor|[Mm]odel name|System RAM|TOM|node \d|bus: "
    r"|WARNING|BIOS bug|type mismatch|0x|[0-9a-f]{1,16},[0-9a-f]{1,16} ov|base\(|no more M"
    r"|your CPUs|can not find|please specify|update e820|ioremap|reserve_memtype|memtype_"
    r"|probably|corrected|PCI: |pci"
    r"|ACPI|acpi|IOAPIC|Local APIC|mapped|hpet|DMAR|DRHD|Reserving|\[mem|PM: |pnp|system|efi"
    r"|Allocating PCI|agpgart|AGP|\((?:WW|EE|II)\)|Failed to add WC|\[drm|KiInit|Firmware|AMD|BIOS "
    r"|vesafb|efifb|uvesafb|invalid mtrr"
    r"|.{1,60}:\d{1,9} (?:conflicting|map pfn|freeing)|.{0,40}MTRR)"
)
"""What a line begins with that :mod:`mtrrviz.importers.dumps.dmesg` may know."""

_MEMORY_MAP = re.compile(
    r"\s{0,8}(?:BIOS-|EFI|Multiboot|modified|user|reserve |extended|limit_reg|mem\d|SMAP|Dom0"
    r"|\[?[0-9a-f]{16})"
)
_DEVICES = re.compile(r"\s{0,8}(?:pci|PCI: |ACPI: |acpi|PM: |pnp|system|smpboot: |hpet|DMAR: )")
# What every line of another format has, should one stand in a kernel's log.
_FOREIGN = re.compile(
    r"MTRR|MSR|msr|reg\d\d: |0x2[0-9a-f]{2}\b|kvm_|Memory at|ystem RAM|behind bridge|write-"
    r"|\(prio |uncach"
)


def may_tell(line: str) -> bool:
    """Return whether a line of a kernel's log may say anything about memory types."""
    return bool(BEGINNING.match(line) or _MEMORY_MAP.match(line) or _FOREIGN.search(line))


def is_device_line(line: str) -> bool:
    """Return whether a line that passed :func:`may_tell` is the kernel's own about devices.

    No register, no other format and no list of several lines begins so; a long log has many.
    """
    return bool(_DEVICES.match(line)) and not _FOREIGN.search(line)

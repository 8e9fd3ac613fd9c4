"""Machines to start a new scenario from, laid out as such machines are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.core.units import FOUR_GIB, GIB, MIB
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Region, RegionKind

if TYPE_CHECKING:
    from collections.abc import Callable

_LOW = (
    Region("low RAM", RegionKind.RAM, 0, 0xA_0000),
    Region("VGA window", RegionKind.MMIO, 0xA_0000, 0xC_0000),
)
_APICS = (
    Region("IOAPIC", RegionKind.MMIO, 0xFEC0_0000, 0xFEC0_1000),
    Region("HPET", RegionKind.MMIO, 0xFED0_0000, 0xFED0_1000),
    Region("local APIC", RegionKind.MMIO, 0xFEE0_0000, 0xFEE0_1000),
)
_FLASH = Region("flash", RegionKind.ROM, 0xFFC0_0000, FOUR_GIB)


class MachineLayout(Record):
    """A kind of machine: how its memory is laid out, and what it usually has.

    ``regions`` makes the regions for a size of memory, in bytes. Where there is more memory than
    ``low_end`` leaves room for, the rest lies above 4 GiB; ``low_end`` is 0 for machines that have
    no place for more than ``most_bytes``.
    """

    id: str
    title: str
    meaning: str
    kind: MachineKind
    vcpus: int
    memory_bytes: int
    regions: Callable[[int], tuple[Region, ...]]
    least_bytes: int = 2 * MIB
    most_bytes: int = 16 << 40

    def machine(self, vcpus: int | None = None, memory_bytes: int | None = None) -> MachineSpec:
        """Return such a machine; what is not given is as usual."""
        memory = self.memory_bytes if memory_bytes is None else memory_bytes
        regions = self.regions(memory)
        end = max(region.end for region in regions)
        return MachineSpec(
            vcpus=self.vcpus if vcpus is None else vcpus,
            memory_bytes=memory,
            regions=regions,
            maxphyaddr=max(36, (end - 1).bit_length()),
            noncoherent_dma=0 if self.kind is MachineKind.HOST else 1,
            kind=self.kind,
        )


def _laid_out(memory_bytes: int, low_end: int, devices: tuple[Region, ...]) -> tuple[Region, ...]:
    """Return RAM below ``low_end``, devices, and what is left of the RAM above 4 GiB."""
    ram = Region("RAM", RegionKind.RAM, 0xC_0000, min(memory_bytes, low_end))
    regions = [*_LOW, ram, *devices]
    if memory_bytes > low_end:
        regions.append(
            Region("high RAM", RegionKind.RAM, FOUR_GIB, FOUR_GIB + memory_bytes - low_end)
        )
    return tuple(sorted(regions, key=lambda region: region.start))


def _q35(memory_bytes: int) -> tuple[Region, ...]:
    # QEMU's hw/i386/pc_q35.c: below 2.75 GiB all RAM is low, else 2 GiB of it.
    low_end = 0xB000_0000 if memory_bytes < 0xB000_0000 else 0x8000_0000
    devices = (
        Region("ECAM", RegionKind.MMIO, 0xB000_0000, 0xC000_0000),
        Region("frame buffer", RegionKind.DEVICE_RAM, 0xC000_0000, 0xC100_0000),
        Region("PCI window", RegionKind.MMIO, 0xC100_0000, 0xFEC0_0000),
        *_APICS,
        _FLASH,
    )
    return _laid_out(memory_bytes, low_end, devices)


def _i440fx(memory_bytes: int) -> tuple[Region, ...]:
    # QEMU's hw/i386/pc_piix.c: below 3.5 GiB all RAM is low, else 3 GiB of it.
    low_end = 0xE000_0000 if memory_bytes < 0xE000_0000 else 0xC000_0000
    flash = Region("flash", RegionKind.ROM, 0xFFFC_0000, FOUR_GIB)
    devices = (
        Region("PCI window", RegionKind.MMIO, low_end, 0xFEC0_0000),
        *_APICS,
        flash,
    )
    return _laid_out(memory_bytes, low_end, devices)


def _teaching(memory_bytes: int) -> tuple[Region, ...]:
    return (*_LOW, Region("RAM", RegionKind.RAM, 0xC_0000, memory_bytes))


def _host(memory_bytes: int) -> tuple[Region, ...]:
    low_end = 0x8000_0000
    devices = (
        Region("PCI window", RegionKind.MMIO, low_end, 0xE000_0000),
        Region("MMCONFIG", RegionKind.MMIO, 0xE000_0000, 0xF000_0000),
        Region("PCI window 2", RegionKind.MMIO, 0xF000_0000, 0xFEC0_0000),
        *_APICS,
        Region("firmware", RegionKind.RESERVED, 0xFF00_0000, FOUR_GIB),
    )
    return _laid_out(memory_bytes, low_end, devices)


LAYOUTS = (
    MachineLayout(
        "q35",
        "Guest, q35",
        "QEMU's PCI Express machine: ECAM at 2.75 GiB, RAM beyond 2 GiB lies above 4 GiB",
        MachineKind.GUEST,
        4,
        4 * GIB,
        _q35,
    ),
    MachineLayout(
        "i440fx",
        "Guest, i440fx",
        "QEMU's PCI machine: RAM beyond 3 GiB lies above 4 GiB",
        MachineKind.GUEST,
        4,
        4 * GIB,
        _i440fx,
    ),
    MachineLayout(
        "teaching",
        "Guest, small teaching machine",
        "Two vCPUs and 64 MiB: each leaf can be seen",
        MachineKind.GUEST,
        2,
        64 * MIB,
        _teaching,
        most_bytes=0xC000_0000,
    ),
    MachineLayout(
        "host",
        "Host, a real machine",
        "Processors look at their own MTRRs: no KVM, no EPT, no zaps",
        MachineKind.HOST,
        4,
        8 * GIB,
        _host,
    ),
)
"""The kinds of machine, in the order in which they are offered."""

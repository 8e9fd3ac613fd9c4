"""The machine that generated boots run on: a q35 guest of any size, as QEMU lays it out."""

from __future__ import annotations

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import FOUR_GIB, GIB, MIB
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind

MAX_VCPUS = 255
_MAX_MEMORY_GIB = 16 << 10
_LOW_RAM = 2 * GIB
WINDOW_SIZE = 32 * GIB
_FLASH = {"ovmf": 0xFFC0_0000, "seabios": 0xFFFC_0000}
FIRMWARES = tuple(_FLASH)

_LEGACY = (
    Region("low RAM", RegionKind.RAM, 0, 0xA_0000),
    Region("VGA window", RegionKind.MMIO, 0xA_0000, 0xC_0000),
)
_DEVICES = (
    Region("ECAM", RegionKind.MMIO, 0xB000_0000, 0xC000_0000),
    Region("frame buffer", RegionKind.DEVICE_RAM, 0xC000_0000, 0xC100_0000),
    Region("PCI window", RegionKind.MMIO, 0xC100_0000, 0xFEC0_0000),
    Region("IOAPIC", RegionKind.MMIO, 0xFEC0_0000, 0xFEC0_1000),
    Region("HPET", RegionKind.MMIO, 0xFED0_0000, 0xFED0_1000),
    Region("local APIC", RegionKind.MMIO, 0xFEE0_0000, 0xFEE0_1000),
)


def check(firmware: str, vcpus: int, memory_gib: float) -> None:
    """Raise MtrrvizError unless such a guest can be generated."""
    if firmware not in FIRMWARES:
        raise MtrrvizError(f"unknown firmware {firmware!r}; known are {', '.join(FIRMWARES)}")
    if not 1 <= vcpus <= MAX_VCPUS:
        raise MtrrvizError(f"{vcpus} vCPUs: expected 1 to {MAX_VCPUS}")
    if not 0.125 <= memory_gib <= _MAX_MEMORY_GIB or memory_gib * GIB % MIB:
        expected = f"a multiple of 1 MiB from 0.125 to {_MAX_MEMORY_GIB} GiB"
        raise MtrrvizError(f"{memory_gib} GiB of memory: expected {expected}")


def high_ram_end(memory_gib: float) -> int:
    """Return where RAM above 4 GiB ends, 4 GiB if there is none."""
    return FOUR_GIB + max(round(memory_gib * GIB) - _LOW_RAM, 0)


def pci_window(memory_gib: float) -> int:
    """Return where OVMF puts the 64-bit PCI window: above RAM, aligned to its size, not below."""
    return -(-high_ram_end(memory_gib) // WINDOW_SIZE) * WINDOW_SIZE


def address_bits(memory_gib: float) -> int:
    """Return MAXPHYADDR: 40, as QEMU's usual CPU has, or what the memory and window need."""
    return max(40, (pci_window(memory_gib) + WINDOW_SIZE - 1).bit_length())


def boot_machine(firmware: str, vcpus: int, memory_gib: float) -> MachineSpec:
    """Return the guest, with a passed-through device whose DMA is not coherent."""
    memory = round(memory_gib * GIB)
    regions = [*_LEGACY, Region("RAM", RegionKind.RAM, 0xC_0000, min(memory, _LOW_RAM)), *_DEVICES]
    regions.append(Region("flash", RegionKind.ROM, _FLASH[firmware], FOUR_GIB))
    if memory > _LOW_RAM:
        end = high_ram_end(memory_gib)
        regions.append(Region("high RAM", RegionKind.RAM, FOUR_GIB, end))
    if firmware == "ovmf":
        window = pci_window(memory_gib)
        regions.append(Region("64-bit PCI window", RegionKind.MMIO, window, window + WINDOW_SIZE))
    return MachineSpec(
        vcpus=vcpus,
        memory_bytes=memory,
        regions=tuple(regions),
        maxphyaddr=address_bits(memory_gib),
        noncoherent_dma=1,
    )

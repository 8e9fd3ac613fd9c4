"""A directory that stands in for / of a machine: what its procfs, sysfs and devices show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FLAGS = "fpu mtrr pat"
INTEL_PAIRS = {0x200: 0x8000_0000, 0x201: 0x7F_8000_0800}
INTEL = {0xFE: 0x50A, 0x2FF: 0xC06, **INTEL_PAIRS, 0x277: 0x0007_0406_0007_0406,
         0x250: 0x0606_0606_0606_0606, 0x258: 0x0606_0606_0606_0606, 0x259: 0}  # fmt: skip
AMD = {0xFE: 0x508, 0x2FF: 0xC00, 0x200: 6, 0x201: 0xFFFF_8000_0800, 0xC001_0010: 0x74_0000,
       0xC001_001A: 0x8000_0000, 0xC001_001D: 0x8_8000_0000}  # fmt: skip
RAM_2GIB = ((0, 0x9_FFFF, "System RAM"), (0x10_0000, 0x7FFF_FFFF, "System RAM"),
            (0xE000_0000, 0xEFFF_FFFF, "Reserved"))  # fmt: skip


class MachineTree:
    """Makes the files, each by a method; ``root`` is the directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, path: str, content: str | bytes) -> Path:
        """Write a file, with the directories above it."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def cpuinfo(self, vendor="GenuineIntel", flags=FLAGS, bits="39", cpus=2) -> None:
        """Write /proc/cpuinfo and the CPUs that are online."""
        one = (
            f"vendor_id\t: {vendor}\nflags\t\t: {flags}\n"
            f"address sizes\t: {bits} bits physical, 48 bits virtual\n\n"
        )
        text = "".join(f"processor\t: {cpu}\n{one}" for cpu in range(cpus))
        self.file("/proc/cpuinfo", text)
        self.file("/sys/devices/system/cpu/online", f"0-{cpus - 1}\n")

    def msrs(self, *cpus: dict[int, int]) -> None:
        """Write the registers of each CPU."""
        for cpu, values in enumerate(cpus):
            lines = "".join(f"{msr:#x} {value:#x}\n" for msr, value in values.items())
            self.file(f"/dev/cpu/{cpu}/msr", lines)

    def memmap(self, ranges=RAM_2GIB) -> None:
        """Write the firmware's memory map, ends inclusive."""
        for number, (start, last, kind) in enumerate(ranges):
            place = f"/sys/firmware/memmap/{number}"
            self.file(f"{place}/start", f"{start:#x}\n")
            self.file(f"{place}/end", f"{last:#x}\n")
            self.file(f"{place}/type", f"{kind}\n")


def intel_host(root: Path) -> MachineTree:
    """Return an Intel machine all of whose files can be read."""
    tree = MachineTree(root)
    tree.cpuinfo()
    tree.msrs(INTEL, INTEL)
    tree.memmap()
    tree.file(
        "/proc/mtrr", "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
    )
    tree.file(
        "/proc/iomem",
        "00000000-0009ffff : System RAM\n00100000-7fffffff : System RAM\n"
        "e0000000-efffffff : PCI MMCONFIG 0000 [bus 00-ff]\n",
    )
    tree.file("/sys/devices/virtual/dmi/id/sys_vendor", "ACME\n")
    tree.file("/sys/devices/virtual/dmi/id/product_name", "Anvil 9\n")
    return tree

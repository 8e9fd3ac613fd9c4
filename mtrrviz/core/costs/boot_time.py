"""How long a boot takes, from its parts: what is known of each, and what is fitted.

Known: the memory size, and from the model of the lock how long zaps keep the boot waiting; from
replay how many faults are repeated and which leaves are slow; from measurements how slow. Fitted to
the four published boot times: the two constants of a boot without zaps, and one for what a zap
costs the guest beyond all that.
"""

from __future__ import annotations

from mtrrviz.core.costs.cost import CPU_CLOCK, Constant
from mtrrviz.core.record import Record

_SERIES = "boot times published with version 2 of the patch that keeps MTRRs per VM"
_FIT = "four boots: before and after the patch, 2 and 16 GiB, 8 vCPUs (python -m tests.calibrate)"

BASE = Constant(18.016, "s", "boot time of a guest without memory or zaps", _SERIES, _FIT)
PER_GIB = Constant(0.36561, "s/GiB", "boot time each GiB of RAM adds", _SERIES, _FIT)
AFTERMATH = Constant(
    0.0061,
    "s",
    "what a zap of pages in use costs the guest beyond the parts that are known",
    _SERIES,
    _FIT,
)
FAULT = Constant(
    9000.0,
    "cycles",
    "one EPT fault that is resolved at once",
    "usual cost of a VM exit with a page fault handler, 6,000 to 12,000",
    "assumed, not fitted",
)
ACCESSES = Constant(
    64.0,
    "writes",
    "that one recorded touch of a page stands for: each of its cache lines once",
    "recordings hold only the first touch of a page",
    "assumed, not fitted",
)


class BootParts(Record):
    """What the length of a boot depends on.

    ``wall_cycles`` is the time zaps keep the boot waiting, ``disturbing`` the number of requests
    that drop pages in use, ``refaults`` the number of repeated faults, ``slow_s`` the seconds that
    accesses through leaves of types other than WB take more than through WB.
    """

    memory_gib: float
    wall_cycles: float = 0.0
    disturbing: int = 0
    refaults: int = 0
    slow_s: float = 0.0


class BootTime(Record):
    """The constants of a boot, each replaceable, and its length; all modelled."""

    base: Constant = BASE
    per_gib: Constant = PER_GIB
    aftermath: Constant = AFTERMATH
    fault: Constant = FAULT
    accesses: Constant = ACCESSES
    cpu_clock: Constant = CPU_CLOCK

    def constants(self) -> tuple[Constant, ...]:
        """Return every constant, for a table of sources."""
        return tuple(getattr(self, name) for name in self.__struct_fields__)

    def known_s(self, parts: BootParts) -> float:
        """Return the seconds that no constant was fitted for: waiting, faults and slow leaves."""
        cycles = parts.wall_cycles + parts.refaults * self.fault.value
        return cycles / (self.cpu_clock.value * 1e9) + parts.slow_s

    def stall_s(self, parts: BootParts) -> float:
        """Return the seconds that zaps and what follows from them add."""
        return self.known_s(parts) + self.aftermath.value * parts.disturbing

    def base_boot_s(self, memory_gib: float) -> float:
        """Return the length of a boot without zaps."""
        return self.base.value + self.per_gib.value * memory_gib

    def boot_s(self, parts: BootParts) -> float:
        """Return the length of the boot."""
        return self.base_boot_s(parts.memory_gib) + self.stall_s(parts)

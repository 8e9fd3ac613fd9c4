"""A boot as a script: what the BSP and each AP write to their registers, step by step.

The same for any number of vCPUs: every AP does what every other does, all at once or one after
the other. A step's times are those of a recorded boot with 8 vCPUs.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.scenario.events import EventKind

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Phase

DEF_TYPE = 0x2FF
PAT = 0x277
FIXED_MSRS = (0x250, 0x258, 0x259, *range(0x268, 0x270))
VARIABLE_MSRS = tuple(range(0x200, 0x210))
#: DEF_TYPE: MTRRs and fixed ranges on, default WB; and with them off but FE kept off, too.
ALL_ON_WB = 0xC06
FIXED_ON_WB = 0x406

_ALL_WB = 0x0606_0606_0606_0606
_ALL_WP = 0x0505_0505_0505_0505
_VALID = 1 << 11
#: What Linux makes of the PAT: WB, WC, UC-, UC, WB, WP, UC-, WT.
LINUX_PAT = 0x0407_0506_0007_0106


class Write(Record):
    """One thing a vCPU does: ``kind``, and for MSRs the ``register``; ``value`` as in Event."""

    kind: EventKind
    register: int = 0
    value: int = 0


class Who(Enum):
    """Which vCPUs take a step, and whether at once or in turns."""

    BSP = "the boot processor"
    APS_AT_ONCE = "all others, woken together"
    APS_IN_TURN = "all others, one after the other"
    ALL_IN_TURN = "all others and then the boot processor, one after the other"


class BootStep(Record):
    """Writes that some vCPUs make from ``start_ns`` on; ``lasts_ns`` is for all of them."""

    start_ns: int
    lasts_ns: int
    who: Who
    writes: tuple[Write, ...]
    origin: str = "firmware"


class Script(Record):
    """A boot that takes ``length_ns``: its phases and steps, by time.

    At ``device_scan_ns`` firmware first looks for PCI devices.
    """

    length_ns: int
    device_scan_ns: int
    phases: tuple[Phase, ...]
    steps: tuple[BootStep, ...]


def msr(register: int, value: int) -> Write:
    """Return the write of an MSR."""
    return Write(EventKind.WRMSR, register, value)


def cr0(value: int) -> Write:
    """Return a load of CR0."""
    return Write(EventKind.MOV_CR0, value=value)


def init() -> Write:
    """Return an INIT signal."""
    return Write(EventKind.INIT)


def fixed(low: int, rest: int) -> tuple[Write, ...]:
    """Return writes of all fixed MTRRs: 0-640 KiB WB, 640-768 KiB ``low``, up to 1 MiB ``rest``."""
    values = (_ALL_WB, _ALL_WB, low, *(rest for _ in range(8)))
    return tuple(map(msr, FIXED_MSRS, values))


def fixed_wb() -> tuple[Write, ...]:
    """Return writes that make the first MiB WB."""
    return fixed(_ALL_WB, _ALL_WB)


def fixed_uc_from_640k() -> tuple[Write, ...]:
    """Return writes that make 0-640 KiB WB and the rest of the first MiB UC, as OVMF has it."""
    return fixed(0, 0)


def fixed_with_rom() -> tuple[Write, ...]:
    """Return writes for RAM WB, video memory UC and ROM WP, as SeaBIOS has it."""
    return fixed(0, _ALL_WP)


def variables(*pairs: int) -> tuple[Write, ...]:
    """Return writes of all variable MTRRs, in order; those after ``pairs`` become 0."""
    values = pairs + (0,) * (len(VARIABLE_MSRS) - len(pairs))
    return tuple(map(msr, VARIABLE_MSRS, values))


def uc_pair(base: int, size: int, maxphyaddr: int) -> tuple[int, int]:
    """Return PHYSBASE and PHYSMASK of an enabled UC range."""
    return base, ((1 << maxphyaddr) - 1) & ~(size - 1) | _VALID


def linux_rewrite() -> tuple[Write, ...]:
    """Return how Linux sets a CPU's PAT: caches off, MTRRs off, PAT, MTRRs on, caches on."""
    return (
        cr0(0xC005_0033),
        msr(DEF_TYPE, 0),
        msr(PAT, LINUX_PAT),
        msr(DEF_TYPE, ALL_ON_WB),
        cr0(0x8005_0033),
    )


def linux_start() -> tuple[Write, ...]:
    """Return how Linux starts an AP."""
    return init(), cr0(0x8005_0033)

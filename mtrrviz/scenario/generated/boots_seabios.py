"""SeaBIOS and then Linux, as a script; learned from recorded boots of SeaBIOS 1.16.2, Linux 6.1."""

from __future__ import annotations

from mtrrviz.scenario.generated.boot_script import (
    ALL_ON_WB,
    DEF_TYPE,
    BootStep,
    Script,
    Who,
    Write,
    cr0,
    fixed_with_rom,
    init,
    linux_rewrite,
    linux_start,
    msr,
    uc_pair,
    variables,
)
from mtrrviz.scenario.model import Aps, Phase

_CACHES_ON = cr0(0x11)
_HOLE, _HOLE_SIZE = 0xC000_0000, 1 << 30

_PHASES = (
    Phase(0, "reset", Aps.CONCURRENT, "CR0.CD is 1 until firmware clears it"),
    Phase(41_389_000, "SeaBIOS MTRR setup", Aps.NONE, "BSP alone"),
    Phase(
        43_120_000,
        "SeaBIOS AP replay",
        Aps.SERIALISED,
        "APs repeat the BSP's writes one at a time; they clear CR0.CD together before that",
    ),
    Phase(518_740_000, "Linux BSP", Aps.NONE, "PAT and MTRR state of the BSP"),
    Phase(2_713_000_000, "Linux all CPUs", Aps.SERIALISED, "all CPUs, one at a time"),
    Phase(2_833_661_000, "Linux drivers and userspace", Aps.NONE, "no MTRR write after this"),
)


def script(maxphyaddr: int) -> Script:
    """Return the boot of a guest."""
    setup = _setup(maxphyaddr)
    steps = (
        BootStep(1_741_000, 0, Who.BSP, (_CACHES_ON,)),
        BootStep(41_389_141, 800_000, Who.BSP, setup),
        BootStep(43_120_472, 700_000, Who.APS_AT_ONCE, (init(), _CACHES_ON)),
        BootStep(44_700_000, 60_000_000, Who.APS_IN_TURN, setup),
        BootStep(175_464_000, 0, Who.BSP, (cr0(0x8005_0033),)),
        BootStep(519_339_000, 2_400_000, Who.BSP, linux_rewrite(), "kernel"),
        BootStep(2_481_793_000, 150_000_000, Who.APS_IN_TURN, linux_start()),
        BootStep(2_713_095_000, 118_000_000, Who.ALL_IN_TURN, linux_rewrite(), "kernel"),
    )
    return Script(8_672_614_543, 30_000_000, _PHASES, steps)


def _setup(maxphyaddr: int) -> tuple[Write, ...]:
    """Return the writes of one CPU: all ranges cleared, then the PCI hole."""
    hole = uc_pair(_HOLE, _HOLE_SIZE, maxphyaddr)
    return (
        msr(DEF_TYPE, 0),
        *fixed_with_rom(),
        *variables(),
        *map(msr, (0x200, 0x201), hole),
        msr(DEF_TYPE, ALL_ON_WB),
    )

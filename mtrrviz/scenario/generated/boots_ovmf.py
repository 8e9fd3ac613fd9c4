"""OVMF and then Linux, as a script; learned from recorded boots of OVMF 2022.11 and Linux 6.1."""

from __future__ import annotations

from mtrrviz.scenario.generated.boot_script import (
    ALL_ON_WB,
    DEF_TYPE,
    FIXED_ON_WB,
    BootStep,
    Script,
    Who,
    Write,
    cr0,
    fixed_uc_from_640k,
    fixed_wb,
    init,
    linux_rewrite,
    linux_start,
    msr,
    uc_pair,
    variables,
)
from mtrrviz.scenario.model import Aps, Phase

_PEI_CACHES_OFF, _PEI_CACHES_ON = cr0(0xC000_0033), cr0(0x8000_0033)
_DXE_CACHES_OFF, _DXE_CACHES_ON = cr0(0xC001_0033), cr0(0x8001_0033)
_PROTECTED = cr0(0x8000_0013)
_HOLE = 0x8000_0000

_PHASES = (
    Phase(0, "reset", Aps.CONCURRENT, "CR0.CD is 1 until firmware clears it"),
    Phase(744_072_000, "PEI memory init", Aps.NONE, "BSP alone, three passes over its MTRRs"),
    Phase(790_049_000, "PEI AP sync", Aps.CONCURRENT, "every AP gets the BSP's MTRRs"),
    Phase(2_663_980_000, "DXE AP sync", Aps.CONCURRENT, "every AP gets the BSP's MTRRs again"),
    Phase(2_726_010_000, "DXE PCI window", Aps.CONCURRENT, "64-bit PCI window UC: BSP, then APs"),
    Phase(4_730_447_000, "Linux BSP", Aps.NONE, "PAT and MTRR state of the BSP"),
    Phase(6_894_498_000, "Linux all CPUs", Aps.SERIALISED, "all CPUs, one at a time"),
    Phase(7_462_483_000, "Linux drivers and userspace", Aps.NONE, "no MTRR write after this"),
)


def script(maxphyaddr: int, window: int, window_size: int) -> Script:
    """Return the boot of a guest with its 64-bit PCI window of ``window_size`` at ``window``."""
    hole = uc_pair(_HOLE, _HOLE, maxphyaddr)
    wide = uc_pair(window, window_size, maxphyaddr)
    steps = (
        BootStep(1_788_000, 1_600_000, Who.BSP, (cr0(0x4000_0023), _PEI_CACHES_OFF)),
        *_pei(hole),
        *_dxe(hole, wide),
        BootStep(4_731_050_000, 2_600_000, Who.BSP, linux_rewrite(), "kernel"),
        BootStep(6_138_000_000, 320_000_000, Who.APS_IN_TURN, linux_start()),
        BootStep(6_955_000_000, 500_000_000, Who.ALL_IN_TURN, linux_rewrite(), "kernel"),
    )
    return Script(14_716_126_509, 2_600_000_000, _PHASES, steps)


def _pei(hole: tuple[int, int]) -> tuple[BootStep, ...]:
    """Return how the first phase sets up the BSP and then wakes the APs three times."""
    wb = (msr(DEF_TYPE, 0), *fixed_wb(), *variables(), msr(DEF_TYPE, ALL_ON_WB), _PEI_CACHES_ON)
    legacy = fixed_uc_from_640k()[2:]
    return (
        BootStep(744_072_717, 960_000, Who.BSP, wb),
        BootStep(746_059_000, 1_800_000, Who.BSP, _pass(*legacy)),
        BootStep(752_193_000, 1_850_000, Who.BSP, _pass(*map(msr, (0x200, 0x201), hole))),
        BootStep(
            790_049_939, 9_000_000, Who.APS_AT_ONCE, (init(), cr0(0xE000_0013), _PEI_CACHES_ON)
        ),
        BootStep(816_322_000, 22_000_000, Who.APS_AT_ONCE, _pei_sync(hole)),
        BootStep(856_957_000, 1_000_000, Who.APS_AT_ONCE, (init(), _PROTECTED)),
    )


def _pass(*changes: Write) -> tuple[Write, ...]:
    """Return one change of the BSP's MTRRs in the first phase."""
    return (
        _PEI_CACHES_OFF,
        msr(DEF_TYPE, FIXED_ON_WB),
        *changes,
        msr(DEF_TYPE, ALL_ON_WB),
        _PEI_CACHES_ON,
    )


def _pei_sync(hole: tuple[int, int]) -> tuple[Write, ...]:
    body = (*fixed_uc_from_640k(), *variables(*hole))
    start = (init(), _PROTECTED, _PEI_CACHES_OFF, msr(DEF_TYPE, 0))
    return (*start, *body, msr(DEF_TYPE, ALL_ON_WB), _PEI_CACHES_ON)


def _dxe(hole: tuple[int, int], wide: tuple[int, int]) -> tuple[BootStep, ...]:
    """Return how the second phase syncs the APs, twice, the second time with the PCI window."""
    window = _dxe_pass(*map(msr, (0x202, 0x203), wide))
    parked = (init(), _PROTECTED, cr0(0x1_0033))
    return (
        BootStep(2_665_012_000, 13_000_000, Who.APS_AT_ONCE, _dxe_sync(*hole)),
        BootStep(2_726_010_238, 1_550_000, Who.BSP, window),
        BootStep(2_746_460_000, 18_000_000, Who.APS_AT_ONCE, _dxe_sync(*hole, *wide)),
        BootStep(4_616_529_000, 2_200_000, Who.APS_AT_ONCE, parked),
    )


def _dxe_pass(*changes: Write) -> tuple[Write, ...]:
    return (
        _DXE_CACHES_OFF,
        msr(DEF_TYPE, FIXED_ON_WB),
        *changes,
        msr(DEF_TYPE, ALL_ON_WB),
        _DXE_CACHES_ON,
    )


def _dxe_sync(*pairs: int) -> tuple[Write, ...]:
    return (init(), _PROTECTED, *_dxe_pass(*fixed_uc_from_640k(), *variables(*pairs)))

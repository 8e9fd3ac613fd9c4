"""The machine that registers are sought for: what it has, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, VARIABLE_PAIRS
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec

_FOUR_GIB_GFN = 1 << 32 - PAGE_SHIFT


class Target(Record):
    """A guest under KVM, or a real machine (``is_host``), whose processors go by the SDM alone.

    ``pairs`` is how many variable pairs it has. ``tom2_end`` (bytes) ends AMD's WB by default above
    4 GiB, 0 for none. ``fixed`` has (MSR, value) of the fixed registers of a real machine that
    somebody told: they stay as they are where they can, as do those that are missing in it, and
    with ``has_dram_bits`` AMD's bits in them. ``may_use_fixed``: they are on, or all are told.
    """

    is_host: bool = False
    pairs: int = VARIABLE_PAIRS
    tom2_end: int = 0
    fixed: tuple[tuple[int, int], ...] = ()
    has_dram_bits: bool = False
    may_use_fixed: bool = True

    @property
    def words(self) -> str:
        """What the registers are for, in words."""
        what = "a real machine" if self.is_host else "a guest under KVM"
        tom2 = " and TOM2 with ForceWB" if self.tom2_end else ""
        return f"{what} with {self.pairs} variable pairs{tom2}"

    @property
    def readings(self) -> str:
        """Whose reading of the registers counts, in words."""
        return "the SDM" if self.is_host else "KVM and by the SDM"

    @property
    def wb_gfns(self) -> range:
        """The pages that are WB by default whatever the default type is."""
        return range(_FOUR_GIB_GFN, max(self.tom2_end >> PAGE_SHIFT, _FOUR_GIB_GFN))

    @property
    def untold_fixed(self) -> frozenset[int]:
        """The fixed registers of a real machine that nobody told."""
        return frozenset(FIXED_MSRS) - dict(self.fixed).keys() if self.is_host else frozenset()


GUEST = Target()
"""A guest under KVM."""


def target_of(spec: MachineSpec, machine: Machine | None = None, vcpu: int = 0) -> Target:
    """Return what registers of a machine are sought for; ``machine`` has those that it has now."""
    if not spec.is_host:
        return GUEST
    fixed: tuple[tuple[int, int], ...] = ()
    may_use_fixed = True
    if machine is not None:
        state = machine.mtrr(vcpu)
        known = [msr for msr in FIXED_MSRS if msr not in state.unknown]
        fixed = tuple((msr, state.read(msr)) for msr in known)
        are_off = DEFTYPE not in state.unknown and not state.fixed_enabled
        may_use_fixed = len(known) == len(FIXED_MSRS) or not are_off
    return Target(
        is_host=True,
        pairs=spec.variable_pairs,
        tom2_end=spec.tom2_end,
        fixed=fixed,
        has_dram_bits=spec.has_dram_bits,
        may_use_fixed=may_use_fixed,
    )

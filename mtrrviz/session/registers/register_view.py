"""What a register view shows of a machine: values, short names and how vCPUs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import CR0_CD, CR0_ID, FIXED_MSRS, MAX_PAIRS, mtrr_msrs, register
from mtrrviz.core.sdm.sdm_types import UNKNOWN
from mtrrviz.core.wording.words import number_runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState

#: Names in the line on differing vCPUs; what is beyond is counted.
NAMES_SHOWN = 4


def read_register(machine: Machine, vcpu: int, msr: int) -> int:
    """Return a vCPU's register; CR0_ID stands for CR0."""
    return machine.cr0(vcpu) if msr == CR0_ID else machine.read_msr(vcpu, msr)


def read_all(machine: Machine, vcpu: int) -> dict[int, int]:
    """Return every register of a vCPU by number, CR0 included."""
    values = {msr: machine.read_msr(vcpu, msr) for msr in mtrr_msrs(machine.mtrr(vcpu).pairs)}
    values[CR0_ID] = machine.cr0(vcpu)
    return values


def short_name(msr: int) -> str:
    """Return the register's name without its family: "DEF_TYPE", "PHYSBASE0", "PAT"."""
    return register(msr).name.removeprefix("IA32_").removeprefix("MTRR_")


def fixed_codes(state: MtrrState) -> tuple[int, ...]:
    """Return the value of each fixed register; its codes are UNKNOWN if nothing tells it."""
    types = state.fixed_types()
    told = (int.from_bytes(types[8 * i : 8 * i + 8], "little") for i in range(len(FIXED_MSRS)))
    open_value = int.from_bytes(bytes([UNKNOWN]) * 8)
    pairs = zip(FIXED_MSRS, told, strict=True)
    return tuple(open_value if msr in state.unknown else value for msr, value in pairs)


def free_pairs(state: MtrrState) -> int:
    """Return how many variable pairs are not in use (V clear)."""
    return state.pairs - len(state.walk_order())


class DifferenceFinder:
    """Finds the vCPUs whose registers differ from vCPU 0's; quick when asked again and again.

    Register sets are compared whole first, and how two of them differ is worked out once for all
    vCPUs that hold them and kept while they are in use.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, object], tuple[int, ...]] = {}

    def find(self, machine: Machine) -> dict[int, tuple[int, ...]]:
        """Return the differing registers by vCPU, without vCPUs that agree with vCPU 0.

        Of CR0 only CD counts: the rest has no say in memory types.
        """
        before, self._known = self._known, {}
        first, first_cd = machine.mtrr(0), machine.cd(0)
        found: dict[int, tuple[int, ...]] = {}
        for vcpu in range(1, machine.vcpus):
            differing = self._differing(first, machine.mtrr(vcpu), before)
            if machine.cd(vcpu) != first_cd:
                differing = (*differing, CR0_ID)
            if differing:
                found[vcpu] = differing
        return found

    def _differing(
        self,
        first: MtrrState,
        other: MtrrState,
        before: Mapping[tuple[object, object], tuple[int, ...]],
    ) -> tuple[int, ...]:
        """Return the MSRs in which two states differ, from memory if possible."""
        if first is other:
            return ()
        key = first.contents(), other.contents()
        if key[0] == key[1]:
            return ()
        if key not in self._known:
            known = before.get(key)
            self._known[key] = _unequal(first, other) if known is None else known
        return self._known[key]


def _unequal(first: MtrrState, other: MtrrState) -> tuple[int, ...]:
    known = [msr for msr in mtrr_msrs(first.pairs) if msr not in first.unknown | other.unknown]
    return tuple(msr for msr in known if first.read(msr) != other.read(msr))


def difference_words(differing: Mapping[int, Sequence[int]], cpu: str = "vCPU") -> str:
    """Return "vCPUs 3-7 differ from vCPU 0: DEF_TYPE, PHYSBASE0"; empty if all agree."""
    if not differing:
        return ""
    verb = f"{cpu} {{}} differs" if len(differing) == 1 else f"{cpu}s {{}} differ"
    found = {msr for msrs in differing.values() for msr in msrs}
    names = [difference_name(msr) for msr in (*mtrr_msrs(MAX_PAIRS), CR0_ID) if msr in found]
    shown = ", ".join(names[:NAMES_SHOWN])
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"{verb.format(number_runs(differing))} from {cpu} 0: {shown}{more}"


def difference_name(msr: int) -> str:
    """Return the short name, and for CR0 the one bit that is compared."""
    return "CR0.CD" if msr == CR0_ID else short_name(msr)


def differs_from_first(machine: Machine, vcpu: int, msr: int) -> bool:
    """Whether a vCPU's register is another than vCPU 0's (of CR0: CD)."""
    if msr == CR0_ID:
        return machine.cd(vcpu) != machine.cd(0)
    first, other = machine.mtrr(0), machine.mtrr(vcpu)
    return msr not in first.unknown | other.unknown and other.read(msr) != first.read(msr)


def cd_bit(cr0: int) -> int:
    """Return CR0.CD of a value as 0 or 1."""
    return int(bool(cr0 & CR0_CD))

"""Machine as a whole: random event sequences under both policies, and what copies may share."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mtrrviz.core.errors import GeneralProtectionFault, MtrrvizError
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.policy import ZAP_EVERYTHING, ZAP_UNSHIFTED
from mtrrviz.core.registers import MTRR_MSRS
from tests.core.oracle import Oracle, accepts
from tests.core.probes import probe_gfns
from tests.core.strategies import accepted_writes, any_writes

VCPUS = 3
WIDTH = 40
VCPU = st.integers(0, VCPUS - 1)
CR0_VALUES = st.sampled_from((0x11, 0x8001_0011, 0x4000_0010, 0x6000_0010, 0xC001_0011))
UC, WB = MemoryType.UC, MemoryType.WB


def registers_of(machine: Machine) -> list[int]:
    """Return every register of every vCPU."""
    return [machine.read_msr(v, msr) for v in range(machine.vcpus) for msr in MTRR_MSRS]


class PolicyMachine(RuleBasedStateMachine):
    """Drives a Machine and one oracle a vCPU; subclasses choose the policy."""

    policy = "per-vcpu"

    def __init__(self) -> None:
        super().__init__()
        self.machine = Machine(VCPUS, self.policy, WIDTH)
        self.oracles = [Oracle(WIDTH, has_mtrr=True) for _ in range(VCPUS)]
        self.cr0 = [0x6000_0010] * VCPUS
        self.devices = 0
        self.quirk = True
        self.written: dict[tuple[int, int], int] = {}
        self.snapshot = self.machine.copy()
        self.snapshot_registers = registers_of(self.machine)

    def owner(self, vcpu: int) -> int:
        return 0 if self.policy == "per-vm" else vcpu

    @rule(vcpu=VCPU, write=accepted_writes(WIDTH))
    def write(self, vcpu: int, write: tuple[int, int]) -> None:
        zaps = self.machine.write_msr(vcpu, *write)
        self.oracles[vcpu].write(*write)
        self.written[vcpu, write[0]] = write[1]
        wanted = self.oracles[vcpu].zap(write[0])
        silent = not self.devices or self.owner(vcpu) != vcpu or wanted is None
        assert zaps == ([] if silent or wanted is None or wanted[0] >= wanted[1] else [wanted])

    @rule(vcpu=VCPU, write=any_writes())
    def write_anything(self, vcpu: int, write: tuple[int, int]) -> None:
        if accepts(*write, WIDTH):
            return
        before, maps = registers_of(self.machine), self.maps()
        with pytest.raises(GeneralProtectionFault):
            self.machine.write_msr(vcpu, *write)
        assert registers_of(self.machine) == before
        assert self.maps() == maps

    @rule(vcpu=VCPU, value=CR0_VALUES)
    def write_cr0(self, vcpu: int, value: int) -> None:
        flips = (self.cr0[vcpu] ^ value) >> 30 & 1
        zaps = self.machine.write_cr0(vcpu, value)
        self.cr0[vcpu] = value
        assert zaps == ([ZAP_UNSHIFTED] if flips and self.devices and not self.quirk else [])

    @rule(vcpu=VCPU)
    def init(self, vcpu: int) -> None:
        self.machine.init(vcpu)
        self.cr0[vcpu] = 0x10 | self.cr0[vcpu] & 0x6000_0000

    @rule(enabled=st.booleans())
    def set_quirk(self, enabled: bool) -> None:
        self.machine.cd_nw_quirk = self.quirk = enabled

    @rule()
    def attach(self) -> None:
        zaps = self.machine.attach_noncoherent_dma()
        self.devices += 1
        assert zaps == ([ZAP_EVERYTHING] if self.policy == "per-vm" and self.devices == 1 else [])

    @rule()
    def detach(self) -> None:
        if not self.devices:
            with pytest.raises(MtrrvizError, match="no device"):
                self.machine.detach_noncoherent_dma()
            return
        zaps = self.machine.detach_noncoherent_dma()
        self.devices -= 1
        gone = self.devices == 0
        assert zaps == ([ZAP_EVERYTHING] if self.policy == "per-vm" and gone else [])

    @rule()
    def take_snapshot(self) -> None:
        self.snapshot = self.machine.copy()
        self.snapshot_registers = registers_of(self.machine)

    def maps(self) -> list[int]:
        return [id(self.machine.fault_map(vcpu)) for vcpu in range(VCPUS)]

    @invariant()
    def reads_return_what_was_written(self) -> None:
        for (vcpu, msr), value in self.written.items():
            assert self.machine.read_msr(vcpu, msr) == value

    @invariant()
    def snapshots_stay(self) -> None:
        assert registers_of(self.snapshot) == self.snapshot_registers

    @invariant()
    def leaves_follow_the_rules(self) -> None:
        for vcpu in range(VCPUS):
            assert self.machine.cr0(vcpu) == self.cr0[vcpu]
            self.check_leaves(vcpu)

    def check_leaves(self, vcpu: int) -> None:
        fault_map = self.machine.fault_map(vcpu)
        for gfn in probe_gfns(self.machine.mtrr(self.owner(vcpu))):
            leaf, level = self.machine.leaf(vcpu, gfn), self.machine.max_level(vcpu, gfn)
            assert leaf == self.expected_leaf(vcpu, gfn)
            assert level == (self.oracles[self.owner(vcpu)].max_level(gfn) if self.devices else 3)
            assert fault_map.at(gfn) == (leaf[0] << 3 | leaf[1] << 6, level)

    def expected_leaf(self, vcpu: int, gfn: int) -> tuple[int, int]:
        if not self.devices:
            return 6, 1
        if self.cr0[vcpu] >> 30 & 1:
            return (6, 1) if self.quirk else (0, 1)
        return self.oracles[self.owner(vcpu)].memory_type(gfn), 0


class PerVmMachine(PolicyMachine):
    """The same under the patch."""

    policy = "per-vm"


_SHORT = settings(max_examples=30, stateful_step_count=30)
TestPerVcpu = PolicyMachine.TestCase
TestPerVcpu.settings = _SHORT
TestPerVm = PerVmMachine.TestCase
TestPerVm.settings = _SHORT


def booted(policy: str = "per-vcpu", vcpus: int = 4) -> Machine:
    """Return a machine whose vCPUs all run with caches on and one device attached."""
    machine = Machine(vcpus, policy, WIDTH)
    machine.attach_noncoherent_dma()
    for vcpu in range(vcpus):
        machine.write_cr0(vcpu, 0x11)
    return machine


def test_vcpus_that_agree_share_one_map() -> None:
    machine = booted()
    for vcpu in range(4):
        machine.write_msr(vcpu, 0x2FF, 0x806)
    maps = {id(machine.fault_map(vcpu)) for vcpu in range(4)}
    assert len(maps) == 1
    machine.write_msr(2, 0x2FF, 0x800)
    assert machine.fault_map(2) is not machine.fault_map(1)
    assert machine.fault_map(1) is machine.fault_map(3)


def test_maps_of_equal_content_are_one_object() -> None:
    """Two ways to say "all WB": a default type, and a range over everything."""
    machine = booted()
    machine.write_msr(0, 0x2FF, 0x806)
    machine.write_msr(1, 0x200, 6)
    machine.write_msr(1, 0x201, 0x800)
    machine.write_msr(1, 0x2FF, 0x806)
    assert machine.mtrr(0).signature() != machine.mtrr(1).signature()
    assert machine.fault_map(0) is machine.fault_map(1)


def test_cd_decides_for_the_faulting_vcpu_alone() -> None:
    machine = booted("per-vm")
    machine.write_msr(0, 0x2FF, 0x801)
    machine.write_cr0(1, 0x4000_0011)
    assert machine.leaf(0, 5) == (MemoryType.WC, 0)
    assert machine.leaf(1, 5) == (WB, 1)
    machine.cd_nw_quirk = False
    assert machine.leaf(1, 5) == (UC, 1)
    assert machine.leaf(1, 5, mmio=True) == (UC, 0)


def test_cd_does_not_lift_the_level_limit() -> None:
    machine = booted()
    machine.write_msr(0, 0x200, 0x8000_0000)
    machine.write_msr(0, 0x201, 0xFF_FFFF_F800)
    machine.write_msr(0, 0x2FF, 0x806)
    machine.write_cr0(0, 0x4000_0011)
    assert machine.leaf(0, 0x8_0000) == (WB, 1)
    assert machine.max_level(0, 0x8_0000) == 1
    assert machine.fault_map(0).at(0x8_0000) == (6 << 3 | 1 << 6, 1)


def test_bad_calls_are_counted_and_not_returned() -> None:
    machine = booted()
    machine.write_msr(0, 0x2FF, 0x806)
    assert machine.write_msr(0, 0x200, 0x8000_0000) == []
    assert (machine.bad_zaps, machine.last_bad_zap) == (1, (0x8_0000, 0))
    assert machine.copy().bad_zaps == 1


def test_old_place_of_a_moved_range_is_not_zapped() -> None:
    machine = booted()
    machine.write_msr(0, 0x201, 0xFF_C000_0800)
    machine.write_msr(0, 0x2FF, 0x806)
    assert machine.write_msr(0, 0x200, 0x8000_0000) == [(0x8_0000, 0xC_0000)]
    assert machine.write_msr(0, 0x200, 0xC000_0000) == [(0xC_0000, 0x10_0000)]
    assert machine.write_msr(0, 0x200, 0xC000_0000) == [(0xC_0000, 0x10_0000)]


@pytest.mark.parametrize("value", [0x2000_0011, 0x8000_0010, 1 << 32 | 0x11])
def test_refused_cr0_changes_nothing(value: int) -> None:
    machine = booted()
    with pytest.raises(GeneralProtectionFault):
        machine.write_cr0(0, value)
    assert machine.cr0(0) == 0x11


def test_cr0_keeps_et_and_drops_reserved_bits() -> None:
    machine = booted()
    machine.write_cr0(0, 0x40 | 0x1)
    assert machine.cr0(0) == 0x11


@pytest.mark.parametrize("vcpu", [-1, 4])
def test_unknown_vcpus_are_named(vcpu: int) -> None:
    machine = booted()
    for call in (machine.cr0, machine.init, machine.mtrr, machine.fault_map):
        with pytest.raises(MtrrvizError, match="0 to 3"):
            call(vcpu)
    with pytest.raises(MtrrvizError, match="0 to 3"):
        machine.write_msr(vcpu, 0x2FF, 0)


def test_a_machine_needs_a_vcpu() -> None:
    with pytest.raises(MtrrvizError, match="at least one"):
        Machine(0)

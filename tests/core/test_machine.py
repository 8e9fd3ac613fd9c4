"""Machine as a whole: random event sequences under all policies, and what copies may share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mtrrviz.core.errors import GeneralProtectionFault, MtrrvizError
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import mtrr_msrs
from tests.core.oracle import Oracle, accepts
from tests.core.policies.policy_table import ROWS, Situation
from tests.core.probes import probe_gfns
from tests.core.strategies import accepted_writes, any_writes

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.vm_view import GfnRange

VCPUS = 3
WIDTH = 40
VCPU = st.integers(0, VCPUS - 1)
CR0_VALUES = st.sampled_from((0x11, 0x8001_0011, 0x4000_0010, 0x6000_0010, 0xC001_0011))
SLOTS = ((0, 0xA0), (0xC0, 0x4_0000), (0x10_0000, 0x20_0000), (0, 0xA0), (0xF_FFF0, 0x10_0000))
UC, WB = MemoryType.UC, MemoryType.WB


def registers_of(machine: Machine) -> list[int]:
    """Return every register of every vCPU."""
    return [machine.read_msr(v, msr) for v in range(machine.vcpus) for msr in mtrr_msrs()]


class PolicyMachine(RuleBasedStateMachine):
    """Drives a Machine under any policy beside one oracle a vCPU and the table of policies."""

    names: tuple[str, ...] = tuple(ROWS)

    @initialize(data=st.data(), slots=st.sampled_from(((), SLOTS)))
    def start(self, data: st.DataObject, slots: tuple[GfnRange, ...]) -> None:
        self.row = ROWS[data.draw(st.sampled_from(self.names))]
        has_mtrr = data.draw(st.booleans())
        self.machine = self.row.machine(VCPUS, maxphyaddr=WIDTH, has_mtrr=has_mtrr, slots=slots)
        self.cr0 = [0x6000_0010] * VCPUS
        oracles = [Oracle(WIDTH, has_mtrr) for _ in range(VCPUS)]
        self.now = Situation(oracles, [True] * VCPUS, slots=slots)
        self.written: dict[tuple[int, int], int] = {}
        self.take_snapshot()

    def check_zaps(self, before: int, zaps: list[GfnRange], wanted: list[GfnRange] | None) -> None:
        """Compare the ranges, and whether the call counts as a request."""
        good = [span for span in wanted or () if span[0] < span[1]]
        counts = wanted is not None and (good or not wanted)
        assert zaps == good
        assert self.machine.zap_requests == before + bool(counts)

    @rule(vcpu=VCPU, write=accepted_writes(WIDTH))
    def write(self, vcpu: int, write: tuple[int, int]) -> None:
        before = self.machine.zap_requests
        zaps = self.machine.write_msr(vcpu, *write)
        self.now.oracles[vcpu].write(*write)
        self.written[vcpu, write[0]] = write[1]
        self.check_zaps(before, zaps, self.row.write(self.now, vcpu, write[0]))

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
        before = self.machine.zap_requests
        flips = (self.cr0[vcpu] ^ value) >> 30 & 1
        zaps = self.machine.write_cr0(vcpu, value)
        self.cr0[vcpu], self.now.cd[vcpu] = value, bool(value >> 30 & 1)
        self.check_zaps(before, zaps, self.row.edge(self.now, vcpu) if flips else None)

    @rule(vcpu=VCPU)
    def init(self, vcpu: int) -> None:
        before = self.machine.zap_requests
        self.check_zaps(before, self.machine.init(vcpu), None)
        self.cr0[vcpu] = 0x10 | self.cr0[vcpu] & 0x6000_0000

    @rule()
    def disable_cd_nw_quirk(self) -> None:
        before = self.machine.zap_requests
        self.check_zaps(before, self.machine.disable_cd_nw_quirk(), None)
        self.now.quirk = False

    @rule()
    def disable_ignore_guest_pat(self) -> None:
        """From then on the machine is as the table's row without the quirk, where there is one."""
        if not self.machine.self_snoop:
            with pytest.raises(MtrrvizError, match="self-snoop"):
                self.machine.disable_ignore_guest_pat()
            return
        before = self.machine.zap_requests
        self.check_zaps(before, self.machine.disable_ignore_guest_pat(), None)
        self.row = ROWS.get(f"{self.row.policy}/quirk-off", self.row)

    @rule()
    def attach(self) -> None:
        before = self.machine.zap_requests
        zaps = self.machine.attach_noncoherent_dma()
        self.now.devices += 1
        self.check_zaps(before, zaps, self.row.dma() if self.now.devices == 1 else None)

    @rule()
    def detach(self) -> None:
        if not self.now.devices:
            with pytest.raises(MtrrvizError, match="no device"):
                self.machine.detach_noncoherent_dma()
            return
        before = self.machine.zap_requests
        zaps = self.machine.detach_noncoherent_dma()
        self.now.devices -= 1
        self.check_zaps(before, zaps, None if self.now.devices else self.row.dma())

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
        for gfn in probe_gfns(self.machine.deciding_mtrr(vcpu)):
            leaf, level = self.machine.leaf(vcpu, gfn), self.machine.max_level(vcpu, gfn)
            assert leaf == self.row.leaf(self.now, vcpu, gfn)
            assert level == self.row.level(self.now, vcpu, gfn)
            assert fault_map.at(gfn) == (leaf[0] << 3 | leaf[1] << 6, level)


class PerVcpuMachine(PolicyMachine):
    """The same for the reference alone, so that it is sure to get its share."""

    names = ("per-vcpu",)


class PerVmMachine(PolicyMachine):
    """The same under the patch."""

    names = ("per-vm",)


_SHORT = settings(max_examples=25, stateful_step_count=30)
TestPerVcpu = PerVcpuMachine.TestCase
TestPerVcpu.settings = _SHORT
TestPerVm = PerVmMachine.TestCase
TestPerVm.settings = _SHORT
TestEveryPolicy = PolicyMachine.TestCase
TestEveryPolicy.settings = settings(max_examples=60, stateful_step_count=30)


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


def test_registers_are_copied_at_the_first_write_after_a_copy_alone() -> None:
    machine = Machine(2)
    machine.write_msr(0, 0x2FF, 0x806)
    own = machine.mtrr(0)
    machine.write_msr(0, 0x2FF, 0x800)
    assert machine.mtrr(0) is own
    twin = machine.copy()
    machine.write_msr(0, 0x2FF, 0x806)
    assert machine.mtrr(0) is not own
    assert twin.mtrr(0) is own
    assert twin.read_msr(0, 0x2FF) == 0x800


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

"""Which leaves faults make, and when they go."""

from __future__ import annotations

from msgspec.structs import replace

from mtrrviz.core.memtype import MemoryType
from mtrrviz.scenario import Access, Event, EventKind, RegionKind
from mtrrviz.sim import ALIVE, simulate
from tests.sim.made import DEFTYPE, GIB, OFF, ON_UC, ON_WB, machine, ram, scenario, wrmsr
from tests.sim.slow import SlowSimulation, assert_agrees

MIB2 = 512
UNEVEN = (wrmsr(0, 0x200, 0x20_0000), wrmsr(0, 0x201, 0xF_FFE0_0800), wrmsr(0, DEFTYPE, ON_WB))
"""vCPU 0: one 2 MiB block UC, the rest WB, so that its first GiB may not be one leaf."""


def run_of(made, policy="per-vcpu"):
    run = simulate(made, policy)
    assert_agrees(run, SlowSimulation(made, policy).run())
    return run


def test_one_fault_maps_a_whole_block_and_its_other_pages_do_not_fault():
    leaves = run_of(scenario(machine(), (), (1, 5), (2, 6), (3, 511), (4, 512))).leaves
    assert leaves.first_gfn.tolist() == [0, 512]
    assert leaves.level.tolist() == [2, 2]


def test_small_host_pages_fault_one_by_one():
    leaves = run_of(scenario(machine(host_level=1), (), (1, 5), (2, 6), (3, 5))).leaves
    assert leaves.first_gfn.tolist() == [5, 6]


def test_a_slot_that_ends_within_a_block_forbids_the_huge_leaf_there():
    spec = machine(ram(0, (MIB2 + 1) << 12))
    leaves = run_of(scenario(spec, (), (1, 3), (2, MIB2))).leaves
    assert leaves.level.tolist() == [2, 1]


def test_reads_of_rom_make_leaves_and_writes_exit():
    spec = machine(ram(0, GIB, RegionKind.ROM))
    made = scenario(spec, (), (1, 3, 0, Access.WRITE), (2, 3, 0, Access.EXECUTE))
    assert run_of(made).leaves.born_ns.tolist() == [2]


def test_emulated_registers_and_holes_never_have_a_leaf():
    spec = machine(ram(0, GIB, RegionKind.MMIO))
    assert len(run_of(scenario(spec, (), (1, 3), (2, 3 * GIB >> 12))).leaves) == 0


def test_a_passed_through_bar_is_uc_whatever_the_mtrrs_say():
    spec = machine(ram(0, GIB, RegionKind.PASSTHROUGH))
    leaves = run_of(scenario(spec, (wrmsr(0, DEFTYPE, ON_WB),), (1, 3))).leaves
    assert (leaves.memory_type[0], bool(leaves.ipat[0])) == (MemoryType.UC, False)


def clear_cd(vcpu):
    return Event(0, EventKind.MOV_CR0, vcpu, 0, 0x11)


def test_a_larger_leaf_by_another_vcpu_replaces_the_smaller_ones_in_its_block():
    uneven = (wrmsr(0, 0x250, 6), wrmsr(0, DEFTYPE, 0xC06))
    leaves = run_of(scenario(machine(), uneven, (1, 5, 0), (2, 6, 0), (3, 7, 1), (4, 8, 0))).leaves
    assert leaves.level.tolist() == [1, 1, 2]
    assert leaves.died_ns.tolist() == [3, 3, ALIVE]
    assert leaves.zap.tolist() == [-1, -1, -1]
    assert leaves.refault.tolist() == [False, False, False]


def test_a_page_under_a_2m_leaf_does_not_fault_for_a_vcpu_that_would_get_1g():
    made = scenario(machine(host_level=3), UNEVEN, (1, 1024, 0), (2, 1025, 1), (3, 4096, 1))
    leaves = run_of(made).leaves
    assert leaves.level.tolist() == [2, 3]
    assert leaves.born_ns.tolist() == [1, 3]
    assert leaves.died_ns.tolist() == [3, ALIVE]


def test_a_1g_leaf_replaces_2m_and_4k_ones():
    uneven = (*UNEVEN[:2], wrmsr(0, 0x250, 6), wrmsr(0, DEFTYPE, 0xC06))
    rows = ((1, 5, 0), (2, 1024, 0), (3, 4096, 1), (4, 9999, 0))
    leaves = run_of(scenario(machine(host_level=3), uneven, *rows)).leaves
    assert leaves.level.tolist() == [1, 2, 3]
    assert leaves.died_ns.tolist() == [3, 3, ALIVE]


def test_a_zap_drops_huge_leaves_that_it_only_touches():
    move = wrmsr(5, 0x200, 0x1000)
    setup = (wrmsr(0, DEFTYPE, ON_UC), wrmsr(1, 0x201, 0xF_FFFF_F800))
    run = run_of(scenario(machine(), (*setup, move), (3, 9), (4, 600)))
    assert run.leaves.died_ns.tolist() == [5, ALIVE]
    assert run.zaps.leaves_dropped.tolist() == [0, 0, 1]


def test_a_page_mapped_again_is_a_refault_and_a_new_page_of_a_dead_block_too():
    zap = wrmsr(5, DEFTYPE, OFF)
    leaves = run_of(scenario(machine(), (zap,), (3, 9), (6, 10), (7, 600))).leaves
    assert leaves.refault.tolist() == [False, True, False]


def test_events_happen_before_the_touches_of_their_time():
    run = run_of(scenario(machine(), (wrmsr(5, DEFTYPE, OFF),), (4, 9), (5, 9)))
    assert run.leaves.born_ns.tolist() == [4, 5]
    assert run.leaves.died_ns.tolist() == [5, ALIVE]


def test_a_refused_write_changes_nothing():
    events = (
        wrmsr(1, DEFTYPE, 0x807),
        wrmsr(1, 0x210, 0),
        Event(1, EventKind.MOV_CR0, 0, 0, 0x2000_0011),
        Event(1, EventKind.DMA_DETACH),
        Event(1, EventKind.DMA_DETACH),
    )
    run = run_of(scenario(machine(), events, (2, 9)))
    assert len(run.zaps) == 0
    assert run.at(2).machine.cr0(0) == simulate(scenario(machine()), "per-vcpu").at(0).machine.cr0(
        0
    )


def test_per_vm_zaps_when_the_last_device_goes_and_per_vcpu_does_not():
    made = scenario(machine(), (Event(5, EventKind.DMA_DETACH),), (1, 9), (6, 9))
    assert len(run_of(made, "per-vm").leaves) == 2
    assert len(run_of(made, "per-vcpu").leaves) == 1


def test_cr0_cd_edge_zaps_without_the_quirk_only():
    spec = machine()
    zaps = {
        quirk: run_of(scenario(replace(spec, cd_nw_quirk=quirk), (clear_cd(0),), (0, 9))).zaps
        for quirk in (True, False)
    }
    assert [len(zaps[True]), len(zaps[False])] == [0, 1]
    assert zaps[False].end_gfn.tolist() == [2**64 - 1]


def test_a_scenario_without_pages_can_be_zapped():
    run = run_of(scenario(machine(), (wrmsr(5, DEFTYPE, OFF),)))
    assert run.zaps.leaves_dropped.tolist() == [0]

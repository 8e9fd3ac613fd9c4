"""Real entries against the model's."""

from __future__ import annotations

import pytest

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers import Place, check_model, compare_leaves
from tests.importers.helpers import imported, texts
from tests.importers.test_traces import line


def entry(gfn, new, level=1, t="100.000010", task="qemu-5745", as_id=0):
    payload = f"as id {as_id} gfn {gfn:x} level {level} old_spte 0 new_spte {new:x}"
    return line(payload, event="kvm_tdp_mmu_spte_changed", t=t, task=task)


def leaf(kind, ipat=0, level=1):
    return 0x6000_001F_C000_0C07 | ept_bits(kind, ipat) | (0x80 if level > 1 else 0)


WB, UC, WP = MemoryType.WB, MemoryType.UC, MemoryType.WP
SETUP = (
    line("msr_write 200 = 0x80000000")
    + line("msr_write 201 = 0xff80000800")
    + line("msr_write 2ff = 0x806")
)


def test_leaves_as_the_model_makes_them():
    text = SETUP + entry(0x100, leaf(WB)) + entry(0x90000, leaf(UC, level=2), level=2)
    check = compare_leaves(imported(text), "per-vcpu")
    assert (check.compared, check.differing) == (2, 0)


def test_another_type_is_a_mismatch():
    result = imported(SETUP + entry(0x100, leaf(WP)) + entry(0x200, leaf(WB)))
    [found] = check_model(result, "per-vcpu")
    assert (found.gfn, found.level, found.vcpu) == (0x100, 1, 0)
    assert (found.real_bits, found.model_bits) == (ept_bits(WP, 0), ept_bits(WB, 0))
    assert found.place == Place("pasted", 4)
    assert found.time_ns == 9000


def test_the_state_at_that_time_counts():
    text = (
        entry(0x90000, leaf(UC), t="100.000000")  # before the write: MTRRs off, so all is UC
        + line("msr_write 2ff = 0x806", t="100.000005")
        + entry(0x90000, leaf(WB), t="100.000006")
    )
    assert compare_leaves(imported(text), "per-vcpu").differing == 0


def test_each_vcpu_has_its_own_registers_under_per_vcpu():
    text = (
        line("msr_write 2ff = 0x806", task="CPU 0/KVM-1")
        + line("msr_write 2ff = 0x800", task="CPU 1/KVM-2")
        + entry(0x100, leaf(WB), task="CPU 0/KVM-1")
        + entry(0x101, leaf(UC), task="CPU 1/KVM-2")
    )
    result = imported(text)
    assert compare_leaves(result, "per-vcpu").differing == 0
    assert [m.gfn for m in check_model(result, "per-vm")] == [0x101]


def test_ipat_in_every_leaf_means_no_noncoherent_dma():
    result = imported(SETUP + entry(0x100, leaf(WB, 1)))
    assert "non-coherent DMA: leaves in the trace have IPAT set" in texts(result)
    assert compare_leaves(result, "per-vcpu").differing == 0


@pytest.mark.parametrize(
    "new",
    [
        0,
        0x5A0,  # being changed
        0x8000_0000_0000_0000,  # not present, no exception
        0x0000_0000_1234_0006,  # emulated MMIO: write and execute only
    ],
)
def test_entries_that_map_nothing_are_no_leaves(new):
    assert imported(SETUP + entry(0x100, new)).entries is None


def test_tables_are_no_leaves():
    assert imported(SETUP + entry(0x200, 0x1234_0907, level=2)).entries is None


def test_system_management_mode_is_another_address_space():
    assert imported(SETUP + entry(0x100, leaf(WP), as_id=1)).entries is None


def test_amd_entries_are_not_compared():
    text = SETUP + line("reason npf rip 0x0 vcpu 0", event="kvm_exit") + entry(0x100, leaf(WP))
    result = imported(text)
    assert result.entries is None
    assert "AMD" in texts(result)


def test_a_leaf_where_no_slot_is_known_may_be_a_bar():
    setup = line("msr_write 2ff = 0x806")
    bar, ram = entry(0xF0000, leaf(UC)), entry(0x100, leaf(UC))
    assert [m.gfn for m in check_model(imported(setup + bar + ram), "per-vcpu")] == [0x100]


def test_a_dump_has_nothing_to_compare():
    assert compare_leaves(imported("0x2ff c06\n"), "per-vcpu").compared == 0

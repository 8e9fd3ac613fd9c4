"""Real EPT entries in a trace: which are leaves, how long they last, and the model's."""

from __future__ import annotations

import pytest

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.importers.import_report import machine_line
from mtrrviz.scenario.observed import STANDING_NS
from mtrrviz.sim import simulate
from tests.importers.helpers import imported, texts
from tests.importers.traces.test_traces import line


def entry(gfn, new, level=1, t="100.000010", task="qemu-5745", as_id=0, old=0):
    payload = f"as id {as_id} gfn {gfn:x} level {level} old_spte {old:x} new_spte {new:x}"
    return line(payload, event="kvm_tdp_mmu_spte_changed", t=t, task=task)


def leaf(kind, ipat=0, level=1):
    return 0x6000_001F_C000_0C07 | ept_bits(kind, ipat) | (0x80 if level > 1 else 0)


WB, UC, WP = MemoryType.WB, MemoryType.UC, MemoryType.WP
SETUP = (
    line("msr_write 200 = 0x80000000")
    + line("msr_write 201 = 0xff80000800")
    + line("msr_write 2ff = 0x806")
)


def checked(result, policy="per-vcpu"):
    return trace_check(simulate(result.scenario, policy))


def observed(text):
    return imported(text).scenario.observed


def differing_gfns(result, policy="per-vcpu"):
    check = checked(result, policy)
    return check.observed.gfn[check.rows].tolist()


def test_leaves_as_the_model_makes_them():
    text = SETUP + entry(0x100, leaf(WB)) + entry(0x90000, leaf(UC, level=2), level=2)
    check = checked(imported(text))
    assert (check.compared, check.mismatch_count) == (2, 0)


def test_another_type_is_a_mismatch():
    result = imported(SETUP + entry(0x100, leaf(WP)) + entry(0x200, leaf(WB)))
    check = checked(result)
    [row] = check.rows.tolist()
    found = check.observed
    assert (found.gfn[row], found.level[row], found.vcpu[row]) == (0x100, 1, 0)
    assert (found.bits[row], check.model_bits[row]) == (ept_bits(WP, 0), ept_bits(WB, 0))
    assert (found.born_ns[row], found.line[row], result.observed_file) == (9000, 4, "pasted")


def test_the_state_at_that_time_counts():
    text = (
        entry(0x90000, leaf(UC), t="100.000000")  # before the write: MTRRs off, so all is UC
        + line("msr_write 2ff = 0x806", t="100.000005")
        + entry(0x90000, leaf(WB), t="100.000006")
    )
    assert checked(imported(text)).mismatch_count == 0


def test_each_vcpu_has_its_own_registers_under_per_vcpu():
    text = (
        line("msr_write 2ff = 0x806", task="CPU 0/KVM-1")
        + line("msr_write 2ff = 0x800", task="CPU 1/KVM-2")
        + entry(0x100, leaf(WB), task="CPU 0/KVM-1")
        + entry(0x101, leaf(UC), task="CPU 1/KVM-2")
    )
    result = imported(text)
    assert checked(result).mismatch_count == 0
    assert differing_gfns(result, "per-vm") == [0x101]


def test_ipat_in_every_leaf_means_no_noncoherent_dma():
    result = imported(SETUP + entry(0x100, leaf(WB, 1)))
    assert "non-coherent DMA: leaves in the trace have IPAT set" in texts(result)
    assert checked(result).mismatch_count == 0


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
    assert len(observed(SETUP + entry(0x100, new))) == 0


def test_tables_are_no_leaves():
    assert len(observed(SETUP + entry(0x200, 0x1234_0907, level=2))) == 0


def test_system_management_mode_is_another_address_space():
    assert len(observed(SETUP + entry(0x100, leaf(WP), as_id=1))) == 0


def test_amd_entries_are_not_compared():
    text = SETUP + line("reason npf rip 0x0 vcpu 0", event="kvm_exit") + entry(0x100, leaf(WP))
    result = imported(text)
    assert len(result.scenario.observed) == 0
    assert "AMD" in texts(result)


def test_a_leaf_where_no_slot_is_known_may_be_a_bar():
    setup = line("msr_write 2ff = 0x806")
    bar, ram = entry(0xF0000, leaf(UC)), entry(0x100, leaf(UC))
    assert differing_gfns(imported(setup + bar + ram)) == [0x100]


def test_the_report_counts_them():
    assert ", 1 real EPT entry, " in machine_line(imported(SETUP + entry(0x100, leaf(WB))))
    assert "real" not in machine_line(imported(SETUP))


def test_a_dump_has_nothing_to_compare():
    assert checked(imported("0x2ff c06\n")).compared == 0


def test_a_leaf_lasts_until_its_entry_changes():
    text = (
        entry(0x100, leaf(WB), t="100.000000")
        + entry(0x101, leaf(WB), t="100.000001")
        + entry(0x100, 0, t="100.000005", old=leaf(WB))
        + entry(0x200, leaf(WB, level=2), level=2, t="100.000007")
        + entry(0x200, leaf(WB), t="100.000008")  # another level: another entry
    )
    found = observed(text)
    assert found.born_ns.tolist() == [0, 1000, 7000, 8000]
    assert found.died_ns.tolist() == [5000, STANDING_NS, STANDING_NS, STANDING_NS]


def test_a_leaf_whose_rights_change_is_the_same_leaf():
    read_only = leaf(WB) & ~2
    text = (
        entry(0x100, leaf(WB), t="100.000000")
        + entry(0x100, read_only, t="100.000002", old=leaf(WB))
        + entry(0x100, leaf(UC), t="100.000004", old=read_only)
    )
    found = observed(text)
    assert found.born_ns.tolist() == [0, 4000]
    assert found.died_ns.tolist() == [4000, STANDING_NS]


SET_ENTRY = "gfn {gfn:x} spte {spte:x} (rwx-) level {level} at 7f00"


def set_entry(gfn, new, level=1, t="100.000010"):
    text = SET_ENTRY.format(gfn=gfn, spte=new, level=level)
    return line(text, event="kvm_mmu_set_spte", t=t)


def test_entries_that_were_set_are_taken_where_changes_were_not_traced():
    text = SETUP + set_entry(0x100, leaf(WP)) + set_entry(0x200, leaf(WB, level=2), 2)
    result = imported(text)
    assert result.scenario.observed.level.tolist() == [1, 2]
    assert differing_gfns(result) == [0x100]
    both = imported(text + entry(0x300, leaf(WB)))
    assert both.scenario.observed.gfn.tolist() == [0x300]

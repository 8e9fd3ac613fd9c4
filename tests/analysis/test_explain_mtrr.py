"""The steps about MTRRs: which range decides, in KVM's order, and where the SDM disagrees."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.explaining.level_steps import level_steps
from mtrrviz.analysis.explaining.mtrr_steps import mtrr_steps
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0
from mtrrviz.core.variable_ranges import range_to_pair
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind

UC, WT, WP, WB = MemoryType.UC, MemoryType.WT, MemoryType.WP, MemoryType.WB
GIB = 1 << 30
E_ONLY = 0x800


def machine_with(*ranges, default=WB, policy="per-vcpu"):
    """Return a machine of one vCPU with MTRRs on and the (base, size, type) ranges."""
    machine = Machine(1, policy, maxphyaddr=40)
    for index, (base, size, kind) in enumerate(ranges):
        for offset, value in enumerate(range_to_pair(base, size, kind, 40)):
            machine.write_msr(0, PHYSBASE0 + 2 * index + offset, value)
    machine.write_msr(0, DEFTYPE, E_ONLY | default)
    return machine


def steps_at(machine, address):
    return [step for step in mtrr_steps(machine, address >> 12, 0) if step.kind != "owner"]


def test_pairs_are_shown_in_walk_order_with_the_skipped_ones():
    machine = machine_with((0, GIB, WB), (2 * GIB, GIB, WT), (GIB, GIB, UC))
    steps = steps_at(machine, GIB)
    assert [step.msr for step in steps] == [DEFTYPE, PHYSBASE0 + 2, PHYSBASE0 + 4, PHYSBASE0]
    assert [step.decides for step in steps] == [False, False, True, False]
    assert "does not hold this page" in steps[1].text


def test_uc_met_later_ends_the_walk():
    machine = machine_with((0, 4 * GIB, UC), (3 * GIB, GIB, WB))
    first, later = steps_at(machine, 3 * GIB)[1:]
    assert (first.decides, later.decides) == (False, True)
    assert "UC at once" in later.text


def test_a_mix_that_kvm_does_not_resolve_is_set_beside_the_manual():
    machine = machine_with((0, 4 * GIB, WB), (3 * GIB, GIB, UC))
    *_, decisive, by_sdm = steps_at(machine, 3 * GIB)
    assert decisive.decides
    assert by_sdm.kind == "sdm"
    why = "by the SDM UC wins in any order"
    assert by_sdm.text == f"the SDM would give UC; KVM gives WB; {why}"


def test_an_overlap_the_manual_leaves_open():
    machine = machine_with((0, 4 * GIB, WP), (3 * GIB, GIB, WT))
    assert steps_at(machine, 3 * GIB)[-1].text.startswith("the SDM leaves this overlap undefined")


def with_pair(base, mask, policy="per-vcpu"):
    """Return a machine of one UC pair as written, the default WB."""
    machine = Machine(1, policy, maxphyaddr=40)
    machine.write_msr(0, PHYSBASE0, base)
    machine.write_msr(0, PHYSBASE0 + 1, mask | E_ONLY)
    machine.write_msr(0, DEFTYPE, E_ONLY | WB)
    return machine


def test_a_hole_in_a_mask_is_named():
    by_sdm = steps_at(with_pair(0, 0xFF_4000_0000), GIB)[-1]
    assert by_sdm.text == (
        "the SDM would give WB; KVM gives UC; the mask of range 0 has a hole here, which KVM fills"
    )
    assert steps_at(with_pair(0, 0xFF_4000_0000), 2 * GIB)[-1].kind == "variable"


def test_a_base_that_the_mask_rounds_down_is_named():
    by_sdm = steps_at(with_pair(GIB, 0xFF_8000_0000), 0)[-1]
    assert by_sdm.text.startswith("the SDM would give UC; KVM gives WB; range 0 begins at a base")


BY_SDM = "per-vcpu:sdm-lookup"


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ([(0, 4 * GIB, WB), (3 * GIB, GIB, UC)],
         "UC and WB overlap, UC whatever the order; KVM's own walk gives WB"),
        ([(0, 4 * GIB, WB), (3 * GIB, GIB, WT)], "WT and WB overlap: WT"),
        ([(0, 4 * GIB, WP), (3 * GIB, GIB, WT)],
         "WT and WP overlap, which the SDM leaves undefined, so KVM's WB is kept"),
        ([(3 * GIB, GIB, WP)], "WP"),
        ([(0, GIB, WP)], "no range matches: default type WB"),
    ],
)  # fmt: skip
def test_with_its_own_lookup_the_manual_decides(ranges, words):
    machine = machine_with(*ranges, policy=BY_SDM)
    *walk, last = steps_at(machine, 3 * GIB)
    assert (last.kind, last.decides, last.text) == ("sdm", True, f"lookup by the SDM: {words}")
    assert not any(step.decides for step in walk)
    assert len(walk) == 1 + len(ranges)


def test_with_its_own_lookup_a_hole_is_no_match():
    pair, last = steps_at(with_pair(0, 0xFF_4000_0000, BY_SDM), GIB)[1:]
    assert pair.text.endswith("does not hold this page")
    assert last.text.endswith("no range matches: default type WB; KVM's own walk gives UC")


def test_ranges_after_the_end_of_the_walk_are_not_looked_at():
    machine = machine_with((0, 8 * GIB, WB), (2 * GIB, 2 * GIB, UC), (3 * GIB, GIB, WP))
    texts = [step.text for step in steps_at(machine, 3 * GIB) if step.kind == "variable"]
    assert texts[-1].endswith("not looked at any more")


def test_a_range_that_changes_nothing_does_not_decide():
    machine = machine_with((0, 4 * GIB, WB), (3 * GIB, GIB, WT))
    decides = [step.decides for step in steps_at(machine, 3 * GIB) if step.kind == "variable"]
    assert decides == [True, False]


def test_no_match_falls_to_the_default_type():
    *_, skipped, last = steps_at(machine_with((0, GIB, UC), default=WP), GIB)
    assert (skipped.kind, last.kind, last.decides) == ("variable", "default", True)
    assert last.text == "no range matches: default type WP"


@pytest.mark.parametrize(("has_mtrr", "words"), [(True, "all memory is UC"), (False, "WB")])
def test_with_mtrrs_off_the_enable_bit_decides(has_mtrr, words):
    cpuid, step = steps_at(Machine(1, has_mtrr=has_mtrr), GIB)
    assert (cpuid.kind, "no MTRRs" in cpuid.text) == ("cpuid", not has_mtrr)
    assert (step.kind, step.decides, step.msr, step.field) == ("enable", True, DEFTYPE, "E")
    assert words in step.text


def test_a_step_knows_register_field_and_range():
    machine = machine_with((0, GIB, WB), (2 * GIB, GIB, WT))
    _, skipped, decisive = steps_at(machine, 0)
    assert (skipped.vcpu, skipped.field, skipped.gfns) == (0, "", (2 << 18, 3 << 18))
    assert (decisive.vcpu, decisive.field, decisive.gfns) == (0, "Type", (0, 1 << 18))
    machine.write_msr(0, 0x250, 0x06 << 16)
    machine.write_msr(0, DEFTYPE, 0xC00)
    fixed = steps_at(machine, 0x2_3000)[-1]
    assert (fixed.msr, fixed.field, fixed.gfns) == (0x250, "20000", (0x20, 0x30))


def test_touching_ranges_of_one_type_keep_kvm_from_a_huge_leaf():
    machine = machine_with((0, GIB // 2, WB), (GIB // 2, GIB // 2, WB), default=UC)
    region = Region("RAM", RegionKind.RAM, 0, 4 * GIB)
    spec = MachineSpec(1, 4 * GIB, (region,), host_level=3)
    machine.attach_noncoherent_dma()
    _, limit = level_steps(machine, spec, region, 0, 0)
    assert "is WB, but KVM's test takes it for mixed" in limit.text
    assert "variable ranges 1, 0 overlap" in limit.text
    assert limit.msr == PHYSBASE0 + 2

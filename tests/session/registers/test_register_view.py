"""What the panel of registers says: names, values, differing vCPUs."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import (
    CR0_CD,
    CR0_ID,
    CR0_NW,
    DEFTYPE,
    PAT,
    PHYSBASE0,
    pair_msrs,
    register,
)
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Scenario
from mtrrviz.scenario.touches import Sweep
from mtrrviz.session.edits import RegisterWrite
from mtrrviz.session.registers.register_draft import Draft, address_part, parse_register
from mtrrviz.session.registers.register_pairs import pair_notes
from mtrrviz.session.registers.register_view import (
    DifferenceFinder,
    difference_words,
    differs_from_first,
    free_pairs,
    number_runs,
    read_all,
    read_register,
    short_name,
)
from mtrrviz.session.registers.register_writes import (
    WritePlan,
    leaves_hit,
    plan_edit,
    preview,
    span_words,
    zap_words,
)
from mtrrviz.sim import simulate

GIB = 1 << 30
SPEC = MachineSpec(4, 2 * GIB, (Region("RAM", RegionKind.RAM, 0, 2 * GIB),), 40, noncoherent_dma=1)
SCENARIO = Scenario("t", "T", SPEC, duration_ns=10**9)


def machine(policy: str = "per-vcpu", deftype: int = 0xC06) -> Machine:
    made = Machine(4, policy, maxphyaddr=40)
    made.attach_noncoherent_dma()
    for vcpu in range(4):
        made.write_msr(vcpu, DEFTYPE, deftype)
    return made


def with_pair(made: Machine, index: int, base: int, size: int, kind: MemoryType) -> Machine:
    for msr, value in (
        Draft.of(made, 0, pair_msrs(index)).with_range(base, size, kind).values.items()
    ):
        made.write_msr(0, msr, value)
    return made


def plan(
    msr: int, value: int, vcpus: tuple[int, ...] = (0,), *, as_kernel: bool = False
) -> WritePlan:
    return WritePlan(vcpus, (RegisterWrite(msr, value),), as_kernel)


# Reading and comparing


def test_read_all_has_every_register() -> None:
    values = read_all(machine(), 0)
    assert values[DEFTYPE] == 0xC06
    assert values[CR0_ID] == read_register(machine(), 0, CR0_ID)
    assert len(values) == 1 + 1 + 11 + 16 + 1 + 1


@pytest.mark.parametrize(
    ("msr", "name"), [(DEFTYPE, "DEF_TYPE"), (0x200, "PHYSBASE0"), (PAT, "PAT"), (CR0_ID, "CR0")]
)
def test_short_name(msr: int, name: str) -> None:
    assert short_name(msr) == name


def test_equal_vcpus_do_not_differ() -> None:
    assert DifferenceFinder().find(machine()) == {}
    assert difference_words({}) == ""


def test_differing_vcpus_and_their_registers() -> None:
    made = machine()
    made.write_msr(2, DEFTYPE, 0x806)
    made.write_msr(2, PHYSBASE0, 0x8000_0000)
    made.write_cr0(3, 0x10)
    finder = DifferenceFinder()
    assert finder.find(made) == {2: (DEFTYPE, PHYSBASE0), 3: (CR0_ID,)}
    # A second question about the same machine is answered from memory, equally.
    assert finder.find(made) == {2: (DEFTYPE, PHYSBASE0), 3: (CR0_ID,)}


def test_finder_sees_a_write_in_a_later_machine() -> None:
    made, finder = machine(), DifferenceFinder()
    finder.find(made)
    later = made.copy()
    later.write_msr(1, PAT, 0)
    assert finder.find(later) == {1: (PAT,)}
    assert finder.find(made) == {}


def test_difference_words_name_runs_and_count_the_rest() -> None:
    words = difference_words({3: (DEFTYPE,), 4: (DEFTYPE, 0x200), 6: (CR0_ID,)})
    assert words == "vCPUs 3-4, 6 differ from vCPU 0: DEF_TYPE, PHYSBASE0, CR0.CD"
    many = difference_words({1: (0x250, 0x258, 0x259, 0x268, 0x269)})
    assert many.startswith("vCPU 1 differs from vCPU 0: ")
    assert many.endswith(" and 1 more")


def test_only_cd_of_cr0_counts_as_a_difference() -> None:
    made = machine()
    made.write_cr0(1, made.cr0(1) | 1)
    assert not differs_from_first(made, 1, CR0_ID)
    made.write_cr0(1, 0x11)
    assert differs_from_first(made, 1, CR0_ID)


def test_number_runs() -> None:
    assert number_runs([1, 3, 4, 5, 9]) == "1, 3-5, 9"


def test_free_pairs_counts_pairs_without_v() -> None:
    made = with_pair(machine(), 3, GIB, GIB, MemoryType.UC)
    assert free_pairs(made.mtrr(0)) == 7


# Drafts


def test_fresh_draft_is_unchanged() -> None:
    draft = Draft.of(machine(), 0, (DEFTYPE,))
    assert not draft.is_changed
    assert draft.changed_msrs == ()


def test_toggle_marks_the_bit_and_back_unmarks_it() -> None:
    draft = Draft.of(machine(), 0, (DEFTYPE,)).with_bit_toggled(DEFTYPE, 10)
    assert draft.values[DEFTYPE] == 0x806
    assert draft.changed_bits(DEFTYPE) == 1 << 10
    assert not draft.with_bit_toggled(DEFTYPE, 10).is_changed


def test_reserved_bit_cannot_be_set_but_can_be_cleared() -> None:
    draft = Draft.of(machine(), 0, (DEFTYPE,))
    assert draft.with_bit_toggled(DEFTYPE, 9) is draft
    typed = draft.with_value(DEFTYPE, 0xE06)
    assert "bit 9" in typed.refusal(DEFTYPE)
    assert typed.with_bit_toggled(DEFTYPE, 9).values[DEFTYPE] == 0xC06


def test_bits_from_maxphyaddr_up_are_locked() -> None:
    draft = Draft.of(machine(), 0, pair_msrs(0))
    assert draft.with_bit_toggled(0x200, 40) is draft
    assert draft.with_bit_toggled(0x200, 39).values[0x200] == 1 << 39


def test_field_changes_only_its_bits() -> None:
    kind = register(DEFTYPE).fields[0]
    draft = Draft.of(machine(), 0, (DEFTYPE,)).with_field(DEFTYPE, kind, MemoryType.WC)
    assert draft.values[DEFTYPE] == 0xC01
    enable = next(field for field in register(DEFTYPE).fields if field.low == 11)
    assert draft.with_field(DEFTYPE, enable, 0).values[DEFTYPE] == 0x401
    assert draft.with_field(DEFTYPE, enable, 1).values[DEFTYPE] == 0xC01


def test_of_cr0_only_cd_can_change_and_nw_goes_with_it() -> None:
    made = machine()
    draft = Draft.of(made, 0, (CR0_ID,))
    assert made.cr0(0) & CR0_NW
    assert draft.with_bit_toggled(CR0_ID, 0) is draft
    off = draft.with_bit_toggled(CR0_ID, 30)
    assert off.values[CR0_ID] == made.cr0(0) & ~CR0_CD & ~CR0_NW
    assert off.refusals == {}


def test_capability_cannot_be_changed() -> None:
    draft = Draft.of(machine(), 0, (0xFE,))
    assert draft.with_bit_toggled(0xFE, 8) is draft


def test_range_becomes_a_pair() -> None:
    draft = Draft.of(machine(), 0, pair_msrs(2)).with_range(2 * GIB, GIB, MemoryType.UC)
    assert draft.values == {0x204: 0x8000_0000, 0x205: 0xFF_C000_0800}
    with pytest.raises(ValueError, match="multiple of the size"):
        draft.with_range(GIB, 2 * GIB, MemoryType.UC)


@pytest.mark.parametrize("text", ["c06", "0xC06", "0x0000_0000_0000_0c06", " 0c06 "])
def test_parse_register(text: str) -> None:
    assert parse_register(text) == 0xC06


@pytest.mark.parametrize(
    ("text", "why"), [("", "hex digits"), ("xyz", "hex"), ("1" * 17, "64 bits")]
)
def test_parse_register_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_register(text)


def test_address_part_wants_whole_pages_that_fit() -> None:
    field = register(0x200).fields_at(40)[2]
    assert address_part(field, 0x8000_0000) == 0x80000
    with pytest.raises(ValueError, match="4 KiB"):
        address_part(field, 0x8000_0800)
    with pytest.raises(ValueError, match="39:12"):
        address_part(field, 1 << 40)


# Notes on pairs


def notes_for(made: Machine, base: int, size: int, kind: MemoryType) -> str:
    draft = Draft.of(made, 0, pair_msrs(1)).with_range(base, size, kind)
    return " ".join(pair_notes(made, 0, draft, 1))


def test_pair_without_trouble_has_no_notes() -> None:
    assert notes_for(machine(), GIB, GIB, MemoryType.UC) == ""


def test_a_pair_that_is_off_or_refused_has_no_notes() -> None:
    made = with_pair(machine(deftype=0), 0, 0, 4 * GIB, MemoryType.WB)
    draft = Draft.of(made, 0, pair_msrs(1)).with_range(GIB, GIB, MemoryType.UC)
    assert pair_notes(made, 0, draft, 1)
    off = draft.with_value(0x203, draft.values[0x203] & ~0x800)
    assert pair_notes(made, 0, off, 1) == []
    refused = draft.with_value(0x202, draft.values[0x202] | 7)
    assert pair_notes(made, 0, refused, 1) == []


def test_a_base_off_its_size_is_told() -> None:
    draft = Draft.of(machine(), 0, pair_msrs(1)).with_range(2 * GIB, 2 * GIB, MemoryType.UC)
    moved = draft.with_value(0x202, draft.values[0x202] + GIB)
    (note,) = pair_notes(machine(), 0, moved, 1)
    assert "not a multiple" in note
    assert "0xc000_0000 to 0xffff_ffff" in note


def test_an_overlap_on_which_both_agree_names_the_one_type() -> None:
    made = with_pair(machine(), 0, 0, 4 * GIB, MemoryType.UC)
    assert "both give UC" in notes_for(made, GIB, GIB, MemoryType.UC)
    assert notes_for(made, 4 * GIB, GIB, MemoryType.UC) == "", "they only touch"


def test_overlap_that_depends_on_order_is_told() -> None:
    made = with_pair(machine(), 0, 0, 4 * GIB, MemoryType.WB)
    words = notes_for(made, 3 * GIB, GIB, MemoryType.UC)
    assert "Overlaps pair 0 (WB) at 0xc000_0000-0xffff_ffff" in words
    assert "the SDM says UC, KVM gives WB" in words


def test_overlap_the_manual_leaves_undefined_is_told() -> None:
    made = with_pair(machine(), 0, 0, 4 * GIB, MemoryType.WB)
    assert "undefined by the SDM" in notes_for(made, GIB, GIB, MemoryType.WC)


def test_pair_has_no_effect_while_mtrrs_are_off() -> None:
    assert "E is 0" in notes_for(machine(deftype=0), GIB, GIB, MemoryType.UC)


def test_mask_with_holes_is_told() -> None:
    draft = Draft.of(machine(), 0, pair_msrs(0)).with_range(GIB, GIB, MemoryType.UC)
    holed = draft.with_value(0x201, draft.values[0x201] & ~(1 << 35))
    assert "holes" in pair_notes(machine(), 0, holed, 0)[0]


# Previews and edits


def test_deftype_zaps_all_memory() -> None:
    found = preview(machine(), SPEC, plan(DEFTYPE, 0xC00))
    assert zap_words(found.zaps) == "all memory"
    assert found.reasons == ()


@pytest.mark.parametrize(
    ("made", "write", "reason"),
    [
        (machine(), plan(PAT, 0), "a PAT write never zaps"),
        (machine(deftype=0), plan(0x250, 0), "E = 0"),
        (machine(deftype=0x800), plan(0x250, 0), "FE = 0"),
        (machine("per-vm"), plan(DEFTYPE, 0, (1,)), "policy per-vm does not zap"),
        (machine(), plan(0x204, 0x8000_0000), "mask was never written"),
        (machine(), plan(CR0_ID, 0x10), "CD_NW quirk"),
        (machine(), plan(CR0_ID, CR0_CD), "CD does not change"),
    ],
)
def test_why_nothing_is_zapped(made: Machine, write: WritePlan, reason: str) -> None:
    found = preview(made, SPEC, write)
    assert found.zaps == ()
    assert reason in found.reasons[0]


@pytest.mark.parametrize(
    ("policy", "vcpu", "who"),
    [
        ("per-vm", 1, "the other vCPUs'"),
        ("per-vm", 3, "the other vCPUs'"),
        ("kvm-6.16", 2, "these"),
    ],
)
def test_whose_writes_a_policy_takes_no_notice_of_is_said(policy, vcpu, who) -> None:
    (reason,) = preview(machine(policy), SPEC, plan(DEFTYPE, 0, (vcpu,))).reasons
    assert f"does not zap for {who} MTRR writes" in reason


def test_without_noncoherent_dma_nothing_is_zapped() -> None:
    made = machine()
    made.detach_noncoherent_dma()
    assert "no non-coherent DMA" in preview(made, SPEC, plan(DEFTYPE, 0)).reasons[0]
    assert "no non-coherent DMA" in preview(made, SPEC, plan(CR0_ID, 0x10)).reasons[0]


def test_preview_leaves_the_machine_alone() -> None:
    made = machine()
    preview(made, SPEC, plan(DEFTYPE, 0, (0, 1, 2, 3)))
    assert made.read_msr(0, DEFTYPE) == 0xC06


def test_kernel_sequence_zaps_twice_a_vcpu_and_under_per_vm_only_for_the_first() -> None:
    everyone = (0, 1, 2, 3)
    write = plan(DEFTYPE, 0xC00, everyone, as_kernel=True)
    assert zap_words(preview(machine(), SPEC, write).zaps) == "all memory, 8 times"
    assert zap_words(preview(machine("per-vm"), SPEC, write).zaps) == "all memory, 2 times"


def test_refused_value_raises_and_makes_no_edit() -> None:
    with pytest.raises(GeneralProtectionFault, match="type 0x2"):
        plan_edit(SCENARIO, 0, machine(), plan(DEFTYPE, 0xC02))


def test_edit_writes_the_pair_on_all_vcpus() -> None:
    writes = (RegisterWrite(0x200, 0), RegisterWrite(0x201, 0x800))
    edit = plan_edit(SCENARIO, 5, machine(), WritePlan((0, 1, 2, 3), writes))
    assert len(edit.scenario.events) == 8
    run = simulate(edit.scenario, "per-vcpu")
    assert run.at(5).machine.read_msr(3, 0x201) == 0x800


def test_kernel_sequence_from_reset_clears_nw_with_cd() -> None:
    edit = plan_edit(SCENARIO, 0, machine(), plan(DEFTYPE, 0xC06, as_kernel=True))
    assert edit.until_ns is not None
    after = simulate(edit.scenario, "per-vcpu").at(edit.until_ns).machine
    assert not after.cr0(0) & (CR0_CD | CR0_NW)
    assert after.read_msr(0, DEFTYPE) == 0xC06


def test_span_words() -> None:
    assert span_words((0x80000, 0x100000)) == "0x8000_0000-0xffff_ffff (2 GiB)"
    assert span_words((0, (1 << 64) - 1)) == "all memory"


def test_leaves_hit_counts_a_huge_leaf_once() -> None:
    sweep = Sweep(0, 0, 0x400, 2048, lasts_ns=1000)
    state = simulate(Scenario("t", "T", SPEC, sweeps=(sweep,), duration_ns=10**6), "per-vcpu").at(
        5000
    )
    assert len(state.live_rows) == 4
    assert leaves_hit(state, [(0, 1 << 52), (0x400, 0x401)]) == 4
    assert leaves_hit(state, [(0x400, 0x401), (0x401, 0x402)]) == 1
    assert leaves_hit(state, [(1 << 40, 1 << 41)]) == 0


@pytest.mark.parametrize("unknown", [(), (0,), (1,), (2,), (0, 1, 2)])
def test_the_registers_that_differ_are_those_that_say_so_one_by_one(unknown) -> None:
    """A register that nobody told of a vCPU differs from nothing, nor does anything from it."""
    made = machine()
    with_pair(made, 0, 0, GIB, MemoryType.UC)
    made.write_msr(1, DEFTYPE, 0)
    made.write_cr0(2, CR0_CD)
    for vcpu in unknown:
        made.mtrr(vcpu).unknown |= {PHYSBASE0, DEFTYPE}
    found = DifferenceFinder().find(made)
    for vcpu in range(1, 4):
        asked = (*read_all(made, vcpu),)
        one_by_one = {msr for msr in asked if msr != PAT and differs_from_first(made, vcpu, msr)}
        assert set(found.get(vcpu, ())) == one_by_one
    assert (DEFTYPE in found.get(1, ())) == (not {0, 1} & set(unknown))

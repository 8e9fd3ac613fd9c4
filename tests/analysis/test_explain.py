"""An explanation must agree with the machine and with what the simulation did."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.analysis.explaining.explain_text import MOST_MOMENTS, explanation_text, pat_lines
from mtrrviz.analysis.explaining.level_steps import largest_level
from mtrrviz.analysis.explaining.override_steps import override_steps
from mtrrviz.analysis.explaining.page_moments import page_moments
from mtrrviz.analysis.explaining.step_events import step_events
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.kvm_rules.leaf_rules import HonoursMtrrs, PatUnlessQuirk, PatWithSelfSnoop
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.kvm_rules.vm_view import FaultCase
from mtrrviz.core.memtype import MemoryType, effective_type
from mtrrviz.core.msr.registers import CR0_CD, CR0_ID, REGISTERS
from mtrrviz.core.policies import policy_ids
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.facts.figures import figures_until
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.session.edits import RegisterWrite, write_registers
from mtrrviz.sim import simulate
from mtrrviz.sim.event_facts import is_refused
from mtrrviz.sim.slots import slot_map

NAMES = ("small-machine", "ovmf-8vcpu-2g", "kvm-and-manual")
POLICIES = (*policy_ids(), "per-vcpu:sdm-lookup", "per-vm:sdm-lookup")


@cache
def run_of(name, policy):
    return simulate(open_scenario(name), policy)


@st.composite
def moments(draw):
    """Return a state, a page and a vCPU; borders of regions and of MTRR ranges are likely."""
    run = run_of(draw(st.sampled_from(NAMES)), draw(st.sampled_from(POLICIES)))
    spec = run.scenario.machine
    time_ns = draw(st.integers(0, run.scenario.duration_ns))
    vcpu = draw(st.integers(0, spec.vcpus - 1))
    edges = [gfn for region in spec.regions for gfn in (region.first_gfn, region.end_gfn - 1)]
    mapped = st.sampled_from(range(len(run.leaves))).map(lambda row: int(run.leaves.first_gfn[row]))
    anywhere = st.integers(0, (1 << (spec.maxphyaddr - 12)) - 1)
    low = st.integers(0, spec.end_gfn)
    gfn = draw(st.one_of(st.sampled_from(edges), mapped, low, st.integers(0, 0x100), anywhere))
    return run.at(time_ns), gfn, vcpu


@given(moments())
def test_the_next_fault_is_what_the_machine_says(moment):
    state, gfn, vcpu = moment
    answer = explain(state, gfn, vcpu).next_fault
    spec = state.run.scenario.machine
    region = spec.region_at(gfn)
    if region is None or region.kind is RegionKind.MMIO:
        assert answer is None
        return
    slots = slot_map(spec)
    allowed = int(slots.levels[slots.at(np.array([gfn], np.uint64))[0]])
    leaf = state.machine.leaf(vcpu, gfn, mmio=region.kind is RegionKind.PASSTHROUGH)
    assert answer is not None
    assert (answer.type, answer.ipat) == leaf
    assert answer.level == min(allowed, state.machine.max_level(vcpu, gfn))


@given(moments())
def test_one_step_decides_and_the_leaf_comes_last(moment):
    explanation = explain(*moment)
    steps = explanation.steps
    deciding = [step for step in steps if step.decides]
    if explanation.next_fault is None:
        assert steps[0].kind == "region"
        assert steps[-1].kind == "hardware"
        assert len({step.kind for step in deciding}) == 1, "one kind of rule"
        assert f"give {explanation.mtrr.label}" in steps[-1].text
    else:
        assert len(deciding) == 1
        kinds = [step.kind for step in steps if step.kind != "limit"]
        assert kinds[-3:] == ["result", "hardware", "level"]
        result = next(step for step in steps if step.kind == "result")
        assert explanation.next_fault.type.name in result.text


@given(moments())
def test_the_deciding_step_follows_the_rules_of_vmx_get_mt_mask(moment):
    state, gfn, vcpu = moment
    explanation = explain(state, gfn, vcpu)
    machine, region = state.machine, explanation.region
    mtrr = machine.deciding_mtrr(vcpu)
    if region is None or not region.has_slot:
        assert "never a leaf" in explanation.steps[0].text
        expected = {"enable", "fixed", "variable", "default"}
    elif region.kind is RegionKind.PASSTHROUGH:
        expected = {"host-mmio"}
    elif not isinstance(machine.policy.leaf_rule, HonoursMtrrs):
        expected = {"policy"}
    elif not machine.noncoherent_dma:
        expected = {"dma"}
    elif machine.cd(vcpu):
        expected = {"cd"}
    elif not mtrr.enabled:
        expected = {"enable"}
    elif mtrr.fixed_enabled and gfn < 0x100:
        expected = {"fixed"}
    elif machine.policy.follows_sdm:
        expected = {"sdm"}
    else:
        hits = [span for span in mtrr.variable_ranges() if span.valid]
        is_hit = any(span.start_gfn <= gfn < span.end_gfn for span in hits)
        expected = {"variable" if is_hit else "default"}
    assert explanation.deciding.kind in expected


@given(moments())
def test_the_mapped_leaf_is_the_one_that_covers_the_page(moment):
    state, gfn, vcpu = moment
    explanation = explain(state, gfn, vcpu)
    leaf, row = explanation.leaf, state.leaf_row(gfn)
    assert (leaf is None) == (row is None)
    if leaf is None:
        assert not explanation.stale
        return
    assert leaf.first_gfn <= gfn < leaf.end_gfn
    assert leaf.born_ns <= state.time_ns
    assert leaf.entry >> 3 & 7 == leaf.type
    now = state.machine.leaf(vcpu, gfn, mmio=explanation.deciding.kind == "host-mmio")
    assert explanation.stale == (now != (leaf.type, leaf.ipat))


# in the hole below 1 MiB, which a policy that zaps slot by slot spares
@example((run_of("small-machine", "slot-split").at(320_000_000), 0xA0, 0))
@given(moments())
def test_history_counts_what_the_run_recorded(moment):
    state, gfn, vcpu = moment
    history = explain(state, gfn, vcpu).history
    zaps, leaves = state.run.zaps, state.run.leaves
    held = [
        row
        for row in range(figures_until(state.run, state.time_ns).zap_count)
        if any(start <= gfn < end for start, end in zaps.ranges[row])
    ]
    assert history.zaps == len(held)
    assert history.last_zap_ns == (int(zaps.time_ns[held[-1]]) if held else None)
    born = [r for r in leaves.rows_at(gfn).tolist() if leaves.born_ns[r] <= state.time_ns]
    assert (history.faults, history.refaults) == (len(born), int(leaves.refault[born].sum()))
    assert history.drops <= min(history.zaps, history.faults)


@pytest.mark.parametrize("policy", policy_ids())
@pytest.mark.parametrize("name", NAMES)
def test_every_leaf_is_explained_at_its_birth(name, policy):
    run = run_of(name, policy)
    rows = range(0, len(run.leaves), max(1, len(run.leaves) // 60))
    for row in rows:
        gfn, vcpu = int(run.leaves.first_gfn[row]), int(run.leaves.vcpu[row])
        fault = explain(run.at(int(run.leaves.born_ns[row])), gfn, vcpu).next_fault
        assert fault is not None
        assert fault.type << 3 | fault.ipat << 6 == int(run.leaves.bits[row])
        assert fault.level == int(run.leaves.level[row])


def limits_of(state, gfn, vcpu=0):
    steps = explain(state, gfn, vcpu).steps
    return [step for step in steps if step.kind in ("level", "limit")]


def test_a_huge_page_is_limited_by_what_limits_it():
    state = run_of("ovmf-8vcpu-2g", "per-vcpu").at(18 * 10**9)
    level, limit = limits_of(state, 0x70000)
    assert (level.text, level.gfns) == ("a leaf of 2 MiB", (0x70000, 0x70200))
    assert limit.text == "no 1 GiB: the host backs this memory with pages of 2 MiB"
    slot, mtrrs = limits_of(state, 0x9F)[1:]
    assert slot.text == "no 2 MiB: the slot ends at 0xa_0000, within 0x0 to 0x1f_ffff"
    assert "types change at 0xa_0000 from WB to UC (IA32_MTRR_FIX16K_A0000)" in mtrrs.text
    assert (mtrrs.msr, mtrrs.vcpu, mtrrs.gfns) == (0x259, 0, (0, 0x200))


@given(moments())
def test_every_limit_holds_back_the_next_larger_leaf(moment):
    state, gfn, vcpu = moment
    explanation = explain(*moment)
    spec, fault = state.run.scenario.machine, explanation.next_fault
    if fault is None:
        return
    texts = [step.text for step in explanation.steps if step.kind == "limit"]
    region = spec.region_at(gfn)
    assert region is not None
    by = {
        "the slot": largest_level(region, gfn),
        "the host": spec.host_level,
        ("types", "KVM's test"): state.machine.max_level(vcpu, gfn),
    }
    for words, level in by.items():
        options = (words,) if isinstance(words, str) else words
        is_told = any(option in text for text in texts for option in options)
        assert is_told == (level == fault.level < 3)


@given(moments())
def test_what_the_sdm_alone_says_rests_on_this_vcpus_registers(moment):
    state, gfn, vcpu = moment
    explanation = explain(*moment)
    machine = state.machine
    own = MemoryType.UC if machine.cd(vcpu) else machine.mtrr(vcpu).sdm_memory_type(gfn)
    assert explanation.hardware == own
    for step in explanation.steps:
        if step.kind == "hardware" and explanation.next_fault is not None:
            agrees = explanation.hardware == explanation.next_fault.type
            assert (", as KVM does" in step.text or ", as this lookup does" in step.text) == agrees


@given(moments())
def test_the_pat_table_has_eight_entries_that_combine_as_in_the_manual(moment):
    state, _, vcpu = moment
    explanation = explain(*moment)
    rows = explanation.pat.rows
    value = state.machine.read_msr(vcpu, 0x277)
    assert [int(row.pat) for row in rows] == list(value.to_bytes(8, "little"))
    for leaf, name in ((explanation.leaf, "mapped"), (explanation.next_fault, "next_fault")):
        cells = [getattr(row, name) for row in rows]
        if leaf is None:
            assert cells == [None] * 8
            continue
        expected = [effective_type(leaf.type, leaf.ipat, row.pat) for row in rows]
        assert [cell.type for cell in cells] == expected


@given(moments())
def test_moments_are_the_faults_and_zaps_that_history_counts(moment):
    state, gfn, _ = moment
    history = explain(*moment).history
    found = page_moments(state.run, gfn, state.time_ns)
    zaps = [one for one in found if one.kind == "zap"]
    assert (len(zaps), len(found) - len(zaps)) == (history.zaps, history.faults)
    assert sum(one.dropped for one in zaps) == history.drops
    assert [one.time_ns for one in found] == sorted(one.time_ns for one in found)
    if zaps:
        assert zaps[-1].time_ns == history.last_zap_ns


@given(moments())
def test_the_event_behind_a_step_left_the_register_as_it_is(moment):
    state, gfn, vcpu = moment
    scenario, machine = state.run.scenario, state.machine
    steps = explain(state, gfn, vcpu).steps
    for step, number in zip(steps, step_events(scenario, state.time_ns, steps), strict=True):
        if number is None:
            continue
        event = scenario.events[number]
        assert event.time_ns <= state.time_ns
        if step.kind == "dma":
            assert event.kind in (EventKind.DMA_ATTACH, EventKind.DMA_DETACH)
        elif step.kind == "pat-quirk":
            assert event.kind is EventKind.DISABLE_IGNORE_GUEST_PAT
            assert step.text.endswith("is off")
        elif event.kind is EventKind.DISABLE_CD_NW_QUIRK:
            assert step.kind == "cd"
            assert "CD_NW quirk is off" in step.text
        elif event.kind is EventKind.MOV_CR0:
            assert (step.msr, event.vcpu) == (CR0_ID, step.vcpu)
            assert machine.cd(event.vcpu) == bool(event.value & CR0_CD)
        else:
            assert event.vcpu == step.vcpu
            assert machine.read_msr(event.vcpu, event.register) == event.value


@given(moments())
def test_the_event_behind_a_step_is_the_last_of_its_kind(moment):
    state, gfn, vcpu = moment
    scenario = state.run.scenario
    steps = explain(state, gfn, vcpu).steps
    until = range(scenario.events_until(state.time_ns))
    accepted = [n for n in until if not is_refused(scenario.machine, scenario.events[n])]
    for step, number in zip(steps, step_events(scenario, state.time_ns, steps), strict=True):
        if step.kind == "dma":
            assert number == max(
                (n for n in accepted if is_device(scenario.events[n])), default=None
            )
        elif step.msr is not None and step.vcpu is not None and step.msr != CR0_ID:
            is_pair = REGISTERS[step.msr].kind == "base"
            numbers = (step.msr, step.msr + 1) if is_pair else (step.msr,)
            writing = (
                n
                for n in accepted
                if scenario.events[n].writes_msr
                and (scenario.events[n].vcpu, scenario.events[n].register)
                in {(step.vcpu, register) for register in numbers}
            )
            assert number == max(writing, default=None)


def is_device(event):
    return event.kind in (EventKind.DMA_ATTACH, EventKind.DMA_DETACH)


@given(moments())
def test_a_mapped_leaf_ends_after_its_last_page(moment):
    leaf, gfn = explain(*moment).leaf, moment[1]
    if leaf is not None:
        pages = LEVEL_PAGES[leaf.level]
        assert (leaf.first_gfn % pages, leaf.end_gfn) == (0, leaf.first_gfn + pages)
        assert leaf.first_gfn <= gfn < leaf.end_gfn


def test_a_page_that_no_fault_can_map_says_so():
    state = run_of("small-machine", "per-vcpu").at(0)
    hole = next(gfn for gfn in range(0xA0, 1 << 20) if explain(state, gfn, 0).next_fault is None)
    explanation = explain(state, hole, 0)
    assert "makes no leaf" in explanation_text(explanation, [None] * len(explanation.steps), ())


EVERY_CASE = [FaultCase(*bits) for bits in itertools.product((False, True), repeat=5)]


@pytest.mark.parametrize("name", policy_ids())
def test_the_steps_name_the_policy_only_where_it_never_honours_mtrrs(name):
    state = run_of("small-machine", name).at(0)
    honours = any(state.machine.policy.leaf_override(case) is None for case in EVERY_CASE)
    kinds = {step.kind for step in override_steps(state.machine, 0)}
    assert ("policy" in kinds) == (not honours)


def test_registers_never_written_have_no_event_behind_them():
    state = run_of("sandbox", "per-vcpu").at(10**9)
    steps = explain(state, 0, 0).steps
    assert step_events(state.run.scenario, state.time_ns, steps) == (None,) * len(steps)


@given(moments())
def test_fields_and_registers_of_steps_exist(moment):
    for step in explain(*moment).steps:
        assert (step.msr is None) or (step.vcpu is not None)
        if step.field and step.msr is not None:
            assert step.field in {field.name for field in REGISTERS[step.msr].fields}
        if step.gfns is not None:
            assert step.gfns[0] < step.gfns[1]


class Deaf(Policy):
    """A policy that no module knows, in which nothing counts."""

    id = "deaf"

    def leaf_override(self, case):
        return MemoryType.WB, 1


class AsksForSelfSnoop(Policy):
    id = "asks-for-self-snoop"
    leaf_rule = PatWithSelfSnoop()


class AsksForQuirk(Policy):
    id = "asks-for-quirk"
    leaf_rule = PatUnlessQuirk()


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        (Deaf, ["dma", "policy"]),
        (AsksForSelfSnoop, ["dma", "self-snoop", "policy"]),
        (AsksForQuirk, ["dma", "pat-quirk", "policy"]),
    ],
)
def test_a_policy_is_explained_by_what_it_asks_for(policy, kinds):
    state = simulate(open_scenario("small-machine"), policy()).at(10**9)
    explanation = explain(state, 0x200, 0)
    found = [step.kind for step in explanation.steps[1:] if step.kind != "limit"]
    assert found == [*kinds, "result", "hardware", "level"]
    assert explanation.deciding.kind == "policy"
    leaf = explanation.next_fault
    assert leaf is not None
    assert f"WB, IPAT {leaf.ipat}" in explanation.deciding.text


@pytest.mark.parametrize(("gfn", "vcpu"), [(-1, 0), (1 << 24, 0), (0, 2), (0, -1)])
def test_a_page_or_vcpu_the_machine_has_not_is_refused(gfn, vcpu):
    with pytest.raises(MtrrvizError, match=r"expected one below|this machine has"):
        explain(run_of("small-machine", "per-vm").at(0), gfn, vcpu)


@given(moments())
def test_the_text_has_a_line_for_every_step(moment):
    explanation = explain(*moment)
    state, gfn, _ = moment
    found = page_moments(state.run, gfn, state.time_ns)
    events = [None] * len(explanation.steps)
    blocks = explanation_text(explanation, events, found).split("\n\n")
    assert len(blocks) == 4 + bool(found)
    assert len(blocks[1].splitlines()) == len(explanation.steps)
    if found:
        assert len(blocks[-1].splitlines()) == 1 + min(len(found), MOST_MOMENTS)


def limits(gfn, edits=()):
    """Return what keeps a page's leaf small under the SDM's lookup, after writes of MTRRs."""
    scenario = open_scenario("kvm-and-manual")
    if edits:
        scenario = write_registers(scenario, 5 * 10**8, [0], edits).scenario
    state = simulate(scenario, "per-vcpu:sdm-lookup").at(55 * 10**7)
    steps = explain(state, gfn, 0).steps
    return [step for step in steps if step.kind == "limit"]


def test_the_lookup_by_the_manual_names_its_own_types_and_borders():
    uniform = limits(0xC00)[0]
    assert "all of 0xc0_0000 to 0xdf_ffff is UC, but KVM's test takes it for mixed" in uniform.text
    hole = limits(0x1400)[-1]
    assert "types change at 0x140_0000 from UC to WB (variable range 2)" in hole.text
    assert hole.msr == 0x204


def test_a_mask_with_small_holes_lets_types_alternate_by_the_manual():
    small_holes = [RegisterWrite(0x204, 0x100_0000), RegisterWrite(0x205, 0xF_FF40_1800)]
    assert any("types alternate within" in step.text for step in limits(0x1000, small_holes))


@pytest.mark.parametrize(
    ("mapped", "after", "columns"),
    [
        ((MemoryType.WB, 0), (MemoryType.UC, 0), ["mapped now", "next fault"]),
        ((MemoryType.WB, 0), (MemoryType.WB, 0), []),
        (None, (MemoryType.WB, 0), []),
        ((MemoryType.WB, 0), None, []),
    ],
)
def test_the_pat_has_a_column_for_each_of_two_leaves_that_differ(mapped, after, columns):
    found = explain(run_of("small-machine", "per-vcpu").at(1_100_000_000), 0x10, 0).pat
    rows = pat_lines(replace(found, mapped=mapped, next_fault=after))[1:9]
    assert all(row.strip().startswith(f"PA{index} ") for index, row in enumerate(rows))
    for row in rows:
        assert [words for words in ("mapped now", "next fault") if words in row] == columns

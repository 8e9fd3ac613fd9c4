"""Explaining any address of a real machine, and of a guest where KVM makes no leaf."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.analysis.explaining.explain_json import explanation_json
from mtrrviz.analysis.explaining.explain_text import explanation_text
from mtrrviz.analysis.explaining.page_facts import page_facts
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import PAT, mtrr_msrs
from mtrrviz.core.sdm.hardware import HostType
from mtrrviz.scenario.machine_spec import MachineKind, Region, RegionKind
from mtrrviz.sim import simulate
from tests.analysis.checks.checked import GIB, REGIONS, UC, WB, WT, on, pair, run, wrmsr

WRITES = (*pair(0, 0, 4 * GIB, WB), *pair(1, 3 * GIB, GIB, UC), *pair(2, 3 * GIB, GIB, WT), on(UC))
HOLE = Region("not told", RegionKind.UNKNOWN, 2 * GIB, 3 * GIB)
EVERYTHING = frozenset((0, msr) for msr in mtrr_msrs(8)[1:])


def state_of(*writes, kind=MachineKind.HOST, **settings):
    made = run(*writes, kind=kind, **settings)
    return simulate(made.scenario, "per-vcpu").at(made.scenario.duration_ns)


def text_of(found):
    return explanation_text(found, [None] * len(found.steps), [])


@pytest.mark.parametrize(
    ("address", "kind", "deciders"),
    [
        (0, "WB", ["variable range 0 (4 GiB at 0x0, WB)"]),
        (2 * GIB, "WB", ["variable range 0 (4 GiB at 0x0, WB)"]),
        (3 * GIB, "UC", ["variable range 1 (1 GiB at 0xc000_0000, UC)"]),
        (0xFEE0_0000, "UC", ["variable range 1 (1 GiB at 0xc000_0000, UC)"]),
        (1 << 39, "UC", ["default type"]),
    ],
)
def test_any_address_has_type_and_deciders_as_text_and_json(address, kind, deciders):
    found = explain(state_of(*WRITES, regions=(*REGIONS, HOLE)), address >> 12, 0)
    assert found.mtrr.label == kind
    answer = explanation_json(found, "made", [None] * len(found.steps), [])
    assert (answer["hardware"], answer["mtrr_type"], answer["machine"]) == (kind, kind, "host")
    named = [s["text"].partition(": ")[0] for s in answer["steps"] if s["decides"]]
    assert named == deciders
    assert f"MTRR type   {kind}, by {' and '.join(deciders)}" in text_of(found)
    assert "leaf" not in text_of(found)


def test_losers_are_told_with_the_reason():
    lines = text_of(explain(state_of(*WRITES), 3 * GIB >> 12, 0)).splitlines()
    (loser,) = [line for line in lines if "variable range 2" in line]
    assert loser.startswith("   variable  variable range 2 (1 GiB at 0xc000_0000, WT): ")
    assert loser.endswith("WT, but UC wins over WT")


def test_all_eight_entries_of_the_pat_are_given():
    state = state_of(*WRITES, wrmsr(PAT, 0x0407_0506_0007_0106))
    for address, wanted in (
        (0, ["WB", "WC", "UC", "UC", "WB", "WP", "UC", "WT"]),
        (3 * GIB, ["UC", "WC", "UC", "UC", "UC", "UC", "UC", "UC"]),
    ):
        found = explain(state, address >> 12, 0)
        entries = explanation_json(found, "made", [None] * len(found.steps), [])["pat"]["entries"]
        assert [entry["mtrr"] for entry in entries] == wanted
        rows = [line.split()[2] for line in text_of(found).splitlines() if line.startswith("  PA")]
        assert rows == wanted


def test_a_pat_that_nobody_told_is_said_to_be_linuxs():
    state = state_of(*WRITES, unknown_registers=frozenset({(0, PAT)}))
    found = explain(state, 0, 0)
    assert not explanation_json(found, "made", [None] * len(found.steps), [])["pat"]["told"]
    assert "is not known (rdmsr 0x277 or" in text_of(found)
    assert "as Linux sets it, 0x407_0506_0007_0106" in page_facts(state, 0, 0).pat_notes


def test_unknown_is_said_with_what_would_tell():
    found = explain(state_of(unknown_registers=EVERYTHING), 0x1000, 0)
    assert found.mtrr.label == "unknown"
    assert "rdmsr of 0x2ff would show it, or a boot of Linux with mtrr=debug" in text_of(found)
    some = frozenset({(0, 0x206), (0, 0x207)})
    found = explain(state_of(*WRITES, unknown_registers=some), 0, 0)
    assert "rdmsr of 0x206 to 0x207 would show it" in text_of(found)
    assert explain(state_of(*WRITES, unknown_registers=some), 3 * GIB >> 12, 0).mtrr.label == "UC"


def test_the_inspector_tells_type_and_register_and_nothing_of_leaves():
    facts = page_facts(state_of(*WRITES), 3 * GIB >> 12, 0)
    assert [(fact.label, fact.value) for fact in facts.facts] == [
        ("Address", "0xc000_0000"),
        ("Region", "PCI window (mmio)"),
        ("MTRR type", "UC"),
        ("Decided by", "variable range 1 (1 GiB at 0xc000_0000, UC)"),
    ]
    assert facts.question == "Why is it UC?"


def test_a_guests_address_without_a_leaf_has_the_mtrrs_type_beside_that():
    state = state_of(*WRITES, kind=MachineKind.GUEST)
    found = explain(state, 3 * GIB >> 12, 0)
    text = text_of(found)
    assert "never a leaf" in text
    assert "MTRR type   UC, by variable range 1 (1 GiB at 0xc000_0000, UC)" in text
    assert [row.mtrr for row in found.pat.rows] == [HostType.UC] * 8
    assert explain(state, 0x200, 0).pat.mtrr is None, "a leaf's PAT table is about the leaf"


def test_words_are_those_of_a_real_machine():
    state = state_of(*WRITES)
    with pytest.raises(MtrrvizError, match="beyond this machine's physical addresses"):
        explain(state, 1 << 30, 0)
    with pytest.raises(MtrrvizError, match="no CPU 1"):
        explain(state, 0, 1)
    assert "vCPU" not in text_of(explain(state, 0, 0))


def test_tom2_is_named():
    state = state_of(*pair(0, 0, 2 * GIB, WB), on(UC), tom2_end=6 * GIB)
    found = explain(state, 5 * GIB >> 12, 0)
    assert (found.mtrr.label, found.deciding.kind) == ("WB", "tom2")
    assert explain(state, 6 * GIB >> 12, 0).mtrr.label == "UC"

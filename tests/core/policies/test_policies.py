"""The registry of policies, what each says of itself, switches, and adding one more."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mtrrviz
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.kvm_rules.leaf_rules import WB_WITH_PAT, HonoursMtrrs
from mtrrviz.core.kvm_rules.policy import SDM_LOOKUP, ZAP_EVERYTHING, Policy
from mtrrviz.core.kvm_rules.zap_rules import EverythingOnCdEdge, NoZap
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.policies import (
    DEFAULT_COMPARED_ID,
    DEFAULT_POLICY_ID,
    get_policy,
    policy_ids,
)
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.tables import ZapCause
from tests.core.policies.policy_table import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

UC, WB = MemoryType.UC, MemoryType.WB
PACKAGE = Path(mtrrviz.__file__).parent
# What must run any policy and so know none.
NAMELESS = ("sim", "session", "core/machine.py", "core/faultmap.py")


def test_all_are_known_oldest_first() -> None:
    assert policy_ids() == (
        "per-vcpu",
        "per-vm",
        "cd-toggle",
        "serialized",
        "fine-grained",
        "slot-split",
        "shared-lock",
        "fine-grained+shared",
        "slot-split+shared",
        "kvm-6.7",
        "kvm-6.11",
        "self-snoop",
        "kvm-6.16",
    )
    assert {DEFAULT_POLICY_ID, DEFAULT_COMPARED_ID} < set(policy_ids())


def test_an_unknown_policy_is_answered_with_the_known_ones() -> None:
    with pytest.raises(MtrrvizError, match="'nope'; known are per-vcpu, per-vm"):
        get_policy("nope")
    with pytest.raises(MtrrvizError, match="nope"):
        Machine(1, "nope")


@pytest.mark.parametrize("policy_id", policy_ids())
def test_each_tells_its_story(policy_id: str) -> None:
    policy = get_policy(policy_id)
    assert policy.id == policy_id
    assert all((policy.title, policy.versions, policy.summary, policy.source))
    assert all((policy.changed, policy.why, policy.fate, policy.defects))
    sentences = (policy.summary, policy.changed, policy.why, policy.fate, *policy.defects)
    assert all(text.endswith(".") and "  " not in text for text in sentences)


def test_no_two_have_the_same_title_or_summary() -> None:
    policies = [get_policy(policy_id) for policy_id in policy_ids()]
    assert len({policy.title for policy in policies}) == len(policies)
    assert len({policy.summary for policy in policies}) == len(policies)


def test_a_policy_object_does_as_well_as_its_id() -> None:
    assert Machine(1, get_policy("per-vm")).policy is Machine(1, "per-vm").policy


def test_switches_are_part_of_the_id_in_one_order() -> None:
    policy = get_policy("per-vm:srcu-leak:literal-has-mtrr")
    assert policy.id == "per-vm:literal-has-mtrr:srcu-leak"
    assert policy is get_policy(policy.id)
    assert policy.active == ("literal-has-mtrr", "srcu-leak")
    assert get_policy("per-vm").active == ()
    assert [switch.id for switch in policy.variants] == list(policy.active)
    assert all(switch.title and switch.meaning for switch in policy.switches)


@pytest.mark.parametrize(
    ("policy_id", "answer"),
    [
        ("per-vm:nope", "'per-vm' has no switch 'nope': its switches are literal-has-mtrr, srcu"),
        ("per-vcpu:srcu-leak", "'per-vcpu' has no switch 'srcu-leak': its switches are sdm-lookup"),
        ("kvm-6.11:sdm-lookup", "'kvm-6.11' has no switch 'sdm-lookup': it has none"),
    ],
)
def test_an_unknown_switch_is_answered_with_the_known_ones(policy_id: str, answer: str) -> None:
    with pytest.raises(MtrrvizError, match=answer):
        get_policy(policy_id)


def with_device(policy: str, has_mtrr: bool = True) -> Machine:
    """Return two vCPUs with caches on and a device."""
    machine = Machine(2, policy, 40, has_mtrr)
    machine.attach_noncoherent_dma()
    for vcpu in range(2):
        machine.write_cr0(vcpu, 0x11)
    return machine


def test_cpuid_read_too_early_makes_memory_wb_until_mtrrs_are_on() -> None:
    machine, meant = with_device("per-vm:literal-has-mtrr"), with_device("per-vm")
    assert (machine.leaf(1, 5), meant.leaf(1, 5)) == ((WB, 0), (UC, 0))
    assert machine.fault_map(1).at(5) == (6 << 3, 3)
    machine.write_msr(0, 0x2FF, 0x800)
    assert machine.leaf(1, 5) == meant.leaf(1, 5) == (UC, 0)
    machine.write_msr(0, 0x2FF, 0)
    assert machine.mtrr(0).memory_type(5) == UC, "vCPU 0 itself keeps CPUID's bit"
    assert machine.leaf(1, 5) == (WB, 0)


def overlapped(policy: str) -> Machine:
    """Return vCPU 0 with UC in 3 to 4 GiB, over WB in 0 to 4 GiB, the default UC."""
    machine = with_device(policy)
    for msr, value in (
        (0x200, 6),
        (0x201, 0xFF_0000_0800),
        (0x202, 0xC000_0000),
        (0x203, 0xFF_C000_0800),
        (0x2FF, 0x800),
    ):
        machine.write_msr(0, msr, value)
    return machine


def test_a_leak_is_a_lookup_that_ends_in_the_middle_of_the_walk() -> None:
    machine = overlapped("per-vm:srcu-leak")
    assert [machine.leaks_srcu(1, gib << 18) for gib in (1, 3, 5)] == [False, True, False]
    leaks = machine.fault_map(1).leaks
    assert machine.fault_map(1).starts[leaks].tolist() == [3 << 18]
    assert not overlapped("per-vm").leaks_srcu(1, 3 << 18)
    assert not overlapped("per-vm").fault_map(1).leaks.any()


def test_no_lookup_no_leak() -> None:
    machine = overlapped("per-vm:srcu-leak")
    machine.write_cr0(1, 0x4000_0011)
    assert not machine.leaks_srcu(1, 3 << 18)
    assert not machine.fault_map(1).leaks.any()
    assert machine.leaks_srcu(0, 3 << 18)
    machine.detach_noncoherent_dma()
    assert not machine.leaks_srcu(0, 3 << 18)


def test_one_switch_is_turned_and_the_others_stay() -> None:
    both = get_policy("per-vm:literal-has-mtrr:srcu-leak")
    assert both.switched("srcu-leak", on=False) == "per-vm:literal-has-mtrr"
    assert both.switched("srcu-leak", on=True) == both.id
    assert get_policy("per-vm").switched("srcu-leak", on=True) == "per-vm:srcu-leak"


def test_the_manuals_lookup_is_offered_where_mtrrs_have_a_say() -> None:
    offered = [name for name in policy_ids() if SDM_LOOKUP in get_policy(name).switches]
    assert offered == [row.policy for row in ROWS.values() if row.cells["CD=0"] != "WB"]


def test_the_manuals_lookup_finds_uc_in_any_order_and_never_leaks() -> None:
    walk, by_sdm = overlapped("per-vm:srcu-leak"), overlapped("per-vm:srcu-leak:sdm-lookup")
    pages = [gib << 18 for gib in (1, 3, 5)]
    assert [walk.leaf(1, gfn) for gfn in pages] == [(WB, 0), (WB, 0), (UC, 0)]
    assert [by_sdm.leaf(1, gfn) for gfn in pages] == [(WB, 0), (UC, 0), (UC, 0)]
    assert [by_sdm.fault_map(1).at(gfn)[0] for gfn in pages] == [WB << 3, 0, 0]
    assert walk.leaks_srcu(1, pages[1])
    assert not by_sdm.leaks_srcu(1, pages[1])


def test_the_manuals_lookup_has_no_say_where_mtrrs_have_none() -> None:
    machine = with_cd("per-vm:sdm-lookup")
    assert machine.leaf(1, 3 << 18) == (WB, 1)
    assert machine.fault_map(1) is with_cd("per-vm").fault_map(1)


def with_cd(policy: str) -> Machine:
    """Return the overlapped machine with caches off on vCPU 1."""
    machine = overlapped(policy)
    machine.write_cr0(1, 0x4000_0011)
    return machine


def test_maps_that_differ_in_leaks_alone_are_two() -> None:
    machine, plain = overlapped("per-vm:srcu-leak"), overlapped("per-vm")
    assert machine.fault_map(0) is not plain.fault_map(0)
    assert with_device("per-vm").fault_map(0) is with_device("per-vm:srcu-leak").fault_map(0)


def test_the_pat_quirk_is_only_off_with_self_snoop() -> None:
    with pytest.raises(MtrrvizError, match="self-snoop"):
        Machine(1, "kvm-6.16", self_snoop=False, ignore_guest_pat=False)
    machine = Machine(1, "kvm-6.16", ignore_guest_pat=False, slots=[(0, 9)])
    twin = machine.copy()
    assert (twin.self_snoop, twin.ignore_guest_pat, twin.slots) == (True, False, ((0, 9),))
    assert twin.leaf(0, 0) == (WB, 0)


class Invented(Policy):
    """A policy that no module has heard of: caches off is WB, edges of CD zap, nothing else."""

    id = "invented"
    leaf_rule = HonoursMtrrs(caches_off=WB_WITH_PAT)
    write_rule = NoZap()
    cd_rule = EverythingOnCdEdge(even_with_quirk=True, span=ZAP_EVERYTHING)


def test_a_new_policy_is_one_class_and_runs_at_once() -> None:
    run = simulate(open_scenario("ovmf-8vcpu-2g"), Invented())
    known = simulate(open_scenario("ovmf-8vcpu-2g"), "cd-toggle")
    edges = known.zaps.cause == ZapCause.CR0_CD
    assert run.policy.id == "invented"
    assert run.zaps.time_ns.tolist() == known.zaps.time_ns[edges].tolist() != []


def constants(path: Path) -> Iterator[str]:
    """Yield the strings of a module, those that only document it aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documents:
            yield str(node.value)


def imported(path: Path) -> Iterator[str]:
    """Yield the modules a module imports from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def nameless_modules() -> list[Path]:
    """Return the modules that must know no policy."""
    roots = [PACKAGE / name for name in NAMELESS]
    return [path for root in roots for path in ([root] if root.is_file() else root.rglob("*.py"))]


def test_machine_and_simulation_name_no_policy() -> None:
    modules = nameless_modules()
    assert len(modules) > 5
    for path in modules:
        named = set(constants(path)) & set(policy_ids())
        assert not named, path
        single = [name for name in imported(path) if name.startswith("mtrrviz.core.policies.")]
        assert not single, path


def test_the_search_for_names_finds_them() -> None:
    registered = PACKAGE / "core" / "policies" / "per_vm.py"
    assert "per-vm" in set(constants(registered))
    assert "mtrrviz.core.policies.per_vm" in set(imported(registered.with_name("__init__.py")))

"""Every recorded answer of the kernel's own code, for both policies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.kvm_rules.policy import ZAP_EVERYTHING
from mtrrviz.core.machine import Machine
from mtrrviz.core.msr.register_rules import check_write
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.units import LEVEL_PAGES
from tests.core.vectors import machine_write, refused, rows, written_state


def _accepted(msr: int, value: int, maxphyaddr: int) -> int:
    try:
        check_write(msr, value, maxphyaddr)
    except GeneralProtectionFault:
        return 0
    return 1


def test_valid() -> None:
    """The same writes are accepted and refused."""
    for row in rows("valid"):
        answer = _accepted(row["msr"], int(row["data"], 16), row["maxphyaddr"])
        assert answer == row["accepted"], row


def test_memtype() -> None:
    """One page and many at once get the recorded types."""
    for row in rows("memtype"):
        state = written_state(row, bool(row["has_mtrr"]))
        assert [state.memory_type(gfn) for gfn in row["gfns"]] == row["types"], row
        assert state.memory_types(np.array(row["gfns"], np.uint64)).tolist() == row["types"], row
        assert not row["warned"]


def test_consistency() -> None:
    """Uniformity, of aligned and odd queries, and the level limit."""
    for row in rows("consistency"):
        state = written_state(row, bool(row["has_mtrr"]))
        for gfn, pages, answer in row["queries"] + row["odd_queries"]:
            assert state.is_uniform(gfn, pages) == answer, (row["writes"], gfn, pages)
        for gfn, level in row["levels"]:
            assert state.max_level(gfn) == level, (row["writes"], gfn)


def test_fault_map_levels_match_recorded_levels() -> None:
    """The intervals of a fault map hold the recorded level at each page asked for."""
    for row in rows("consistency"):
        machine = Machine(1, "per-vcpu", row["maxphyaddr"], bool(row["has_mtrr"]))
        machine.attach_noncoherent_dma()
        for msr, data, _ in row["writes"]:
            machine_write(machine, 0, msr, data)
        gfns, levels = zip(*row["levels"], strict=True)
        fault_map = machine.fault_map(0)
        found = fault_map.levels[fault_map.index(np.array(gfns, np.uint64))]
        assert found.tolist() == list(levels), row["writes"]


def test_msr_roundtrip() -> None:
    """Reads give back what was written, and unknown registers fault."""
    for row in rows("msr_roundtrip"):
        state = MtrrState(row["maxphyaddr"])
        for kind, msr, *rest in row["ops"]:
            if kind == "set":
                assert refused(state, msr, rest[0]) == rest[1], row["ops"]
            else:
                _check_read(state, msr, *rest)
        assert [[msr, hex(state.read(msr))] for msr, _ in row["final"]] == row["final"]


def _check_read(state: MtrrState, msr: int, code: int, value: str | None) -> None:
    if code:
        with pytest.raises(GeneralProtectionFault):
            state.read(msr)
    else:
        assert hex(state.read(msr)) == value


@pytest.mark.parametrize("policy", ["per-vcpu", "per-vm"])
def test_ept(policy: str) -> None:
    """Leaf bits and level with and without DMA, CD, the quirk and host MMIO."""
    for row in rows("ept"):
        machine = _ept_machine(row, policy)
        for gfn, mmio, bits, level in zip(
            row["gfns"], row["is_mmio"], row["ept_bits"], row["max_level"], strict=True
        ):
            memory_type, ipat = machine.leaf(0, gfn, bool(mmio))
            assert memory_type << 3 | ipat << 6 == bits, (row["tag"], gfn)
            assert machine.max_level(0, gfn) == level, (row["tag"], gfn)
            if not mmio:
                assert machine.fault_map(0).at(gfn) == (bits, level), (row["tag"], gfn)


def _ept_machine(row: dict[str, Any], policy: str) -> Machine:
    machine = Machine(
        1, policy, row["maxphyaddr"], bool(row["has_mtrr"]), not row["quirk_disabled"]
    )
    for _ in range(row["dma"]):
        machine.attach_noncoherent_dma()
    for msr, data, code in row["writes"]:
        assert machine_write(machine, 0, msr, data)[0] == code
    machine.write_cr0(0, 0x6000_0010 if row["cd"] else 0x11)
    return machine


def test_zaps_per_vcpu() -> None:
    """Every op zaps what KVM 6.1 zaps, and the calls it warns about are counted apart."""
    for row in rows("zaps"):
        machine = Machine(row["nvcpu"], "per-vcpu", row["maxphyaddr"])
        for op, answer in zip(row["ops"], row["before"], strict=True):
            assert _run_op(machine, op) == answer, (row["tag"], op)


def test_zaps_per_vm() -> None:
    """The same under the patch, whose fourth part adds a zap when DMA comes or goes."""
    for row in rows("zaps"):
        machine = Machine(row["nvcpu"], "per-vm", row["maxphyaddr"])
        answers = list(row["after"])
        for position in row["after_plus_dma_zap"]:
            answers[position] = [0, [list(ZAP_EVERYTHING)]]
        for op, answer in zip(row["ops"], answers, strict=True):
            assert _run_op(machine, op) == answer, (row["tag"], op)


def _run_op(machine: Machine, op: list[Any]) -> list[Any]:
    """Do one recorded op and return [code, zaps] plus, if there were any, the refused calls."""
    bad_before = machine.bad_zaps
    code, zaps = _do(machine, op)
    if machine.bad_zaps == bad_before:
        return [code, zaps]
    assert machine.last_bad_zap is not None
    return [code, zaps, [list(machine.last_bad_zap)]]


def _do(machine: Machine, op: list[Any]) -> tuple[int, list[list[int]]]:
    kind, *rest = op
    if kind == "w":
        return machine_write(machine, *rest)
    if kind == "quirk":
        machine.cd_nw_quirk = not rest[0]
        return 0, []
    if kind == "cr0":
        vcpu, old, new = rest
        assert machine.cr0(vcpu) == int(old, 16)
        return 0, [list(span) for span in machine.write_cr0(vcpu, int(new, 16))]
    change = machine.attach_noncoherent_dma if rest[0] > 0 else machine.detach_noncoherent_dma
    return 0, [list(span) for span in change()]


def _multi_machine(row: dict[str, Any], policy: str, has_mtrr: bool) -> Machine:
    machine = Machine(row["nvcpu"], policy, row["maxphyaddr"], has_mtrr)
    machine.attach_noncoherent_dma()
    for vcpu in range(row["nvcpu"]):
        machine.write_cr0(vcpu, 0x11)
    for vcpu, msr, data, code in row["writes"]:
        assert machine_write(machine, vcpu, msr, data)[0] == code
    return machine


def _types(machine: Machine, vcpu: int, gfns: list[int]) -> list[int]:
    return [int(machine.leaf(vcpu, gfn)[0]) for gfn in gfns]


def _levels(machine: Machine, vcpu: int, gfns: list[int]) -> list[int]:
    return [machine.max_level(vcpu, gfn) for gfn in gfns]


def test_multi_vcpu_before() -> None:
    """Under per-vcpu each vCPU gets the types and levels of its own registers."""
    for row in rows("multi_vcpu"):
        machine = _multi_machine(row, "per-vcpu", bool(row["has_mtrr"]))
        vcpus = range(row["nvcpu"])
        assert [_types(machine, v, row["gfns"]) for v in vcpus] == row["types_before"]
        assert [_levels(machine, v, row["gfns"]) for v in vcpus] == row["levels_before"]


def test_multi_vcpu_after() -> None:
    """Under per-vm every vCPU gets vCPU 0's."""
    for row in rows("multi_vcpu"):
        machine = _multi_machine(row, "per-vm", bool(row["has_mtrr"]))
        for vcpu in range(row["nvcpu"]):
            assert _types(machine, vcpu, row["gfns"]) == row["types_after"]
            assert _levels(machine, vcpu, row["gfns"]) == row["levels_after"]


def test_multi_vcpu_with_cpuid_read_too_early() -> None:
    """With its switch on, per-vm gives the types of the patch as it was posted."""
    for row in rows("multi_vcpu"):
        machine = _multi_machine(row, "per-vm:literal-has-mtrr", bool(row["has_mtrr"]))
        gfns = row["gfns"]
        fault_map = machine.fault_map(0)
        assert [fault_map.at(gfn)[0] >> 3 for gfn in gfns] == row["types_after_literal"]
        for vcpu in range(row["nvcpu"]):
            assert _types(machine, vcpu, gfns) == row["types_after_literal"]
            assert _levels(machine, vcpu, gfns) == row["levels_after"]


def test_multi_vcpu_with_srcu_locks_left_held() -> None:
    """With its switch on, the lookups that leave the lock held are marked; types stay."""
    for row in rows("multi_vcpu"):
        machine = _multi_machine(row, "per-vm:srcu-leak", bool(row["has_mtrr"]))
        gfns = row["gfns"]
        leaks = machine.fault_map(0).leaks[machine.fault_map(0).index(np.array(gfns, np.uint64))]
        assert np.flatnonzero(leaks).tolist() == row["srcu_leak"]
        for vcpu in range(row["nvcpu"]):
            found = [i for i, gfn in enumerate(gfns) if machine.leaks_srcu(vcpu, gfn)]
            assert found == row["srcu_leak"]
            assert _types(machine, vcpu, gfns) == row["types_after"]


def test_levels_are_known_to_the_unit_table() -> None:
    """The recorded levels are exactly the ones the program has page counts for."""
    seen = {level for row in rows("consistency") for _, level in row["levels"]}
    assert seen == set(LEVEL_PAGES)

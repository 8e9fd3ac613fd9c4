"""Every policy in every situation, against the table."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.policies import get_policy, policy_ids
from tests.core.oracle import Oracle
from tests.core.policies.policy_table import ROWS, Row, Situation

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine

BOTH = (False, True)
PAGES = (0x10, 0x90, 0x200, 0x4_0000, 0x9_0000, 0x20_0000)
# vCPU 0: WB, UC above 2 GiB, WC in the first 64 KiB x 8; vCPU 1: WT, its MTRRs unlike vCPU 0's.
WRITES = (
    (0, 0x250, 0x0101_0101_0101_0101),
    (0, 0x258, 0x0606_0606_0606_0606),
    (0, 0x200, 0x8000_0000),
    (0, 0x201, 0xFF_8000_0800),
    (0, 0x2FF, 0xC06),
    (1, 0x2FF, 0x804),
)

every_row = pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))


def situation(row: Row, cd: bool, quirk: bool, devices: int) -> tuple[Machine, Situation]:
    """Return a machine of two vCPUs with different MTRRs, and the same as the table sees it."""
    machine = row.machine(2, maxphyaddr=40)
    oracles = [Oracle(40, has_mtrr=True), Oracle(40, has_mtrr=True)]
    for _ in range(devices):
        machine.attach_noncoherent_dma()
    for vcpu, msr, value in WRITES:
        machine.write_msr(vcpu, msr, value)
        oracles[vcpu].write(msr, value)
    for vcpu in range(2):
        machine.write_cr0(vcpu, 0x4000_0011 if cd else 0x11)
    machine.cd_nw_quirk = quirk
    return machine, Situation(oracles, [cd, cd], quirk, devices)


def test_the_table_names_every_policy() -> None:
    assert tuple(dict.fromkeys(row.policy for row in ROWS.values())) == policy_ids()


@every_row
def test_leaves_and_levels(row: Row) -> None:
    for cd, quirk, devices in product(BOTH, BOTH, (0, 1, 2)):
        machine, now = situation(row, cd, quirk, devices)
        for vcpu, gfn in product((0, 1), PAGES):
            leaf, level = row.leaf(now, vcpu, gfn), row.level(now, vcpu, gfn)
            assert machine.leaf(vcpu, gfn) == leaf, (cd, quirk, devices, vcpu, gfn)
            assert machine.max_level(vcpu, gfn) == level, (cd, quirk, devices, vcpu, gfn)
            assert machine.fault_map(vcpu).at(gfn) == (leaf[0] << 3 | leaf[1] << 6, level)


@every_row
def test_host_mmio_is_uc_with_pat_whatever_else(row: Row) -> None:
    for cd, quirk, devices, vcpu in product(BOTH, BOTH, (0, 1), (0, 1)):
        machine, _ = situation(row, cd, quirk, devices)
        assert machine.leaf(vcpu, 0x9_0000, mmio=True) == (0, 0)


@every_row
def test_vcpus_with_equal_answers_share_a_map(row: Row) -> None:
    for cd, quirk, devices in product(BOTH, BOTH, (0, 1)):
        machine, now = situation(row, cd, quirk, devices)
        alike = all(row.leaf(now, 0, g) == row.leaf(now, 1, g) for g in PAGES)
        alike &= all(row.level(now, 0, g) == row.level(now, 1, g) for g in PAGES)
        assert (machine.fault_map(0) is machine.fault_map(1)) == alike


@every_row
def test_writes_of_every_kind(row: Row) -> None:
    for cd, quirk, devices, vcpu in product(BOTH, BOTH, (0, 1), (0, 1)):
        machine, now = situation(row, cd, quirk, devices)
        for msr, value in ((0x2FF, 0xC06), (0x250, 6), (0x268, 5), (0x202, 1), (0x203, 0x800)):
            zaps = machine.write_msr(vcpu, msr, value)
            now.oracles[vcpu].write(msr, value)
            wanted = row.write(now, vcpu, msr) or []
            assert zaps == [span for span in wanted if span[0] < span[1]], (cd, vcpu, hex(msr))


@every_row
def test_both_cd_edges(row: Row) -> None:
    for cd, quirk, devices, vcpu in product(BOTH, BOTH, (0, 1), (0, 1)):
        machine, now = situation(row, cd, quirk, devices)
        zaps = machine.write_cr0(vcpu, 0x11 if cd else 0x4000_0011)
        assert zaps == (row.edge(now, vcpu) or []), (cd, quirk, devices, vcpu)


@every_row
def test_devices_zap_when_the_first_comes_and_the_last_goes(row: Row) -> None:
    machine = row.machine()
    calls = (machine.attach_noncoherent_dma,) * 2 + (machine.detach_noncoherent_dma,) * 2
    none: list[tuple[int, int]] = []
    wanted = row.dma() or none
    assert [call() for call in calls] == [wanted, none, none, wanted]
    assert machine.zap_requests == 2 * len(wanted)


@every_row
def test_what_costs_depend_on_is_declared(row: Row) -> None:
    policy = get_policy(row.policy)
    assert policy.zap_lock == {"write": "exclusive", "read": "shared"}[row.cells["lock"]]
    assert policy.serialises == (row.cells["ser"] == "yes")
    assert policy.cuts_by_memslots == (row.cells["cut"] == "yes")


@every_row
def test_the_cut_by_slots_is_made_where_it_is_declared(row: Row) -> None:
    slots = ((0, 0xA0), (0x100, 0x8_0000))
    machine = row.machine(slots=slots)
    machine.attach_noncoherent_dma()
    machine.write_cr0(0, 0x11)
    zaps = machine.write_msr(0, 0x2FF, 0x806)
    uncut: list[tuple[int, int]] = [] if row.cells["writes"] == "-" else [(0, 2**52 - 1)]
    assert zaps == (list(slots) if row.cells["cut"] == "yes" else uncut)

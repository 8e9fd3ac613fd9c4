"""The zap rules one case at a time: the list, its order, what a CD edge changes, the cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.costs.zap_queue import queued, within_slots
from mtrrviz.core.machine import Machine

ALL = (0, 2**52 - 1)
GIB_PAGES = 1 << 18
FINE = ("fine-grained", "slot-split", "fine-grained+shared", "slot-split+shared")
FIXED = (0x250, 0x258, 0x259, *range(0x268, 0x270))
WB8 = 0x0606_0606_0606_0606


def machine_of(
    policy: str = "fine-grained", has_mtrr: bool = True, cd_nw_quirk: bool = True
) -> Machine:
    """Return a vCPU with a device, caches on, MTRRs off and every fixed byte WB."""
    machine = Machine(1, policy, 46, has_mtrr, cd_nw_quirk)
    machine.attach_noncoherent_dma()
    machine.write_cr0(0, 0x11)
    for msr in FIXED:
        machine.write_msr(0, msr, WB8)
    return machine


def edges(machine: Machine) -> list[list[tuple[int, int]]]:
    """Set and clear CD; return what each edge zaps."""
    return [machine.write_cr0(0, 0x4000_0011), machine.write_cr0(0, 0x11)]


def range_of(machine: Machine, pair: int, base: int, size: int, kind: int, valid: int = 1) -> None:
    """Write a variable range."""
    machine.write_msr(0, 0x200 + 2 * pair, base | kind)
    machine.write_msr(0, 0x201 + 2 * pair, (1 << 46) - size | valid << 11)


@pytest.mark.parametrize("policy", FINE)
def test_ovmf_example(policy: str) -> None:
    """Default WB, 640 KiB to 1 MiB UC, UC from 2 to 4 GiB; Linux adds UC from 32 to 64 GiB."""
    machine = machine_of(policy)
    for msr in FIXED[2:]:
        machine.write_msr(0, msr, 0)
    range_of(machine, 0, 2 << 30, 2 << 30, 0)
    machine.write_msr(0, 0x2FF, 0xC06)
    assert edges(machine) == [[(0, 0x100), (0x8_0000, 0x10_0000)]] * 2
    range_of(machine, 1, 32 << 30, 32 << 30, 0)
    wanted = [(0, 0x100), (0x8_0000, 0x10_0000), (0x80_0000, 0x100_0000)]
    assert edges(machine) == [wanted] * 2


def test_enabled_with_default_wb_and_nothing_else_asks_for_nothing_but_counts() -> None:
    machine = machine_of()
    machine.write_msr(0, 0x2FF, 0xC06)
    before = machine.zap_requests
    assert edges(machine) == [[], []]
    assert machine.zap_requests == before + 2


def test_disabled_without_mtrr_in_cpuid_asks_for_nothing_at_all() -> None:
    machine = machine_of(has_mtrr=False)
    before = machine.zap_requests
    assert edges(machine) == [[], []]
    assert machine.zap_requests == before


@pytest.mark.parametrize("deftype", [0, 6, 0x400, 0x406])
def test_disabled_with_mtrr_in_cpuid_drops_all(deftype: int) -> None:
    machine = machine_of()
    machine.write_msr(0, 0x2FF, deftype)
    assert edges(machine) == [[ALL]] * 2


@pytest.mark.parametrize("kind", [0, 1, 4, 5])
def test_another_default_drops_all(kind: int) -> None:
    machine = machine_of()
    machine.write_msr(0, 0x2FF, 0x800 | kind)
    assert edges(machine) == [[ALL]] * 2


@pytest.mark.parametrize("deftype", [0, 0x806, 0xC06])
@pytest.mark.parametrize("has_mtrr", [False, True])
def test_quirk_off_drops_all_always(deftype: int, has_mtrr: bool) -> None:
    machine = machine_of(has_mtrr=has_mtrr, cd_nw_quirk=False)
    machine.write_msr(0, 0x2FF, deftype)
    assert edges(machine) == [[ALL]] * 2


@pytest.mark.parametrize("deftype", [0x806, 0xC06])
@pytest.mark.parametrize("msr", FIXED)
def test_one_fixed_byte_drops_the_first_mib_as_one_range_even_without_fe(
    deftype: int, msr: int
) -> None:
    machine = machine_of()
    machine.write_msr(0, msr, WB8 & ~0xFF | 5)
    machine.write_msr(0, 0x2FF, deftype)
    assert edges(machine) == [[(0, 0x100)]] * 2


def test_only_valid_ranges_that_are_not_wb_count() -> None:
    machine = machine_of()
    range_of(machine, 0, 1 << 30, 1 << 30, 6)
    range_of(machine, 1, 2 << 30, 1 << 30, 0, valid=0)
    range_of(machine, 2, 3 << 30, 1 << 30, 4)
    machine.write_msr(0, 0x2FF, 0x806)
    assert edges(machine) == [[(3 * GIB_PAGES, 4 * GIB_PAGES)]] * 2


def test_a_range_reaches_as_far_as_kvm_takes_it_to() -> None:
    """Holes in the mask are filled and the base is not rounded down."""
    machine = machine_of()
    machine.write_msr(0, 0x200, 0x8010_0000)
    machine.write_msr(0, 0x201, (1 << 46) - (1 << 30) | 0x800)
    machine.write_msr(0, 0x202, 0x1_0000_0000)
    machine.write_msr(0, 0x203, (1 << 46) - (1 << 21) - (1 << 32) | 0x800)
    machine.write_msr(0, 0x2FF, 0x806)
    holed = (0x10_0000, (0x1_0000_0000 | 0x1_001F_F000) + 0x1000 >> 12)
    assert edges(machine)[0] == [holed, (0x8_0100, 0xC_0000)]


def test_exact_duplicates_go_and_overlaps_stay() -> None:
    machine = machine_of()
    for pair, (base, size) in enumerate(((2, 2), (2, 2), (2, 1), (3, 1), (8, 1))):
        range_of(machine, pair, base << 30, size << 30, pair % 2)
    machine.write_msr(0, 0x2FF, 0x806)
    wanted = [(8, 9), (3, 4), (2, 3), (2, 4)]
    assert edges(machine)[0] == [(a * GIB_PAGES, b * GIB_PAGES) for a, b in wanted]


def test_the_toggling_vcpus_own_mtrrs_count() -> None:
    machine = Machine(2, "fine-grained")
    machine.attach_noncoherent_dma()
    for msr in FIXED:
        machine.write_msr(1, msr, WB8)
    machine.write_msr(1, 0x2FF, 0x806)
    assert machine.write_cr0(1, 0x11) == []
    assert machine.write_cr0(0, 0x11) == [ALL]


def test_serialised_edges_ask_for_what_writes_ask_for() -> None:
    """Or else a CD edge and a write of DEF_TYPE would never be duplicates in the list."""
    machine = machine_of("serialized")
    assert edges(machine) == [machine.write_msr(0, 0x2FF, 0x806)] * 2
    direct = machine_of("cd-toggle")
    assert edges(direct) == [[(0, 2**64 - 1)]] * 2


SLOTS = ((0, 0xA0), (0xC0, 0x8_0000), (0x10_0000, 0x48_0000), (0xF_FC00, 0x10_0000))


def split_machine(*slots: tuple[int, int]) -> Machine:
    machine = Machine(1, "slot-split", 46, slots=slots)
    machine.attach_noncoherent_dma()
    machine.write_cr0(0, 0x11)
    return machine


def test_all_memory_is_cut_by_slots_shortest_first() -> None:
    zaps = split_machine(*SLOTS).write_msr(0, 0x2FF, 0x806)
    assert zaps == [(0, 0xA0), (0xF_FC00, 0x10_0000), (0xC0, 0x8_0000), (0x10_0000, 0x48_0000)]


def test_slots_of_both_address_spaces_are_zapped_once() -> None:
    smram = (0xA0, 0xC0)
    zaps = split_machine(*SLOTS, *SLOTS, smram).write_msr(0, 0x2FF, 0x806)
    assert zaps == [smram, *split_machine(*SLOTS).write_msr(0, 0x2FF, 0x806)]


def test_a_written_range_is_cut_and_one_outside_all_slots_still_counts() -> None:
    machine = split_machine(*SLOTS)
    machine.write_msr(0, 0x2FF, 0xC06)
    assert machine.write_msr(0, 0x258, 0) == [(0x80, 0xA0)]
    before = machine.zap_requests
    assert machine.write_msr(0, 0x259, 0) == []
    assert machine.zap_requests == before + 1
    machine.write_msr(0, 0x201, (1 << 46) - (1 << 30) | 0x800)
    assert machine.write_msr(0, 0x200, 0xC000_0000) == [(0xF_FC00, 0x10_0000)]


def test_listed_ranges_and_device_zaps_are_not_cut() -> None:
    machine = split_machine(*SLOTS)
    range_of(machine, 0, 2 << 30, 2 << 30, 0)
    machine.write_msr(0, 0x2FF, 0x806)
    assert edges(machine)[0] == [(0, 0x100), (0x8_0000, 0x10_0000)]
    assert machine.detach_noncoherent_dma() == [ALL]


def test_an_edge_that_drops_all_is_cut() -> None:
    assert edges(split_machine((0, 0x100)))[0] == [(0, 0x100)]


def test_without_slots_given_nothing_is_cut() -> None:
    assert edges(split_machine())[0] == [ALL]


SPANS = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda span: span[0] < span[1])


@given(st.lists(SPANS))
def test_the_list_is_as_kvm_builds_it_one_by_one(spans: list[tuple[int, int]]) -> None:
    """Insertion before the first member that is longer, or as long and lower; duplicates freed."""
    built: list[tuple[int, int]] = []
    for span in spans:
        place = place_in([*built, (0, 99)], span)
        if built[place : place + 1] != [span]:
            built.insert(place, span)
    assert queued(spans) == tuple(built)


def place_in(members: list[tuple[int, int]], span: tuple[int, int]) -> int:
    """Return where a walk over the list stops for this range; the last member is the longest."""
    length = span[1] - span[0]
    for place, (start, end) in enumerate(members):
        if length < end - start or (length == end - start and span[0] >= start):
            return place
    raise AssertionError(members)


@given(SPANS, st.lists(SPANS, min_size=1))
def test_the_cut_keeps_exactly_the_pages_in_slots(
    span: tuple[int, int], slots: list[tuple[int, int]]
) -> None:
    kept = {page for part in within_slots(span, slots) for page in range(*part)}
    assert kept == set(range(*span)) & {page for slot in slots for page in range(*slot)}

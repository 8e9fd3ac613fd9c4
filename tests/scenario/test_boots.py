"""Generated boots write what recorded ones wrote, for every vCPU, and scale as published."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.generated.boot_machine import WINDOW_SIZE, address_bits, pci_window
from mtrrviz.scenario.generated.boots import generate_boot, resized
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.model import Aps, Scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.lock_tables import table_history
from mtrrviz.sim.zap_requests import replay_requests

if TYPE_CHECKING:
    from mtrrviz.scenario.events import EventKind

RECORDED = [
    (firmware, vcpus, memory)
    for firmware in ("ovmf", "seabios")
    for vcpus, memory in ((8, 2), (8, 16), (16, 16))
]


def by_vcpu(scenario: Scenario) -> dict[int, list[tuple[EventKind, int, int, str]]]:
    """Return what each vCPU does, in order."""
    result: dict[int, list[tuple[EventKind, int, int, str]]] = {}
    for event in scenario.events:
        result.setdefault(event.vcpu, []).append(
            (event.kind, event.register, event.value, event.origin)
        )
    return result


def recorded_boot(firmware: str, vcpus: int, memory: int) -> Scenario:
    return open_scenario(f"{firmware}-{vcpus}vcpu-{memory}g")


@pytest.mark.parametrize(("firmware", "vcpus", "memory"), RECORDED)
def test_every_vcpu_does_what_was_recorded(firmware: str, vcpus: int, memory: int) -> None:
    generated = generate_boot(firmware, vcpus, memory)
    assert by_vcpu(generated) == by_vcpu(recorded_boot(firmware, vcpus, memory))


@pytest.mark.parametrize(("firmware", "vcpus", "memory"), RECORDED)
def test_machine_and_phases_are_the_recorded_ones(firmware: str, vcpus: int, memory: int) -> None:
    ours, theirs = generate_boot(firmware, vcpus, memory), recorded_boot(firmware, vcpus, memory)
    assert sorted(ours.machine.regions, key=lambda r: r.start) == list(theirs.machine.regions)
    assert ours.machine.maxphyaddr == theirs.machine.maxphyaddr
    assert [(p.name, p.aps) for p in ours.phases] == [(p.name, p.aps) for p in theirs.phases]


@pytest.mark.parametrize("firmware", ["ovmf", "seabios"])
def test_each_vcpus_phases_are_the_recorded_ones(firmware: str) -> None:
    def ap_phases(scenario: Scenario) -> list[tuple[str, EventKind]]:
        acts = [(scenario.phase_at(e.time_ns), e) for e in scenario.events if e.vcpu == 1]
        return [(phase.name if phase else "", event.kind) for phase, event in acts]

    generated = generate_boot(firmware, 8, 16)
    assert ap_phases(generated) == ap_phases(recorded_boot(firmware, 8, 16))


@pytest.mark.parametrize("firmware", ["ovmf", "seabios"])
def test_times_are_those_of_the_recording_with_8_vcpus(firmware: str) -> None:
    ours, theirs = generate_boot(firmware, 8, 16), recorded_boot(firmware, 8, 16)
    phases = [(p.start_ns, q.start_ns) for p, q in zip(ours.phases, theirs.phases, strict=True)]
    events: list[tuple[int, int]] = []
    for vcpu in range(8):
        pairs = ([e.time_ns for e in boot.events if e.vcpu == vcpu] for boot in (ours, theirs))
        events += zip(*pairs, strict=True)
    off = sorted(abs(time_ns - recorded) / theirs.duration_ns for time_ns, recorded in events)
    assert ours.duration_ns == pytest.approx(theirs.duration_ns, rel=1e-3)
    assert all(abs(a - b) < 0.003 * theirs.duration_ns for a, b in phases)
    assert off[len(off) // 2] < 0.002
    assert off[-1] < 0.03  # APs woken together come in an order of their own


@pytest.mark.parametrize(("firmware", "vcpus", "memory"), RECORDED)
def test_each_phase_finds_the_same_page_directories(firmware: str, vcpus: int, memory: int) -> None:
    ours, theirs = generate_boot(firmware, vcpus, memory), recorded_boot(firmware, vcpus, memory)
    phases = zip(ours.phases[2:-1], theirs.phases[2:-1], strict=True)
    our_tables, their_tables = table_history(ours), table_history(theirs)
    for our_phase, their_phase in phases:
        generated = our_tables.directories(our_phase.start_ns)
        assert generated == their_tables.directories(their_phase.start_ns), our_phase.name


@pytest.mark.parametrize("vcpus", [1, 2, 3, 64, 255])
@pytest.mark.parametrize(
    ("firmware", "policy", "per_vcpu", "constant"),
    [
        ("ovmf", "per-vcpu", 10, 4),
        ("ovmf", "cd-toggle", 9, 2),
        ("ovmf", "per-vm", 0, 14),
        ("seabios", "per-vcpu", 6, 2),
        ("seabios", "cd-toggle", 5, 2),
        ("seabios", "per-vm", 0, 8),
    ],
)
def test_requests_grow_as_the_pattern_says(
    vcpus: int, firmware: str, policy: str, per_vcpu: int, constant: int
) -> None:
    boot = generate_boot(firmware, vcpus, 4, touches=False)
    assert len(replay_requests(boot, policy)) == per_vcpu * vcpus + constant


def test_serialised_steps_do_not_overlap() -> None:
    boot = generate_boot("seabios", 100, 4)
    for phase, following in zip(boot.phases, boot.phases[1:], strict=False):
        if phase.aps is not Aps.SERIALISED:
            continue
        inside = [
            e.vcpu
            for e in boot.events
            if phase.start_ns <= e.time_ns < following.start_ns and e.writes_msr
        ]
        changes = sum(a != b for a, b in itertools.pairwise(inside))
        assert changes == len(set(inside)) - 1 > 90


def test_events_are_in_order_and_within_the_boot() -> None:
    boot = generate_boot("ovmf", 255, 1024)
    times = boot.events.time_ns.tolist()
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] < boot.duration_ns
    assert int(boot.touches.time_ns[-1]) <= boot.duration_ns


@pytest.mark.parametrize("memory", [0.125, 1, 2, 3.5, 30, 31, 64, 2048, 16384])
@pytest.mark.parametrize("firmware", ["ovmf", "seabios"])
def test_any_memory_gives_a_layout_without_overlaps(firmware: str, memory: float) -> None:
    machine = generate_boot(firmware, 2, memory).machine
    regions = machine.regions
    for before, after in itertools.pairwise(regions):
        assert before.start < before.end <= after.start < after.end
    ram = sum(region.size_bytes for region in regions if region.kind == "ram")
    assert ram == machine.memory_bytes - 0x2_0000
    assert regions[-1].end <= 1 << machine.maxphyaddr


@pytest.mark.parametrize("memory", [2, 512, *range(950, 1060, 3), 2000, 2014, 2050, 4060, 16384])
def test_addresses_are_as_wide_as_the_window_needs_and_no_wider(memory: int) -> None:
    end = pci_window(memory) + WINDOW_SIZE
    bits = address_bits(memory)
    assert end <= 1 << bits
    assert bits == 40 or end > 1 << (bits - 1)


def test_no_write_is_refused_for_large_guests() -> None:
    boot = generate_boot("ovmf", 2, 16384)
    state = simulate(boot, "per-vcpu").at(boot.duration_ns).machine.mtrr(1)
    window = boot.machine.regions[-1]
    assert state.memory_type(window.first_gfn).name == "UC"
    assert state.memory_type(window.end_gfn - 1).name == "UC"
    assert state.memory_type(boot.machine.regions[-2].first_gfn).name == "WB"


@pytest.mark.parametrize(
    ("firmware", "vcpus", "memory"),
    [("coreboot", 8, 2), ("ovmf", 0, 2), ("ovmf", 256, 2), ("ovmf", 8, 0), ("ovmf", 8, 1e9)],
)
def test_impossible_guests_are_refused(firmware: str, vcpus: int, memory: float) -> None:
    with pytest.raises(MtrrvizError):
        generate_boot(firmware, vcpus, memory)


def test_a_recorded_boot_is_resized_with_its_settings() -> None:
    boot = recorded_boot("seabios", 8, 2)
    boot = replace(boot, machine=replace(boot.machine, cd_nw_quirk=False, host_level=1))
    assert resized(boot, 8) is boot
    large = resized(boot, 32, 4)
    assert (large.machine.vcpus, large.machine.memory_bytes) == (32, 4 << 30)
    assert (large.machine.cd_nw_quirk, large.machine.host_level) == (False, 1)
    assert large.events == generate_boot("seabios", 32, 4).events


def test_what_is_no_boot_has_one_size() -> None:
    with pytest.raises(MtrrvizError, match="not a boot"):
        resized(open_scenario("sandbox"), 4)

"""Hosts in scenario files: what only they have, what is refused, and seeing one as a guest."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.figures import figures
from mtrrviz.scenario import EventKind, Scenario, ScenarioError
from mtrrviz.scenario.complaints import ComplaintKind, KernelComplaint
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.machine_kind import as_guest, as_host, as_kind
from mtrrviz.scenario.machine_spec import MachineKind, Maker, RegionKind
from mtrrviz.sim.simulate import simulate

HOST = """\
schema = 1
title = "a host"

[machine]
kind = "host"
maker = "amd"
tom2 = "17 GiB"
pairs = 10
vcpus = 2
memory = "16 GiB"
maxphyaddr = 40

[[machine.unknown]]
vcpu = 1
registers = ["IA32_MTRR_PHYSBASE9", 0x213]

[[machine.region]]
name = "RAM"
kind = "ram"
start = 0x0
size = "1 GiB"

[[machine.region]]
name = "stolen memory"
kind = "reserved"
start = 0x4000_0000
size = "64 MiB"

[[machine.region]]
name = "not told"
kind = "unknown"
start = 0x1_0000_0000
size = "16 GiB"

[[event]]
t = 0.0
kind = "vmm-wrmsr"
register = "IA32_MTRR_PHYSBASE9"
value = 0x6
origin = "import"

[[event]]
t = 0.0
kind = "vmm-wrmsr"
vcpu = 1
register = 0x213
value = 0x0
origin = "import"
"""


def parsed(text: str) -> Scenario:
    return parse_scenario(text, "host.toml", Path())


def changed(old: str, new: str) -> str:
    assert old in HOST
    return HOST.replace(old, new, 1)


def test_a_host_has_what_its_file_says() -> None:
    machine = parsed(HOST).machine
    assert machine.is_host
    assert (machine.maker, machine.tom2_end, machine.variable_pairs) == (Maker.AMD, 17 << 30, 10)
    assert machine.unknown_registers == {(1, 0x212), (1, 0x213)}
    kinds = [region.kind for region in machine.regions]
    assert kinds == [RegionKind.RAM, RegionKind.RESERVED, RegionKind.UNKNOWN]
    assert machine.slots == ()


def test_a_saved_host_is_the_same() -> None:
    scenario = parsed(HOST)
    again = parsed(scenario_text(scenario))
    assert (again.machine, again.events) == (scenario.machine, scenario.events)


def test_all_registers_can_be_unknown_and_stay_so_when_saved() -> None:
    scenario = parsed(changed('["IA32_MTRR_PHYSBASE9", 0x213]', '["all"]'))
    unknown = scenario.machine.unknown_registers
    assert len(unknown) == 1 + 11 + 20 + 1
    assert {vcpu for vcpu, _ in unknown} == {1}
    text = scenario_text(scenario)
    assert 'registers = ["all"]' in text
    assert parsed(text).machine == scenario.machine


def test_a_write_makes_an_unknown_register_known() -> None:
    scenario = parsed(HOST)
    machine = simulate(scenario, "hardware").at(0).machine
    assert machine.mtrr(1).unknown == {0x212}
    assert machine.mtrr(0).unknown == frozenset()


MISTAKES = {
    "kind": ('kind = "host"', 'kind = "hots"', "machine.kind", "one of guest, host"),
    "maker": ('maker = "amd"', 'maker = "via"', "machine.maker", "one of unknown, intel, amd"),
    "tom2 below 4 GiB": ('"17 GiB"', '"4 GiB"', "machine.tom2", "above 4 GiB"),
    "tom2 too high": ('"17 GiB"', '"2 TiB"', "machine.tom2", "a multiple of 4 KiB"),
    "tom2 of Intel": ('maker = "amd"', 'maker = "intel"', "machine.tom2", 'maker = "amd"'),
    "pairs": ("pairs = 10", "pairs = 33", "machine.pairs", "an integer <= 32"),
    "pair of no machine": ("0x213", "0x214", "machine.unknown[0].registers", "10 pairs"),
    "unknown name": ('"IA32_MTRR_PHYSBASE9"', '"X"', "machine.unknown[0].registers", "or 'all'"),
    "unknown vcpu": ("vcpu = 1\nreg", "vcpu = 2\nreg", "machine.unknown[0].vcpu", "below 2"),
    "a guest's pairs": ('kind = "host"', 'kind = "guest"', "machine.pairs", 'kind = "host"'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(mistake: str) -> None:
    old, new, place, expected = MISTAKES[mistake]
    with pytest.raises(ScenarioError) as caught:
        parsed(changed(old, new))
    assert caught.value.place.startswith(place)
    assert expected in caught.value.expected


def test_a_guest_has_no_tom2() -> None:
    text = changed('kind = "host"', 'kind = "guest"').replace("pairs = 10", "pairs = 8")
    with pytest.raises(ScenarioError, match="a guest has no TOM2"):
        parsed(text)


def test_a_host_may_not_know_its_memory_a_guest_must() -> None:
    assert parsed(changed('"16 GiB"', "0")).machine.memory_bytes == 0
    with pytest.raises(ScenarioError, match="without memory"):
        parsed(changed('"16 GiB"', "0").replace('kind = "host"', ""))


def test_a_host_seen_as_a_guest_and_back_is_the_same() -> None:
    host = parsed(HOST)
    guest = as_guest(host)
    assert not guest.machine.is_host
    assert guest.machine.variable_pairs == 8
    assert [event.kind for event in guest.events].count(EventKind.DMA_ATTACH) == 1
    assert guest.events[-1].kind is EventKind.DMA_ATTACH, "after the state is set up"
    back = as_host(guest)
    assert (back.machine, back.events) == (host.machine, host.events)
    assert as_kind(guest, MachineKind.GUEST) is guest
    run = simulate(guest, "per-vcpu")
    assert figures(run).zap_count == 0
    assert run.at(0).machine.noncoherent_dma == 1


def test_a_host_runs_on_hardware_whatever_is_asked_for_and_no_guest_does() -> None:
    host = parsed(HOST)
    assert simulate(host, "per-vm").policy.id == "hardware"
    with pytest.raises(MtrrvizError, match="not on bare hardware"):
        simulate(as_guest(host), "hardware")


COMPLAINT = """
[[complaint]]
kind = "type mismatch"
text = "mtrr: type mismatch for d0000000,8000000"
file = "dmesg.txt"
line = 12
start = 0xd0000000
end = 0xd8000000
"""


def test_a_kernels_complaints_are_kept_and_saved() -> None:
    scenario = parsed(HOST + COMPLAINT)
    (found,) = scenario.complaints
    assert found == KernelComplaint(
        ComplaintKind.TYPE_MISMATCH, "mtrr: type mismatch for d0000000,8000000", "dmesg.txt", 12,
        0xD000_0000, 0xD800_0000,
    )  # fmt: skip
    short = replace(scenario, complaints=(KernelComplaint(ComplaintKind.OTHER, "odd"),))
    for one in (scenario, short):
        assert parsed(scenario_text(one)).complaints == one.complaints


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"type mismatch"', '"mismatch"', "complaint[0].kind"),
        ("line = 12", "line = -1", "complaint[0].line"),
        ("0xd8000000", "0xc0000000", "complaint[0]"),
        ("0xd8000000", "0x1_0000_0000_0000_00", "complaint[0].end"),
        ("0xd0000000", '"far"', "complaint[0].start"),
    ],
)
def test_a_wrong_complaint_gets_one_message(old: str, new: str, place: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parsed(HOST + COMPLAINT.replace(old, new))
    assert place in caught.value.place


def test_that_the_mtrrs_are_on_is_kept_and_saved() -> None:
    told = parsed(changed("pairs = 10", "pairs = 10\nmtrrs_on = true"))
    assert told.machine.mtrrs_on
    assert parsed(scenario_text(told)).machine == told.machine
    assert not parsed(HOST).machine.mtrrs_on

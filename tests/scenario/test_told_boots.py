"""Generated boots and new machines, as they are kept: each event, touch and region in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mtrrviz.scenario.generated.boots import generate_boot, resized
from mtrrviz.scenario.generated.new_machines import LAYOUTS
from tests.kept_texts import require_as_kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario

KEPT = Path(__file__).parents[1] / "data" / "told_boots"
BOOTS = {
    "ovmf-1vcpu-1g": lambda: generate_boot("ovmf", 1, 1),
    "ovmf-3vcpu-70g": lambda: generate_boot("ovmf", 3, 70),
    "seabios-1vcpu-2g": lambda: generate_boot("seabios", 1, 2),
    "seabios-3vcpu-4g": lambda: generate_boot("seabios", 3, 4),
    "resized": lambda: resized(generate_boot("seabios", 1, 2), 2, 16),
}
SIZES = (2 << 20, 64 << 20, 2 << 30, 4 << 30, 64 << 30)


def machine_lines(machine: MachineSpec) -> Iterator[str]:
    numbers = machine.vcpus, machine.maxphyaddr, machine.noncoherent_dma, machine.host_level
    yield f"machine {machine.kind} {' '.join(map(str, numbers))} {machine.memory_bytes:#x}"
    for region in machine.regions:
        yield f"region {region.start:#x} {region.end:#x} {region.kind} {region.name}"


def boot_lines(scenario: Scenario) -> Iterator[str]:
    yield f"boot {scenario.name} {scenario.duration_ns} {scenario.duration_is_modelled}"
    yield from machine_lines(scenario.machine)
    for phase in scenario.phases:
        yield f"phase {phase.start_ns} {phase.aps} {phase.name}"
    for e in scenario.events:
        yield f"event {e.time_ns} {e.vcpu} {e.kind} {e.register:#x} {e.value:#x} {e.origin}"
    for s in scenario.sweeps:
        yield f"sweep {s.time_ns} {s.lasts_ns} {s.vcpu} {s.first_gfn:#x} {s.pages} {s.access}"


def compare(name: str, lines: Iterator[str]) -> None:
    require_as_kept("\n".join(lines) + "\n", KEPT / f"{name}.txt")


@pytest.mark.parametrize("name", BOOTS)
def test_a_generated_boot_does_what_it_did(name: str) -> None:
    compare(name, boot_lines(BOOTS[name]()))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_a_new_machine_has_the_regions_that_it_had(layout) -> None:
    sizes = [size for size in SIZES if size <= layout.most_bytes]
    lines = (line for size in sizes for line in machine_lines(layout.machine(memory_bytes=size)))
    compare(f"new-{layout.id}", lines)

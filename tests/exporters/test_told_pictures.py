"""The pictures of a report, as they are kept: where each line, bar and word of them lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from mtrrviz.exporters.report.map_picture import MOST_REGIONS, map_picture
from mtrrviz.exporters.report.timeline_picture import Scales, timeline_picture
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.sim import simulate
from tests.kept_texts import require_as_kept

KEPT = Path(__file__).parents[1] / "data" / "told_pictures"
NAMES = ("small-machine", "wb-under-cd", "lagging-ap")
MIB = 1 << 20


@pytest.mark.parametrize("name", NAMES)
def test_timelines_are_drawn_as_they_were(name):
    runs = [simulate(open_scenario(name), policy) for policy in ("per-vcpu", "per-vm")]
    scales = Scales.of(runs)
    pictures = [str(timeline_picture(run, scales)) for run in runs]
    require_as_kept("\n\n".join(pictures) + "\n", KEPT / f"timeline-{name}.svg.txt")


@pytest.mark.parametrize("name", NAMES)
def test_maps_are_drawn_as_they_were(name):
    scenario = open_scenario(name)
    run = simulate(scenario, "per-vm")
    times = (scenario.duration_ns // 2, scenario.duration_ns)
    pictures = [str(map_picture(tuple(ranges_at(run.at(at), 1)), "a map")) for at in times]
    require_as_kept("\n\n".join(pictures) + "\n", KEPT / f"map-{name}.svg.txt")


def test_a_map_of_many_regions_and_phases_of_all_widths_are_drawn_as_they_were():
    scenario = open_scenario("small-machine")
    regions = tuple(
        Region(f"RAM number {at} {'x' * (at + 6)}", RegionKind.RAM, at * MIB, (at + 1) * MIB)
        for at in range(MOST_REGIONS + 2)
    )
    devices = [
        Event(at * 50_000_000, kind)
        for at, kind in enumerate([EventKind.DMA_DETACH, EventKind.DMA_ATTACH] * 4)
    ]
    phases = tuple(
        replace(scenario.phases[0], start_ns=start * 1_000_000, name=f"phase {start} of some")
        for start in (0, 1, 40, 90, 200, 210, 600)
    )
    machine = replace(scenario.machine, regions=regions, memory_bytes=len(regions) * MIB)
    made = replace(scenario, machine=machine, events=tuple(devices), sweeps=(), phases=phases)
    run = simulate(made, "per-vcpu")
    map_of_all = map_picture(tuple(ranges_at(run.at(made.duration_ns), 0)), "a map")
    pictures = [str(map_of_all), str(timeline_picture(run, Scales.of([run])))]
    require_as_kept("\n\n".join(pictures) + "\n", KEPT / "many.svg.txt")

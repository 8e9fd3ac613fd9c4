"""The table of zaps per vCPU: readable for one vCPU and for 255."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.policies import HARDWARE, get_policy
from mtrrviz.exporters.host_results import host_run_result
from mtrrviz.exporters.results import results_text
from mtrrviz.facts.figures import figures
from mtrrviz.facts.hosts.hardware_types import host_figures
from mtrrviz.facts.hosts.host_words import FIGURES, figure_words
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.sim import simulate
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr


def per_vcpu(vcpus, writers):
    """Return the lines of zaps per vCPU of a run in which some vCPUs turn their MTRRs on."""
    events = tuple(wrmsr(5 + n, DEFTYPE, ON_WB, vcpu=vcpu) for n, vcpu in enumerate(writers))
    made = scenario(machine(vcpus=vcpus), events)
    runs = [simulate(made, get_policy(name)) for name in ("per-vcpu", "per-vm")]
    text = results_text(runs)
    lines = [line.split() for line in text[text.index("zaps of vCPU") :].splitlines() if line]
    return [figures(run).zaps_per_vcpu for run in runs], lines


@pytest.mark.parametrize("vcpus", [1, 2, 16])
def test_few_vcpus_have_a_column_each(vcpus):
    counts, (heading, *rows) = per_vcpu(vcpus, range(vcpus))
    assert heading[3:] == [str(vcpu) for vcpu in range(vcpus)]
    assert [row[1:] for row in rows] == [[str(n) for n in row] for row in counts]


def test_many_alike_share_a_column():
    counts, (heading, *rows) = per_vcpu(255, range(255))
    assert heading[3:] == ["0", "1-254"]
    assert rows[0][1:] == [str(counts[0][0]), str(counts[0][1]), "each"]
    assert rows[1][1:] == [str(counts[1][0]), "0"]


def test_one_that_differs_parts_its_neighbours():
    counts, (heading, *rows) = per_vcpu(40, [0, 7])
    assert heading[3:] == ["0", "1-6", "7", "8-39"]
    assert rows[0][1:] == [str(counts[0][0]), "0", str(counts[0][7]), "0"]


def test_many_that_differ_stand_in_blocks_of_sixteen():
    counts, lines = per_vcpu(40, range(0, 40, 2))
    headings = [line for line in lines if line[0] == "zaps"]
    assert [line[3] for line in headings] == ["0", "16", "32"]
    rows = [line for line in lines if line[0] == "per-vcpu"]
    assert [int(count) for row in rows for count in row[1:]] == list(counts[0])


@pytest.mark.parametrize("cpus", [1, 4])
@pytest.mark.parametrize("memory", [0, 4 << 30])
def test_a_real_machine_has_cpus_ram_and_figures_of_its_own(cpus, memory):
    spec = replace(machine(vcpus=cpus), kind=MachineKind.HOST, memory_bytes=memory)
    run = simulate(scenario(spec), HARDWARE)
    text = results_text([run])
    assert ("1 CPU," if cpus == 1 else f"{cpus} CPUs,") in text
    assert ("RAM not known" in text) == (not memory)
    words = figure_words(host_figures(run.at(run.scenario.duration_ns), 0))
    lines = text.splitlines()
    for key, caption, _ in FIGURES:
        assert any(line.startswith(caption) and line.endswith(words[key]) for line in lines)
    result = host_run_result(run)
    assert (result["cpus"], result["memory_bytes"], result["machine"]) == (cpus, memory, "host")
    assert result["pairs"] == result["pairs_used"] + result["pairs_free"] + result["pairs_unknown"]

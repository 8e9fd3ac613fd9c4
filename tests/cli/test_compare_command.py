"""compare: two policies beside each other."""

from __future__ import annotations

import json

import pytest

from mtrrviz.core.policies import DEFAULT_COMPARED_ID, DEFAULT_POLICY_ID
from mtrrviz.scenario.library import open_scenario
from tests.narrow import there

KEYS = [
    "scenario",
    "policies",
    "figures",
    "first_difference_s",
    "time_s",
    "differing_bytes",
    "ranges",
]


def answer(mtrrviz, *arguments):
    outcome = mtrrviz("compare", *arguments, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(outcome.out)


def test_text_shows_results_first_difference_and_ranges(mtrrviz):
    outcome = mtrrviz("compare", "small-machine", "--at", "1.2")
    assert outcome.code == 0
    heading = next(line for line in outcome.out.splitlines() if line.endswith("difference"))
    assert heading.split() == [DEFAULT_POLICY_ID, DEFAULT_COMPARED_ID, "difference"]
    assert "The two EPTs first differ at 0.56 s." in outcome.out
    assert "type differs: 8.12 MiB" in outcome.out
    assert "0x300_0000" in outcome.out


def test_json_has_every_key_that_the_help_documents(mtrrviz):
    found = answer(mtrrviz, "small-machine")
    assert list(found) == KEYS
    text = mtrrviz("compare", "--help").out
    places = [text.index(f"\n  {key} ") for key in KEYS]
    assert places == sorted(places)


def test_json_counts_bytes_as_the_ranges_do(mtrrviz):
    found = answer(mtrrviz, "small-machine", "--at", "1.2")
    for kind, size in found["differing_bytes"].items():
        assert size == sum(r["size_bytes"] for r in found["ranges"] if r["difference"] == kind)
    assert found["time_s"] == 1.2


def test_policies_stand_in_the_order_given(mtrrviz):
    one = answer(mtrrviz, "small-machine", "--policy", "kvm-6.11", "--policy", "per-vm")
    other = answer(mtrrviz, "small-machine", "--policy", "per-vm", "--policy", "kvm-6.11")
    assert one["policies"] == ["kvm-6.11", "per-vm"]
    for key, figure in one["figures"].items():
        assert figure["difference"] == -other["figures"][key]["difference"]


@pytest.mark.parametrize("name", ["wb-under-cd", "range-moved"])
def test_a_scenario_is_compared_as_it_wishes_where_nothing_is_said(mtrrviz, name):
    view = open_scenario(name).view
    found = answer(mtrrviz, name)
    assert found["policies"] == [view.policy, view.compared]
    assert found["time_s"] == there(view.time_ns) / 1e9
    assert any(found["differing_bytes"].values())
    said = answer(mtrrviz, name, "--policy", "per-vm", "--policy", "per-vcpu", "--at", "end")
    assert said["policies"] == ["per-vm", "per-vcpu"]
    assert said["time_s"] == open_scenario(name).duration_ns / 1e9


def test_figures_are_those_of_run(mtrrviz):
    found = answer(mtrrviz, "small-machine")["figures"]
    rows = json.loads(mtrrviz("run", "small-machine", "--json").out)
    for key in ("zap_count", "faults", "zap_mcycles", "boot_s"):
        assert [found[key]["a"], found[key]["b"]] == [row[key] for row in rows]


def test_equal_policies_never_differ(mtrrviz):
    outcome = mtrrviz("compare", "small-machine", "--policy", "per-vm", "--policy", "per-vm")
    assert "The two EPTs never differ." in outcome.out
    assert "No page differs at 2 s." in outcome.out


def test_long_lists_end_with_how_to_see_all(mtrrviz):
    scenario = ("compare", "ovmf-8vcpu-16g", "--policy", "per-vcpu", "--policy", "kvm-6.11")
    found = answer(mtrrviz, *scenario[1:], "--at", "2.1")
    lines = mtrrviz(*scenario, "--at", "2.1").out.splitlines()
    listed = [line for line in lines if line.startswith("0x")]
    assert len(listed) == min(40, len(found["ranges"]))
    assert ("--json lists all" in lines[-1]) == (len(found["ranges"]) > 40)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("small-machine", "--policy", "per-vm"), "takes two policies, not 1"),
        (("small-machine", *("--policy", "per-vm") * 3), "takes two policies, not 3"),
        (("small-machine", "--policy", "per-vm", "--policy", "nope"), "unknown policy 'nope'"),
        (("small-machine", "--at", "7"), "ends at 2 s"),
        (("nowhere",), "no such file"),
        ((), "FILE"),
    ],
)
def test_wrong_use_is_refused_in_one_line(refused, arguments, says):
    assert says in refused("compare", *arguments)

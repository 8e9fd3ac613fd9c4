"""list, run and schema: what they print, and what they refuse."""

from __future__ import annotations

import json

import pytest

from mtrrviz import __version__
from mtrrviz.cli.commands import DEFAULT_POLICIES
from mtrrviz.cli.parser import COMMANDS
from mtrrviz.core.policies import DEFAULT_COMPARED_ID, DEFAULT_POLICY_ID, policy_ids
from mtrrviz.scenario.library import builtin_paths

BASIC_KEYS = [
    "scenario",
    "policy",
    "vcpus",
    "memory_bytes",
    "zap_count",
    "zaps_per_vcpu",
    "zap_mcycles",
    "boot_s",
    "faults",
    "refaults",
]


def test_version_is_the_packages(mtrrviz):
    assert mtrrviz("--version").out == f"mtrrviz {__version__}\n"


def test_help_names_every_command_and_gives_examples(mtrrviz):
    outcome = mtrrviz("--help")
    assert outcome.code == 0
    assert all(f"\n    {name} " in outcome.out for name in COMMANDS)
    assert "mtrrviz run ovmf-8vcpu-2g" in outcome.out


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(mtrrviz, command):
    outcome = mtrrviz(command, "--help")
    assert outcome.code == 0
    assert f"\n  mtrrviz {command}" in outcome.out


def test_mend_is_another_name_of_solve(mtrrviz):
    solved = mtrrviz("solve", "ovmf-8vcpu-2g")
    assert solved.code == 0
    assert solved.out
    assert mtrrviz("mend", "ovmf-8vcpu-2g") == solved
    assert "mtrrviz solve ovmf-8vcpu-2g" in mtrrviz("mend", "--help").out


def test_run_help_documents_every_key_in_order(mtrrviz):
    (row,) = json.loads(mtrrviz("run", "sandbox", "--policy", "per-vm", "--json").out)
    text = mtrrviz("run", "--help").out
    places = [text.index(f"\n  {key} ") for key in row]
    assert places == sorted(places)


def test_list_shows_every_built_in_scenario(mtrrviz):
    lines = mtrrviz("list").out.splitlines()
    assert lines[0].split() == ["name", "title", "tags"]
    assert [line.split()[0] for line in lines[1:]] == list(builtin_paths())


def test_list_as_json(mtrrviz):
    rows = json.loads(mtrrviz("list", "--json").out)
    assert [list(row) for row in rows] == [["name", "title", "tags", "vcpus"]] * len(rows)
    sandbox = next(row for row in rows if row["name"] == "sandbox")
    assert (sandbox["tags"], sandbox["vcpus"]) == (["sandbox"], 4)


def test_list_of_policies(mtrrviz):
    ids = [line.split()[0] for line in mtrrviz("list", "--policies").out.splitlines()[1:]]
    assert [name for name in ids if ":" not in name] == list(policy_ids())
    rows = json.loads(mtrrviz("list", "--policies", "--json").out)
    assert [row["id"] for row in rows] == list(policy_ids())
    switched = [switch["id"] for row in rows for switch in row["switches"]]
    assert [name for name in ids if ":" in name] == switched


def test_every_listed_policy_can_be_run(mtrrviz):
    ids = [line.split()[0] for line in mtrrviz("list", "--policies").out.splitlines()[1:]]
    chosen = [word for name in ids for word in ("--policy", name)]
    rows = json.loads(mtrrviz("run", "small-machine", *chosen, "--json").out)
    assert [row["policy"] for row in rows] == ids


def test_the_default_policies_are_the_cores():
    assert (DEFAULT_POLICY_ID, DEFAULT_COMPARED_ID) == DEFAULT_POLICIES


def test_run_compares_both_policies_unless_told(mtrrviz):
    rows = json.loads(mtrrviz("run", "ovmf-8vcpu-2g", "--json").out)
    assert [list(row)[: len(BASIC_KEYS)] for row in rows] == [BASIC_KEYS] * 2
    assert [(row["policy"], row["zap_count"]) for row in rows] == [("per-vcpu", 84), ("per-vm", 14)]
    assert [sum(row["zaps_per_vcpu"]) for row in rows] == [84, 14]


def test_run_prints_a_table_with_zaps_per_vcpu(mtrrviz):
    out = mtrrviz("run", "seabios-8vcpu-2g").out
    table, per_vcpu, *_ = [block.splitlines() for block in out.rstrip("\n").split("\n\n")[1:]]
    assert [line.split()[:2] for line in table[1:]] == [["per-vcpu", "50"], ["per-vm", "8"]]
    assert table[0].count("(modelled)") == 2
    assert sum(map(int, per_vcpu[1].split()[1:])) == 50


def test_run_sets_what_was_published_beside_the_model(mtrrviz):
    table = mtrrviz("run", "ovmf-8vcpu-2g").out.split("\n\n")[-1].splitlines()
    assert [line.split()[-3:] for line in table[2:]] == [
        ["84", "4164.57", "19.38"],
        ["14", "16.07", "18.83"],
    ]
    rows = json.loads(mtrrviz("run", "ovmf-8vcpu-2g", "--json").out)
    assert [each["zap_count"] for row in rows for each in row["published"]] == [84, 14]


def test_nothing_is_published_for_a_scenario_of_ones_own(mtrrviz):
    assert "published" not in mtrrviz("run", "sandbox").out
    (row,) = json.loads(mtrrviz("run", "sandbox", "--policy", "per-vm", "--json").out)
    assert row["published"] == []


def test_run_takes_policies_in_the_order_given(mtrrviz):
    args = ("--policy", "per-vm", "--policy", "per-vcpu")
    rows = json.loads(mtrrviz("run", "sandbox", *args, "--json").out)
    assert [row["policy"] for row in rows] == ["per-vm", "per-vcpu"]


def test_run_takes_a_file(mtrrviz, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(builtin_paths()["small-machine"].read_bytes())
    (row,) = json.loads(mtrrviz("run", path, "--policy", "per-vcpu", "--json").out)
    assert row["scenario"] == "mine"


def test_a_title_cannot_steer_the_terminal(mtrrviz, tmp_path):
    text = builtin_paths()["sandbox"].read_text().replace("Sandbox:", r"\u001b[2J\nSandbox:")
    path = tmp_path / "odd.toml"
    path.write_text(text)
    assert mtrrviz("run", path).out.splitlines()[0].startswith("?[2J Sandbox:")


def test_schema_is_the_json_schema_of_a_scenario(mtrrviz):
    schema = json.loads(mtrrviz("schema").out)
    assert "json-schema.org" in schema["$schema"]
    assert {"ScenarioFile", "EventFile"} <= set(schema["$defs"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "extra"], "unrecognized arguments: extra"),
        (["list", "--bogus"], "--bogus"),
        (["schema", "extra"], "unrecognized arguments: extra"),
        (["run"], "FILE"),
        (["run", "sandbox", "--policy"], "--policy"),
        (["run", "sandbox", "--policy", "nonesuch"], "unknown policy 'nonesuch'"),
        (["run", "nonesuch"], "nonesuch"),
        (["run", "sandbox", "another"], "sandbox: this is a built-in scenario"),
        (["run", "sandbox", "--js"], "--js"),
        (["--bogus"], "--help"),
        (["nonesuch"], "no such file"),
        (["sandbox", "another"], "another"),
    ],
)
def test_bad_usage_is_one_line(refused, arguments, words):
    assert words in refused(*arguments)


def test_a_bad_scenario_is_one_line_with_file_and_place(refused, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(builtin_paths()["sandbox"].read_text().replace("vcpus = 4", "vcpus = 0"))
    words = refused("run", path)
    assert f"{path}: machine.vcpus" in words
    assert "0 is not possible here (expected an integer >= 1)" in words


def test_an_unreadable_scenario_is_one_line(refused, tmp_path):
    path = tmp_path / "noise.toml"
    path.write_bytes(b"\xff\xfe\0")
    assert str(path) in refused("run", path)


def test_policies_are_told_with_story_switches_and_rules(mtrrviz):
    text = mtrrviz("policies", "per-vm").out
    assert "What became of it: Dropped in v3" in text
    assert "zap, MTRR write by another vCPU       nothing" in text
    (row,) = json.loads(mtrrviz("policies", "per-vm:srcu-leak", "--json").out)
    assert row["id"] == "per-vm:srcu-leak"
    assert [s["id"] for s in row["switches"] if s["on"]] == ["srcu-leak"]
    assert {"kind": "leaf", "case": "host MMIO", "answer": "UC, IPAT 0"} in row["rules"]
    every = json.loads(mtrrviz("policies", "--json").out)
    assert [row["id"] for row in every] == list(policy_ids())
    assert mtrrviz("policies", "nope").code == 2


def test_run_counts_the_locks_left_held_with_the_switch_alone(mtrrviz):
    arguments = ("run", "kvm-and-manual", "--policy", "per-vm", "--policy", "per-vm:srcu-leak")
    plain, leaking = json.loads(mtrrviz(*arguments, "--json").out)
    assert "srcu_leaks" not in plain
    assert leaking["srcu_leaks"] == 2976
    assert "per-vm:srcu-leak: SRCU read locks left held: 2976" in mtrrviz(*arguments).out

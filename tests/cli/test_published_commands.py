"""validate, sweep, and run at another number of vCPUs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from msgspec.structs import replace

from mtrrviz.analysis import validation
from mtrrviz.analysis.sweep import SweepRow
from mtrrviz.cli.terminal.progress import Progress
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from mtrrviz.sim.memtype_speed import platforms

KEYS = [
    "series", "firmware", "vcpus", "memory_gib", "variant", "policy", "published_zap_count",
    "zap_count", "published_zap_mcycles", "zap_mcycles", "published_boot_s", "boot_s", "kind",
    "predicted_zap_mcycles",
]  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[validation.ValidationRow]:
    return validation.validate()


@pytest.fixture
def known(monkeypatch, rows):
    """Replace the replays, which take seconds, by what they gave."""
    changed = list(rows)
    monkeypatch.setattr(validation, "validate", lambda costs, progress: changed)
    return changed


def test_validate_prints_all_rows(mtrrviz):
    outcome = mtrrviz("validate")
    lines = outcome.out.splitlines()
    assert outcome.code == 0
    assert len(lines) == 46 + 3
    assert lines[0].split()[:3] == ["series", "firmware", "policy"]
    assert "46 of 46 zap counts" in lines[-1]
    assert outcome.err == ""


def test_validate_as_json(mtrrviz, known):
    found = json.loads(mtrrviz("validate", "--json").out)
    assert found == validation.as_json(known)
    assert [list(row) for row in found] == [KEYS] * 46
    details = mtrrviz("validate", "--help").out
    assert all(key in details for key in KEYS)


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_a_wrong_count_is_a_problem(mtrrviz, known, option):
    known[3] = replace(known[3], zap_count=known[3].zap_count + 1)
    outcome = mtrrviz("validate", *option)
    assert outcome.code == 1
    assert outcome.out


def test_sweep_prints_a_table(mtrrviz):
    outcome = mtrrviz("sweep", "--vcpus", "8,32", "--policy", "per-vm", "--policy", "per-vcpu")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert [line[:4] for line in lines[1:]] == [
        ["per-vm", "2", "8", "14"],
        ["per-vm", "2", "32", "14"],
        ["per-vcpu", "2", "8", "84"],
        ["per-vcpu", "2", "32", "324"],
    ]
    assert [line[-1] == "extrapolated" for line in lines[1:]] == [False, True, False, True]
    assert outcome.err == ""


def test_sweep_writes_csv_to_a_file_or_a_pipe(mtrrviz, tmp_path):
    path = tmp_path / "sweep.csv"
    arguments = ("sweep", "--vcpus", "4", "--memory", "2,16GiB", "--firmware", "seabios")
    assert mtrrviz(*arguments, "-o", path).out == ""
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert list(rows[0]) == list(SweepRow.__struct_fields__)
    assert [row["zap_count"] for row in rows] == ["26", "26", "8", "8"]
    assert [float(row["memory_gib"]) for row in rows] == [2, 16, 2, 16]
    assert mtrrviz(*arguments, "-o", "-").out == path.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--vcpus", "1,x"), "'x' is not a number above 0"),
        (("--vcpus", "0"), "not a number above 0"),
        (("--vcpus", "1.5"), "whole number"),
        (("--vcpus", "1,...,8"), "two growing numbers"),
        (("--vcpus", "1,2,..."), "a number must come after"),
        (("--vcpus", "1,2,...,2"), "must be larger"),
        (("--memory", "0.001,0.0011,...,8"), "more than 1000 numbers"),
        (("--memory", "inf"), "not a number above 0"),
        (("--vcpus", "256"), "256"),
        (("--firmware", "coreboot"), "coreboot"),
        (("--policy", "none"), "unknown policy 'none'"),
        (("--constant", "turn"), "'turn' is not NAME=VALUE"),
        (("--constant", "turn=nan"), "'turn=nan' is not NAME=VALUE"),
        (("--constant", "tirn=1"), "no constant 'tirn'; known are own, turn"),
        (("--constant", "turn=-1"), "turn cannot be -1 cycles: expected 0 to"),
        (("--cpu", "i9-12900K"), "unrecognized arguments: --cpu"),
        (("-o", "/nonexistent/x.csv"), "/nonexistent/x.csv: No such file or directory"),
    ],
)
def test_bad_sweeps_are_refused(refused, arguments, words):
    assert words in refused("sweep", *arguments)


def test_run_takes_another_number_of_vcpus(mtrrviz):
    found = json.loads(mtrrviz("run", "ovmf-8vcpu-2g", "--vcpus", "64", "--json").out)
    assert [(row["vcpus"], row["zap_count"]) for row in found] == [(64, 14 + 10 * 63), (64, 14)]
    same = mtrrviz("run", "ovmf-8vcpu-2g", "--vcpus", "8").out
    assert same == mtrrviz("run", "ovmf-8vcpu-2g").out


@pytest.mark.parametrize(
    ("name", "vcpus", "words"),
    [
        ("ovmf-8vcpu-2g", "many", "'many' is not a number of vCPUs"),
        ("ovmf-8vcpu-2g", "0", "255"),
        ("ovmf-8vcpu-2g", "256", "255"),
        ("sandbox", "16", "sandbox is not a boot"),
    ],
)
def test_impossible_sizes_are_refused(refused, name, vcpus, words):
    assert words in refused("run", name, "--vcpus", vcpus)


def test_progress_writes_its_line_over_on_a_terminal_and_takes_it_away(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    show = Progress("rows")
    show(1, 2)
    show(2, 2)
    assert capsys.readouterr().err == "\r\x1b[K1 of 2 rows\r\x1b[K"


def test_progress_is_shown_on_a_terminal_only(capsys):
    Progress("rows")(1, 2)
    assert capsys.readouterr().err == ""


def test_run_takes_other_constants_and_another_cpu(mtrrviz):
    changed = ("--constant", "own=4516", "--constant", "base=1", "--cpu", "coffee lake-s")
    usual, other = (
        json.loads(mtrrviz("run", "ovmf-8vcpu-2g", "--json", *options).out)[1]
        for options in ((), changed)
    )
    assert (usual["cpu"], usual["changed_constants"]) == ("Sapphire Rapids XCC", {})
    assert other["cpu"] == "Coffee Lake-S"
    assert other["changed_constants"] == {"own": 4516, "base": 1}
    assert other["zap_mcycles"] > 5 * usual["zap_mcycles"]
    assert other["boot_s"] < 3
    assert other["zap_count"] == usual["zap_count"]
    text = mtrrviz("run", "ovmf-8vcpu-2g", *changed).out
    assert text.count("(modelled, constants changed)") == 2


def test_a_cpu_that_was_never_measured_is_refused(refused):
    words = refused("run", "small-machine", "--cpu", "80486")
    assert "no memory speeds of '80486'; known are" in words


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "small-machine"),
        ("sweep", "--vcpus", "1"),
        ("export", "small-machine", "--what", "trace"),
        ("export", "small-machine", "--what", "report"),
    ],
)
def test_what_rests_on_changed_constants_says_so(mtrrviz, arguments):
    assert "constants changed" in mtrrviz(*arguments, "--constant", "own=600").out
    assert "constants changed" not in mtrrviz(*arguments).out


def test_exported_zaps_tell_changed_constants_in_each_row(mtrrviz):
    out = mtrrviz("export", "small-machine", "--what", "zaps", "--constant", "own=600").out
    rows = list(csv.DictReader(out.splitlines()))
    assert rows
    assert {row["changed_constants"] for row in rows} == {"own=600"}


def test_validate_marks_what_rests_on_changed_constants(mtrrviz):
    outcome = mtrrviz("validate", "--json", "--constant", "turn=0")
    assert outcome.code == 0
    assert {row["kind"]["zap_mcycles"] for row in json.loads(outcome.out)} == {"changed"}


def test_constants_and_cpus_are_listed(mtrrviz):
    found = json.loads(mtrrviz("list", "--constants", "--json").out)
    names = [row["name"] for row in found["constants"]]
    assert names == [entry.name for entry in DEFAULT_COSTS.entries()]
    assert found["cpus"] == list(platforms())
    text = mtrrviz("list", "--constants").out
    assert [line.split()[0] for line in text.splitlines()[1 : 1 + len(names)]] == names

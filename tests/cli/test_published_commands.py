"""validate, sweep, and run at another number of vCPUs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from mtrrviz.analysis import validation
from mtrrviz.analysis.sweep import SweepRow
from mtrrviz.cli.progress import Progress
from mtrrviz.cli.sweeping import number_list

KEYS = [
    "series", "firmware", "vcpus", "memory_gib", "variant", "policy", "published_zap_count",
    "zap_count", "published_zap_mcycles", "zap_mcycles", "published_boot_s", "boot_s", "kind",
]  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[validation.Row]:
    return validation.validate()


@pytest.fixture
def known(monkeypatch, rows):
    """Replace the replays, which take seconds, by what they gave."""
    changed = list(rows)
    monkeypatch.setattr(validation, "validate", lambda progress: changed)
    return changed


def test_validate_prints_all_rows(mtrrviz):
    outcome = mtrrviz("validate")
    lines = outcome.out.splitlines()
    assert outcome.code == 0
    assert len(lines) == 46 + 3
    assert lines[0].split()[:3] == ["series", "firmware", "policy"]
    assert "46 of 46 zap counts" in lines[-1]
    assert outcome.err.splitlines()[-1] == "46 of 46 rows"


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


def test_sweep_prints_a_table_and_how_far_it_is(mtrrviz):
    outcome = mtrrviz("sweep", "--vcpus", "8,32", "--policy", "per-vm", "--policy", "per-vcpu")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert [line[:4] for line in lines[1:]] == [
        ["per-vm", "2", "8", "14"],
        ["per-vm", "2", "32", "14"],
        ["per-vcpu", "2", "8", "84"],
        ["per-vcpu", "2", "32", "324"],
    ]
    assert [line[-1] == "extrapolated" for line in lines[1:]] == [False, True, False, True]
    assert outcome.err.splitlines()[-1] == "4 of 4 points"


def test_sweep_writes_csv_to_a_file_or_a_pipe(mtrrviz, tmp_path):
    path = tmp_path / "sweep.csv"
    arguments = ("sweep", "--vcpus", "4", "--memory", "2,16GiB", "--firmware", "seabios")
    assert mtrrviz(*arguments, "-o", path).out == ""
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert list(rows[0]) == list(SweepRow.__dataclass_fields__)
    assert [row["zap_count"] for row in rows] == ["26", "26", "8", "8"]
    assert [float(row["memory_gib"]) for row in rows] == [2, 16, 2, 16]
    assert mtrrviz(*arguments, "-o", "-").out == path.read_text()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("8", [8]),
        ("1, 2,4", [1, 2, 4]),
        ("1,2,4,...,255", [1, 2, 4, 8, 16, 32, 64, 128, 255]),
        ("1,2,...,8", [1, 2, 4, 8]),
        ("2,5,...,12", [2, 5, 8, 11, 12]),
        ("1,3,...,27,30,...,36", [1, 3, 9, 27, 30, 33, 36]),
        ("0.5,2.5", [0.5, 2.5]),
    ],
)
def test_lists_go_on_as_they_begin(text, numbers):
    assert number_list(text) == numbers


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


def test_progress_writes_its_line_over_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    show = Progress("rows")
    show(1, 2)
    show(2, 2)
    assert capsys.readouterr().err == "\r1 of 2 rows\r2 of 2 rows\n"


def test_progress_writes_at_most_ten_lines_elsewhere(capsys):
    show = Progress("rows")
    for done in range(1, 47):
        show(done, 46)
    assert len(capsys.readouterr().err.splitlines()) == 10

"""`mtrrviz export`: what it writes, where to, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

import mtrrviz as mtrrviz_package
from mtrrviz.exporters.kinds import KINDS
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import View
from mtrrviz.session.exchange.exporting import TABLES

COLUMNS = {name: table.columns for name, table in TABLES.items()}
ROOT = Path(mtrrviz_package.__file__).parents[1]


def test_every_table_has_its_columns():
    assert list(COLUMNS) == [name for name, kind in KINDS.items() if "csv" in kind.formats]


@pytest.mark.parametrize("what", COLUMNS)
def test_a_table_is_csv_unless_told(mtrrviz, what):
    outcome = mtrrviz("export", "small-machine", "--what", what)
    assert (outcome.code, outcome.err) == (0, "")
    head, *rows = csv.reader(io.StringIO(outcome.out))
    assert head == [column.key for column in COLUMNS[what]]
    assert rows


@pytest.mark.parametrize("what", COLUMNS)
def test_json_holds_the_same_rows(mtrrviz, what):
    as_csv = mtrrviz("export", "small-machine", "--what", what).out
    read = json.loads(mtrrviz("export", "small-machine", "--what", what, "--format", "json").out)
    assert read["table"] == what
    assert len(read["rows"]) == len(list(csv.reader(io.StringIO(as_csv)))) - 1
    assert list(read["rows"][0]) == [column.key for column in COLUMNS[what]]


def test_the_ending_of_the_name_picks_the_format(mtrrviz, tmp_path):
    for name in ("x.csv", "x.JSON"):
        command = ("export", "small-machine", "--what", "zaps", "-o", tmp_path / name)
        outcome = mtrrviz(*command)
        assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert json.loads((tmp_path / "x.JSON").read_text())["table"] == "zaps"
    assert (tmp_path / "x.csv").read_text().startswith("zap,time_s,")


def test_ranges_are_those_of_the_time_and_vcpu(mtrrviz):
    def ranges(*options):
        arguments = ("export", "small-machine", "--what", "ranges", "--format", "json")
        return json.loads(mtrrviz(*arguments, *options).out)

    early, late = ranges("--at", "0"), ranges()
    assert (early["time_s"], late["time_s"]) == (0.0, 2.0)
    assert sum(row["leaves"] for row in early["rows"]) < sum(row["leaves"] for row in late["rows"])
    assert ranges("--vcpu", "1")["vcpu"] == 1


def test_the_policy_counts(mtrrviz):
    per_vm = mtrrviz("export", "small-machine", "--what", "zaps", "--policy", "per-vm").out
    assert per_vm != mtrrviz("export", "small-machine", "--what", "zaps").out


def test_differences_are_of_the_policies_that_the_scenario_is_opened_with(mtrrviz, tmp_path):
    path = tmp_path / "boot.toml"
    wish = View("kvm-6.11", "per-vm")
    save_scenario(replace(open_scenario("lagging-ap"), view=wish), path)
    read = json.loads(mtrrviz("export", path, "--what", "differences", "--format", "json").out)
    assert (read["policy_a"], read["policy_b"]) == ("kvm-6.11", "per-vm")
    command = ("export", path, "--what", "zaps", "--format", "json")
    assert json.loads(mtrrviz(*command).out)["policy"] == "kvm-6.11"


def test_a_trace_is_json(mtrrviz, tmp_path):
    mtrrviz("export", "small-machine", "--what", "trace", "-o", tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())["traceEvents"]


@pytest.mark.parametrize("policies", [[], ["per-vm"], ["per-vcpu", "per-vm"]])
def test_a_report_is_of_one_policy_or_of_two(mtrrviz, tmp_path, policies):
    options = [word for policy in policies for word in ("--policy", policy)]
    file = tmp_path / "x.html"
    assert mtrrviz("export", "small-machine", "--what", "report", *options, "-o", file).code == 0
    html = file.read_text()
    assert html.startswith("<!DOCTYPE html>")
    for policy in policies or ["per-vcpu"]:
        assert f"Policy {policy}:" in html


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["small-machine"], "--what"),
        (["small-machine", "--what", "pages"], "pages"),
        (["nonesuch", "--what", "zaps"], "nonesuch"),
        (["small-machine", "--what", "zaps", "--format", "html"], "zaps can be csv or json"),
        (["small-machine", "--what", "trace", "--format", "csv"], "trace can be json"),
        (["small-machine", "--what", "zaps", "--policy", "nonesuch"], "nonesuch"),
        (["small-machine", "--what", "ranges", "--vcpu", "2"], "no vCPU 2"),
        (["small-machine", "--what", "ranges", "--at", "9"], "ends at 2 s"),
        (["small-machine", "--what", "zaps", "-o", "nowhere/x.csv"], "nowhere: No such file"),
        (["small-machine", "--what", "zaps", "-o", "."], "Is a directory"),
    ],
)
def test_wrong_input_is_one_line(refused, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert words in refused("export", *arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("what", "policies", "words"),
    [
        ("zaps", 2, "zaps is of one policy, --policy names 2"),
        ("trace", 2, "trace is of one policy, --policy names 2"),
        ("report", 3, "report is of one policy or two, --policy names 3"),
        ("differences", 1, "differences is of two policies, --policy names 1"),
    ],
)
def test_another_number_of_policies_is_refused(refused, what, policies, words):
    options = ["--policy", "per-vm"] * policies
    assert words in refused("export", "sandbox", "--what", what, *options)


def test_a_vcpu_that_is_not_there_leaves_the_old_report(refused, tmp_path):
    (tmp_path / "x.html").write_text("old")
    file = tmp_path / "x.html"
    refused("export", "small-machine", "--what", "report", "--vcpu", "7", "-o", file)
    assert file.read_text() == "old"


def test_the_help_names_every_column(mtrrviz):
    words = mtrrviz("export", "--help").out
    for rows in TABLES.values():
        for column in rows.columns:
            assert f" {column.key} " in words
            assert column.meaning.format(**rows.names) in words
    assert all(f"\n  {kind}" in words for kind in KINDS)


def test_export_needs_no_qt_and_a_reader_may_leave():
    program = (
        "import sys; from mtrrviz.cli import main;"
        "code = main(['export', 'small-machine', '--what', 'report', '--policy', 'per-vm']);"
        "print([m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph'))],"
        " code, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[] 0\n"
    assert done.stdout.endswith("</html>\n")

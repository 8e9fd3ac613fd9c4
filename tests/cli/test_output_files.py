"""Results in files: the ending of the name says the format, and the old file outlives a refusal."""

from __future__ import annotations

import json
import os
import threading

import pytest

from mtrrviz.cli.options.output_files import format_of
from mtrrviz.core.errors import MtrrvizError

REFUSED = [
    ("sweep", "--policy", "nope", "-o", "x.csv"),
    ("sweep", "--json", "-o", "x.csv"),
    ("sweep", "-o", "x.txt"),
    ("export", "sandbox", "--what", "zaps", "--policy", "nope", "-o", "x.csv"),
    ("export", "sandbox", "--what", "zaps", "--format", "json", "-o", "x.csv"),
    ("export", "sandbox", "--what", "zaps", "-o", "x.txt"),
    ("export", "sandbox", "--what", "zaps", "-o", "x"),
    ("export", "sandbox", "--what", "report", "-o", "x.csv"),
    ("lesson", "worksheet", "variable-ranges", "-o", "x.txt"),
    ("lesson", "worksheet", "nonesuch", "-o", "x.html"),
    ("import", "nonesuch", "-o", "x.toml"),
    ("import", "nonesuch", "-o", "x.txt"),
    ("record", "--for", "1", "--root", "nonesuch", "-o", "x.toml"),
    ("record", "--for", "1", "-o", "x.txt"),
    ("render", "sandbox", "--policy", "nope", "-o", "x.png"),
    ("render", "sandbox", "-o", "x.txt"),
    ("render", "sandbox", "--play", "0-1", "-o", "x.txt"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_a_refused_command_leaves_the_file_and_nothing_beside_it(
    mtrrviz, arguments, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    output = tmp_path / arguments[-1]
    output.write_text("old")
    outcome = mtrrviz(*arguments)
    assert (outcome.code, output.read_text()) == (2, "old")
    assert outcome.err.strip()
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("mtrrviz.analysis.sweep.sweep", ("sweep", "-o", "x.csv")),
        ("mtrrviz.sim.simulate", ("export", "sandbox", "--what", "zaps", "-o", "x.csv")),
        ("mtrrviz.lessons.worksheet.worksheet", ("lesson", "worksheet", "quiz", "-o", "x.html")),
        ("mtrrviz.importers.opening.import_request", ("import", "x", "-o", "x.toml")),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_an_interrupted_command_leaves_the_file(mtrrviz, module, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = tmp_path / arguments[-1]
    output.write_text("old")

    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, interrupted)
    monkeypatch.setattr("mtrrviz.lessons.lesson_library.find_lesson", lambda name: name)
    monkeypatch.setattr("mtrrviz.lessons.reading.read_lesson.read_lesson", lambda path: path)
    assert mtrrviz(*arguments).code == 130
    assert output.read_text() == "old"
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("output", "given", "form"),
    [
        ("-", None, "csv"),
        ("-", "json", "json"),
        ("/dev/null", None, "csv"),
        ("a.csv", None, "csv"),
        ("a.JSON", None, "json"),
        ("a.txt", "json", "json"),
        ("a.json", "json", "json"),
    ],
)
def test_the_format_is_the_one_given_or_that_of_the_ending(output, given, form):
    assert format_of(output, ("csv", "json"), given) == form


@pytest.mark.parametrize(
    ("output", "given", "words"),
    [
        ("a.txt", None, "expected a name that ends in .csv or .json"),
        ("a", None, "expected a name that ends in .csv or .json"),
        ("a.csv", "json", "another format than json (expected a name that ends in .json)"),
        ("a.\x1b", None, r"a.\x1b: "),
    ],
)
def test_another_ending_is_refused(output, given, words):
    with pytest.raises(MtrrvizError) as refusal:
        format_of(output, ("csv", "json"), given)
    assert words in str(refusal.value)


def test_a_pipe_has_no_ending(mtrrviz, tmp_path):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert mtrrviz("export", "sandbox", "--what", "touches", "-o", pipe).code == 0
    reader.join()
    assert read[0].startswith("touch,")


def test_a_sweep_as_json_is_that_of_the_csv(mtrrviz, tmp_path):
    arguments = ("sweep", "--vcpus", "4", "--policy", "per-vm", "--constant", "own=4516")
    rows = json.loads(mtrrviz(*arguments, "--json").out)
    assert [(row["vcpus"], row["zap_count"]) for row in rows] == [(4, 14)]
    assert rows[0]["changed_constants"] == {"own": 4516}
    assert mtrrviz(*arguments, "-o", tmp_path / "x.json").out == ""
    assert json.loads((tmp_path / "x.json").read_text()) == rows
    header, line = mtrrviz(*arguments, "-o", "-").out.splitlines()
    values = dict(zip(header.split(","), line.split(","), strict=True))
    assert values["zap_mcycles"] == str(rows[0]["zap_mcycles"])
    assert list(rows[0]) == header.split(",")

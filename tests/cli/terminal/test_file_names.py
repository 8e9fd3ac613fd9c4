"""What may stand for a FILE: standard input and file:// addresses, for scenarios and dumps."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mtrrviz.cli.options.file_names import file_name
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.shell.start.startup import load
from mtrrviz.paths import STDIN
from tests.scenario.files import GOOD, RECORDED, write_recorded

DUMP = "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"


@pytest.fixture
def stdin(monkeypatch):
    """Return a function that gives text on standard input."""

    def give(text):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return give


@pytest.mark.parametrize("command", [("run",), ("explain", "0x1000"), ("check",)])
def test_a_scenario_from_standard_input_is_that_of_the_file(mtrrviz, stdin, tmp_path, command):
    path = tmp_path / "standard input.toml"
    path.write_text(GOOD)
    name, *rest = command
    stdin(GOOD)
    piped = mtrrviz(name, "-", *rest)
    assert piped.code == mtrrviz(name, path, *rest).code
    assert piped.out == mtrrviz(name, path, *rest).out
    assert piped.out


def test_recorded_data_of_standard_input_are_in_the_current_folder(
    mtrrviz, stdin, tmp_path, monkeypatch
):
    write_recorded(tmp_path)
    monkeypatch.chdir(tmp_path)
    stdin(RECORDED)
    assert mtrrviz("run", "-").code == 0
    monkeypatch.chdir(Path("/"))
    stdin(RECORDED)
    missing = mtrrviz("run", "-")
    assert missing.code == 2
    assert "boot.events.csv.gz" in missing.err


def test_a_mistake_on_standard_input_is_told_with_its_line(mtrrviz, stdin):
    stdin(GOOD.replace("vcpus = 2", 'vcpus = "two"'))
    outcome = mtrrviz("run", "-")
    assert outcome.code == 2
    assert "standard input: machine.vcpus (line 5)" in outcome.err


@pytest.mark.parametrize("schema", ['"schema" = 1', "schema=1", ""])
def test_a_scenario_on_standard_input_is_known_however_it_is_spelled(mtrrviz, stdin, schema):
    stdin(GOOD.replace("schema = 1", schema))
    outcome = mtrrviz("run", "-", "--json")
    assert outcome.code == (0 if schema else 2)
    assert schema or "the version of the file format is missing" in outcome.err


def test_a_scenario_on_standard_input_is_refused_among_dumps(mtrrviz, stdin, tmp_path):
    (tmp_path / "mtrr.txt").write_text(DUMP)
    for command in ("explain", "import"):
        stdin(GOOD)
        outcome = mtrrviz(command, "-", tmp_path / "mtrr.txt", *(["0"] * (command == "explain")))
        assert outcome.code == 2
        assert "standard input: this is a scenario file" in outcome.err


def test_a_file_address_is_its_path(mtrrviz, tmp_path):
    path = tmp_path / "a file #1 ä.toml"
    path.write_text(GOOD)
    assert file_name(path.as_uri()) == str(path)
    assert "%20" in path.as_uri()
    assert mtrrviz("run", path.as_uri()).out == mtrrviz("run", path).out
    dump = tmp_path / "mtrr 1.txt"
    dump.write_text(DUMP)
    assert mtrrviz("import", dump.as_uri()).code == 0
    taken = mtrrviz("import", path.as_uri(), "-o", path)
    assert "one of the files to import" in taken.err


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("file://localhost/a/b", "/a/b"),
        ("FILE:///a%20b", "/a b"),
        ("file:/a", "/a"),
        ("file.toml", "file.toml"),
        ("lagging-ap", "lagging-ap"),
    ],
)
def test_words_and_their_paths(word, path):
    assert file_name(word) == path


@pytest.mark.parametrize(
    "word", ["file://other/a", "file:///", "file://", "file:///a#b", "file:///a?b", "file:///%ff"]
)
def test_addresses_of_no_file_here_are_refused(mtrrviz, word):
    with pytest.raises(MtrrvizError, match=r"expected|write"):
        file_name(word)
    outcome = mtrrviz("run", word)
    assert outcome.code == 2
    assert word in outcome.err


def test_the_window_opens_standard_input_and_addresses(mtrrviz, stdin, tmp_path, monkeypatch):
    from mtrrviz.gui.shell.start import app

    opened = []

    def record(names, *, follow, stdin):
        assert not follow
        opened.append(load(names, stdin))
        return 0

    monkeypatch.setattr(app, "run_window", record)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    stdin(GOOD)
    assert mtrrviz(STDIN).code == 0
    assert opened[-1].scenario.title == "good"
    assert opened[-1].path is None
    assert opened[-1].original.data == GOOD.encode()
    path = tmp_path / "a b.toml"
    path.write_text(GOOD)
    assert mtrrviz(path.as_uri()).code == 0
    assert opened[-1].path == path
    dump = tmp_path / "iomem.txt"
    dump.write_text("00001000-0009fbff : System RAM\n00100000-7fffffff : System RAM\n")
    stdin(DUMP)
    assert mtrrviz(STDIN, dump).code == 0
    assert [source.name for source in opened[-1].imported.sources] == ["standard input", str(dump)]
    stdin(GOOD)
    assert mtrrviz(dump, STDIN).code == 2
    stdin(GOOD)
    assert mtrrviz(STDIN, STDIN).code == 2

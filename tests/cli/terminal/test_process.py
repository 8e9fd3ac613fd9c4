"""The program as a process: what it imports, and how it ends when its output goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

import mtrrviz
from mtrrviz.cli import main_gui
from mtrrviz.cli.grammars.grammar import UsageError
from mtrrviz.cli.parser import command_parser

ROOT = Path(mtrrviz.__file__).resolve().parents[1]
NO_QT = """
import sys
from mtrrviz.cli import main
codes = [main(line.split()) for line in sys.argv[1:]]
heavy = {name.partition(".")[0] for name in sys.modules} & {"PySide6", "shiboken6", "pyqtgraph"}
print(codes, sorted(heavy), file=sys.stderr)
"""


def python(*arguments, stdout: int | IO[str] = subprocess.PIPE):
    """Run Python from the checkout and return the finished process."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_no_command_but_render_loads_qt():
    lines = ("list", "run sandbox", "explain sandbox 0", "schema", "--help", "--version", "run x")
    done = python("-c", NO_QT, *lines)
    assert done.stderr.splitlines()[-1] == "[0, 0, 0, 0, 0, 0, 2] []"


def test_help_does_not_wait_for_numpy():
    code = (
        "import sys; from mtrrviz.cli import main; main(['--help']);"
        "sys.exit('numpy' in sys.modules)"
    )
    assert python("-c", code).returncode == 0


def test_a_run_loads_no_reader_of_dumps_and_no_other_command():
    code = (
        "import sys; from mtrrviz.cli import main; main(['run', 'small-machine']);"
        "print([m for m in sys.modules if m.startswith(('mtrrviz.importers.dumps',"
        " 'mtrrviz.importers.reading', 'mtrrviz.handbook', 'mtrrviz.lessons', 'mtrrviz.session',"
        " 'mtrrviz.geometry', 'mtrrviz.cli.solving', 'mtrrviz.cli.importing', 'numpy.ma.',"
        " 'mtrrviz.cli.completion', 'mtrrviz.cli.desktop', 'mtrrviz.cli.sweeping', 'shtab',"
        " 'jsonschema', 'difflib', 'statistics', 'tempfile',"
        " 'mtrrviz.importers.facts', 'mtrrviz.importers.imported', 'mtrrviz.importers.machine',"
        " 'mtrrviz.importers.traces', 'mtrrviz.importers.notes', 'mtrrviz.facts.hosts',"
        " 'mtrrviz.core.sdm.hardware_rules', 'mtrrviz.exporters.host', 'logging', 'html',"
        " 'mtrrviz.scenario.bookmarks', 'mtrrviz.scenario.stop_condition',"
        " 'mtrrviz.scenario.complaints', 'mtrrviz.scenario.files.checking.view',"
        " 'mtrrviz.scenario.vcpu_name'))], file=sys.stderr)"
    )
    assert python("-c", code).stderr == "[]\n"


def test_where_no_plug_in_is_installed_no_metadata_are_read():
    code = (
        "import sys; from mtrrviz.cli import main; main(['list', '--policies']);"
        "print('importlib.metadata' in sys.modules, file=sys.stderr)"
    )
    assert python("-c", code).stderr == "False\n"


def test_a_reader_that_stops_reading_is_no_error():
    command = f"{sys.executable} -m mtrrviz schema | true; echo ${{PIPESTATUS[0]}}"
    shell = ["bash", "-c", f"for i in 1 2 3; do {command}; done"]
    done = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["0"] * 3, "")


def test_a_full_disk_is_one_line():
    with Path("/dev/full").open("w") as full:
        done = python("-m", "mtrrviz", "schema", stdout=full)
    assert (done.returncode, done.stderr) == (2, "mtrrviz: No space left on device\n")


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_messages_that_nobody_can_hear_change_no_exit_code(redirection):
    line = f"{sys.executable} -m mtrrviz run nonesuch {redirection}"
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_file_is_not_written_over_with_what_libraries_say():
    """A file that is opened gets the number of a closed stderr unless something else has it."""
    code = "import os, mtrrviz.cli as c; c._open_closed_streams(); os._exit(os.dup(0))"
    line = f"{sys.executable} -c '{code}' >&- 2>&-"
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 3


def test_ctrl_c_in_a_sweep_stops_its_processes_without_a_word():
    """The terminal sends it to all of them, while they start as well."""
    command = [sys.executable, "-m", "mtrrviz", "sweep", "--vcpus", "253,254,255"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as sweep:
        children = Path(f"/proc/{sweep.pid}/task/{sweep.pid}/children")
        while not children.read_text().split():
            assert sweep.poll() is None
            time.sleep(0.01)
        os.killpg(sweep.pid, signal.SIGINT)
        told = sweep.communicate()
    assert (sweep.returncode, *told) == (130, b"", b"")


def test_a_terminal_that_cannot_show_a_character_gets_an_escape(tmp_path, monkeypatch):
    text = (ROOT / "scenarios" / "sandbox.toml").read_text().replace("Sandbox:", "Sändkasten:")
    path = tmp_path / "odd.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = python("-m", "mtrrviz", "run", str(path))
    assert done.returncode == 0
    assert done.stdout.startswith(r"S\xe4ndkasten:")


def test_a_mistake_of_ours_asks_for_a_report(mtrrviz, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("by the test")

    monkeypatch.setattr("mtrrviz.scenario.files.json_schema.json_schema", broken)
    outcome = mtrrviz("schema")
    assert outcome.code == 70
    assert outcome.err.startswith("mtrrviz: internal error")
    assert "ZeroDivisionError: by the test" in outcome.err


def test_an_interrupt_ends_quietly(mtrrviz, monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("mtrrviz.scenario.files.json_schema.json_schema", interrupted)
    outcome = mtrrviz("schema")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


def test_the_desktop_entry_starts_the_same_program(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["mtrrviz-gui", "--version"])
    assert main_gui() == 0
    assert capsys.readouterr().out.startswith("mtrrviz ")


def test_no_scenario_compiles_the_patterns_of_long_and_strange_texts():
    code = (
        "import sys; from mtrrviz.cli import main; main(['run', 'ovmf-8vcpu-2g']);"
        "from mtrrviz.scenario.files import broad_text;"
        "print(broad_text._patterns.cache_info().currsize, file=sys.stderr)"
    )
    assert python("-c", code).stderr == "0\n"


def test_the_program_looks_seldom_for_garbage_while_it_loads():
    code = "import gc; from mtrrviz.cli import main; main(); print(gc.get_threshold()[0] > 10_000)"
    done = python("-c", f"import sys; sys.argv = ['mtrrviz', 'schema'];{code}")
    assert done.stdout.splitlines()[-1] == "True"


@pytest.mark.parametrize(
    "line", ["run", "run x --nonsense", "run x --color pink", "run --vcpus", "run x --policy"]
)
def test_a_parser_of_one_command_says_what_the_parser_of_all_says(line: str):
    told: list[str] = []
    for parser in (command_parser("run", comes_first=True), command_parser()):
        with pytest.raises(UsageError) as refusal:
            parser.parse_args(line.split())
        told.append(str(refusal.value))
    assert told[0] == told[1]
    assert len(command_parser("run", comes_first=True).format_help()) < len(
        command_parser().format_help()
    )

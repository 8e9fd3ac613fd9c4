"""A package that adds to mtrrviz, installed beside it: found by the command line and the window."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
DUMP = "mtrr,0,0x0,0x80000000,WB\nmtrr,1,0xc0000000,0x1000000,WC\n"
WINDOW = """
from PySide6.QtWidgets import QApplication, QComboBox
from mtrrviz.gui.export.exports import ExportDialog
from mtrrviz.gui.documents.import_dialog import FORMATS
from mtrrviz.gui.machine.settings_bar import policy_ids
app = QApplication([])
dialog = ExportDialog(("per-vcpu", "per-vm"))
print([dialog.kinds.item(row).text() for row in range(dialog.kinds.count())][-1])
print(policy_ids()[-1], FORMATS[-1].id)
"""


@pytest.fixture(scope="module")
def place(root, tmp_path_factory):
    """Return a folder in which the example is installed, without a network."""
    place = tmp_path_factory.mktemp("plugins")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(place)]
    example = root / "tests/data/plugin_example"
    subprocess.run([*command, *options, str(example)], check=True, capture_output=True)
    return place


@pytest.fixture
def run(root, place, tmp_path):
    def call(*arguments, code=0):
        paths = os.pathsep.join((str(place), str(root)))
        env = {**os.environ, "PYTHONPATH": paths, "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=env, cwd=tmp_path
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return call


def mtrrviz(*arguments):
    return ("-m", "mtrrviz", *arguments)


def test_a_policy_is_found_and_a_broken_one_is_named(run):
    done = run(*mtrrviz("run", "ovmf-8vcpu-2g", "--policy", "lazy", "--json"))
    assert json.loads(done.stdout)[0]["zap_count"] == 14
    told = done.stderr.splitlines()
    assert [line.split(" is left out: ")[0] for line in told] == [
        "plug-in broken of mtrrviz-example (policies)",
        "plug-in twice of mtrrviz-example (policies)",
    ]
    assert "ModuleNotFoundError: No module named 'mtrrviz_example.not_there'" in told[0]
    assert "the id 'per-vm' is taken" in told[1]


def test_who_asks_for_none_loads_none(run):
    done = run(*mtrrviz("run", "sandbox", "--policy", "per-vm"))
    assert not done.stderr


def test_an_importer_and_a_check_are_found(run, tmp_path):
    (tmp_path / "dump.txt").write_text(DUMP)
    done = run(*mtrrviz("import", "dump.txt", "-o", "dump.toml"))
    assert "mtrr-csv" in done.stdout + done.stderr
    done = run(*mtrrviz("check", "ovmf-8vcpu-2g"), code=1)
    assert "warning: 84 zaps are more than 20  [many-zaps]" in done.stdout
    assert done.stderr == (
        "plug-in fails of mtrrviz-example (checks) is left out: "
        "RuntimeError: cannot look at 8 vCPUs\n"
    )


def test_an_exporter_is_found(run, tmp_path):
    run(*mtrrviz("export", "sandbox", "--what", "summary", "-o", "zaps.md"))
    assert (tmp_path / "zaps.md").read_text().startswith("# Zaps (md, vCPU 0)\n- per-vcpu: ")


def test_the_window_offers_them(run):
    said = run("-c", WINDOW).stdout.splitlines()
    assert said == ["summary: the zaps of a run in a line", "lazy mtrr-csv"]

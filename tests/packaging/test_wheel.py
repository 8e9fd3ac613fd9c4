"""The wheel, installed as a user would, far from the checkout."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile

import pytest

SCENARIO = "ovmf-8vcpu-2g"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """Return the wheel, built from this checkout with the build tools that are installed."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*command, str(root)], check=True, capture_output=True)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def binaries(root, wheel, tmp_path_factory):
    """Return the directory of programs of a new environment that has nothing but the wheel."""
    place = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    # the locked versions: the test shall not fail because somebody published something today
    pins = re.findall(r"^\S+==\S+", (root / "requirements.lock").read_text(), re.MULTILINE)
    constraints = place / "constraints.txt"
    constraints.write_text("\n".join(pins))
    pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--quiet", "--constraint", str(constraints), str(wheel)], check=True)
    return place / "bin"


@pytest.fixture
def outside(binaries, tmp_path):
    """Run an installed program from an empty directory and return what it printed."""

    def run(program, *arguments, code=0):
        command = [str(binaries / program), *arguments]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == code, result.stderr
        return result.stdout if code == 0 else result.stderr

    return run


def test_the_wheel_carries_all_that_is_not_code(root, wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = [
        path.relative_to(root)
        for place in ("scenarios", "resources", "docs/manual")
        for path in (root / place).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    ]
    assert files
    assert [str(path) for path in files if f"mtrrviz/_data/{path}" not in inside] == []
    assert {"mtrrviz/py.typed", "mtrrviz/_data/docs/glossary.md"} <= inside


def test_the_wheel_carries_no_tests_and_no_leftovers(wheel):
    inside = zipfile.ZipFile(wheel).namelist()
    assert [name for name in inside if name.split("/")[0] not in allowed(inside)] == []
    assert [name for name in inside if "__pycache__" in name] == []


def allowed(names):
    """Return the top directories a wheel of ours may have."""
    return {"mtrrviz"} | {name.split("/")[0] for name in names if name.startswith("mtrrviz-")}


def test_every_entry_point_can_be_loaded(outside):
    code = (
        "from importlib.metadata import distribution as d;"
        "print(*sorted(p.name for p in d('mtrrviz').entry_points if callable(p.load())))"
    )
    assert outside("python", "-c", code).split() == ["mtrrviz", "mtrrviz-gui"]


def test_list_names_the_built_in_scenarios(outside):
    names = {scenario["name"] for scenario in json.loads(outside("mtrrviz", "list", "--json"))}
    assert SCENARIO in names


def test_run_counts_the_zaps_of_both_policies(outside):
    policies = ("--policy", "per-vcpu", "--policy", "per-vm")
    rows = json.loads(outside("mtrrviz", "run", SCENARIO, *policies, "--json"))
    assert {row["policy"]: row["zap_count"] for row in rows} == {"per-vcpu": 84, "per-vm": 14}


def test_the_model_comes_without_qt_and_the_window_says_what_it_needs(binaries, outside):
    (packages,) = (binaries.parent / "lib").glob("python3*/site-packages")
    assert [path.name for path in packages.glob("*") if "side" in path.name.lower()] == []
    for arguments in ((), ("render", SCENARIO, "-o", "x.png")):
        told = outside("mtrrviz", *arguments, code=2)
        assert told.count("\n") == 1
        assert "pip install 'mtrrviz[gui]'" in told


def test_no_file_is_in_the_wheel_twice(wheel):
    with zipfile.ZipFile(wheel) as packed:
        crcs = [(one.CRC, one.file_size) for one in packed.infolist() if one.file_size]
    assert len(crcs) == len(set(crcs))

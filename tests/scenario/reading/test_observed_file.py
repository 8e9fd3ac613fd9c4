"""Observed leaves beside a scenario: saved, loaded, stretched, and refused when wrong."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.files.data_files.observed_file import observed_file
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.observed import STANDING_NS, ObservedLeaves
from tests.scenario.files import GOOD

COLUMNS = {
    "born_ns": [100, 200_000_000],
    "died_ns": [500, STANDING_NS],
    "gfn": [0x100, 0x200],
    "level": [1, 2],
    "vcpu": [0, 1],
    "bits": [0x30, 0x48],
    "line": [7, 0],
}
RECORDING = '[recording]\nobserved = "mine.observed.npz"\nduration = 0.2\n\n[[phase]]'


def table(**changed):
    columns = {**COLUMNS, **changed}
    return ObservedLeaves(
        np.array(columns["born_ns"], np.int64),
        np.array(columns["died_ns"], np.int64),
        np.array(columns["gfn"], np.uint64),
        np.array(columns["level"], np.uint8),
        np.array(columns["vcpu"], np.uint8),
        np.array(columns["bits"], np.uint8),
        np.array(columns["line"], np.uint32),
    )


@pytest.fixture
def path(tmp_path):
    (tmp_path / "mine.observed.npz").write_bytes(observed_file(table()))
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("[[phase]]", RECORDING, 1))
    return path


def rows(observed):
    return {name: getattr(observed, name).tolist() for name in COLUMNS}


def test_a_scenario_has_its_observed_leaves(path):
    assert rows(load_scenario(path).observed) == COLUMNS


def test_saving_elsewhere_keeps_them_with_and_without_edits(path, tmp_path):
    scenario = load_scenario(path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for number, made in enumerate((scenario, scenario.with_events(scenario.events[1:]))):
        target = elsewhere / f"copy-{number}.toml"
        save_scenario(made, target)
        assert rows(load_scenario(target).observed) == COLUMNS
        assert load_scenario(target).phases == scenario.phases


def test_a_data_file_holds_its_columns_and_nothing_else(path):
    with zipfile.ZipFile(path.parent / "mine.observed.npz") as archive:
        assert sorted(archive.namelist()) == sorted(f"{name}.npy" for name in COLUMNS)


def test_they_are_stretched_with_the_recording(path):
    path.write_text(path.read_text().replace("duration = 0.2", "duration = 0.4"))
    found = load_scenario(path).observed
    assert found.born_ns.tolist() == [200, 400_000_000]
    assert found.died_ns.tolist() == [1000, STANDING_NS]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"level": [0, 1]}, "level"),
        ({"level": [4, 1]}, "level"),
        ({"bits": [1, 0]}, "bits"),
        ({"bits": [0x80, 0]}, "bits"),
        ({"gfn": [1 << 40, 0]}, "gfn"),
        ({"born_ns": [5, 4]}, "born_ns"),
        ({"died_ns": [50, STANDING_NS]}, "died_ns"),
        ({"died_ns": [1 << 62, STANDING_NS]}, "died_ns"),
        ({"vcpu": [255, 0]}, "vcpu"),
        ({"vcpu": [2, 0]}, "recording.observed"),
        ({"gfn": [1 << 30, 0]}, "recording.observed"),
    ],
)
def test_wrong_values_are_one_message(path, changed, place):
    (path.parent / "mine.observed.npz").write_bytes(observed_file(table(**changed)))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert place in caught.value.place
    assert caught.value.expected


def test_a_missing_file_or_column(path):
    (path.parent / "mine.observed.npz").unlink()
    with pytest.raises(ScenarioError, match=r"mine\.observed\.npz is missing"):
        load_scenario(path)
    np.savez(path.parent / "mine.observed.npz", gfn=np.zeros(3))
    with pytest.raises(ScenarioError, match="an array is missing"):
        load_scenario(path)

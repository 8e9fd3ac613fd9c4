"""Columns of data files at the ends of what they may hold: the last value is read, the next not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.files.data_files.observed_file import read_observed
from mtrrviz.scenario.files.data_files.touch_file import read_touches
from mtrrviz.scenario.observed import STANDING_NS

TOUCH = {"t_ns": 0, "gfn": 0, "vcpu": 0, "access": 0}
LEAF = {"born_ns": 0, "died_ns": STANDING_NS, "gfn": 0, "level": 1, "vcpu": 0, "bits": 0, "line": 0}
LARGEST_OF_TOUCHES = {"t_ns": 2**62 - 1, "gfn": 2**40 - 1, "vcpu": 254, "access": 2}
LARGEST_OF_LEAVES = {
    "born_ns": 2**62 - 1,
    "gfn": 2**40 - 1,
    "level": 3,
    "vcpu": 254,
    "line": 2**32 - 1,
}


def file_of(tmp_path, row):
    path = tmp_path / "made.npz"
    columns: dict[str, Any] = {name: np.array([value], np.uint64) for name, value in row.items()}
    np.savez(path, **columns)
    return path


@pytest.mark.parametrize(("name", "largest"), LARGEST_OF_TOUCHES.items())
def test_touches_up_to_the_largest_value_are_read(name, largest, tmp_path):
    found = read_touches(file_of(tmp_path, {**TOUCH, name: largest}))
    column = found.time_ns if name == "t_ns" else getattr(found, name)
    assert column.tolist() == [largest]
    with pytest.raises(ScenarioError) as caught:
        read_touches(file_of(tmp_path, {**TOUCH, name: largest + 1}))
    assert caught.value.place == name


@pytest.mark.parametrize(("name", "largest"), LARGEST_OF_LEAVES.items())
def test_observed_leaves_up_to_the_largest_value_are_read(name, largest, tmp_path):
    found = read_observed(file_of(tmp_path, {**LEAF, name: largest}))
    assert getattr(found, name).tolist() == [largest]
    with pytest.raises(ScenarioError) as caught:
        read_observed(file_of(tmp_path, {**LEAF, name: largest + 1}))
    assert caught.value.place == name

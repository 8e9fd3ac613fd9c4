"""The cost model gives back what it was fitted to and the predictions derived from it."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest

from mtrrviz.core.boot_time import BootTime
from mtrrviz.core.cost import CostModel, with_values
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.lock_model import LockModel

MODEL = CostModel()


def boot_mcycles(alone: int, in_burst: int, vcpus: int) -> float:
    """Return modelled Mcycles of zaps done alone and of zaps in bursts of all the APs."""
    rivals = np.repeat([0, vcpus - 2], [alone, in_burst])
    return float(MODEL.zap_cycles(rivals).sum() / 1e6)


@pytest.mark.parametrize(
    ("alone", "in_burst", "vcpus", "predicted"),
    [
        (4 * 8 + 10, 6 * 7, 8, 3506.4),
        (4 * 16 + 10, 6 * 15, 16, 17232.4),
        (2 * 8 + 9, 7 * 7, 8, 4062.7),
        (2 * 16 + 9, 7 * 15, 16, 20051.5),
        (50, 0, 8, 58.5),
        (98, 0, 16, 114.6),
        (4 * 8 + 3, 7, 8, 617.1),
        (4 * 16 + 3, 15, 16, 2936.0),
    ],
)
def test_predictions_of_the_two_parameter_model(
    alone: int, in_burst: int, vcpus: int, predicted: float
) -> None:
    assert boot_mcycles(alone, in_burst, vcpus) == pytest.approx(predicted, rel=6e-4)


@pytest.mark.parametrize(
    ("memory_gib", "mcycles", "published_s"),
    [(2, 4164.57, 19.38), (2, 16.07, 18.83), (16, 4163.38, 24.51), (16, 16.68, 23.94)],
)
def test_boot_times_are_within_the_fits_residuals(
    memory_gib: float, mcycles: float, published_s: float
) -> None:
    assert MODEL.boot_s(memory_gib, mcycles) == pytest.approx(published_s, abs=0.006)


def test_a_boot_is_its_base_plus_the_stall() -> None:
    assert MODEL.boot_s(2, 100) == pytest.approx(MODEL.base_boot_s(2) + MODEL.stall_s(100e6))
    assert MODEL.boot_s(2, 0) == MODEL.base_boot_s(2)


def test_the_published_total_of_the_patch() -> None:
    mean = (16.07 + 16.68) / 2
    assert boot_mcycles(14, 0, 8) == pytest.approx(mean, rel=1e-3)


def test_zap_cycles_keeps_shape_and_is_float() -> None:
    cycles = MODEL.zap_cycles(np.zeros((2, 3), np.uint8))
    assert cycles.shape == (2, 3)
    assert cycles.dtype == np.float64
    assert (cycles == MODEL.uncontended_zap.value * 1e6).all()


def test_every_constant_says_where_it_is_from() -> None:
    constants = MODEL.constants()
    assert len(constants) == 6
    for constant in constants:
        assert all((constant.unit, constant.meaning, constant.source, constant.fitted_to))


@pytest.mark.parametrize("model", [CostModel(), LockModel(), BootTime()])
def test_constants_can_be_changed_by_name(model: CostModel | LockModel | BootTime) -> None:
    name = fields(model)[0].name
    changed = with_values(model, {name: 7.0})
    assert changed.constants()[0].value == 7.0
    assert changed.constants()[0].source == model.constants()[0].source
    assert changed.constants()[1:] == model.constants()[1:]
    assert with_values(model, {}) == model


@pytest.mark.parametrize(("name", "value"), [("none", 1.0), ("turn", -1.0), ("turn", math.nan)])
def test_impossible_constants_are_refused(name: str, value: float) -> None:
    with pytest.raises(MtrrvizError):
        with_values(LockModel(), {name: value})

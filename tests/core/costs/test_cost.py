"""Constants of models say where they are from and can be changed by name."""

from __future__ import annotations

import math

import pytest

from mtrrviz.core.costs.boot_time import BootTime
from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.core.errors import MtrrvizError

MODELS = (LockModel(), BootTime())


@pytest.mark.parametrize("model", MODELS)
def test_every_constant_says_where_it_is_from(model: LockModel | BootTime) -> None:
    constants = model.constants()
    assert len(constants) == len(model.__struct_fields__) > 0
    for constant in constants:
        assert all((constant.unit, constant.meaning, constant.source, constant.fitted_to))


@pytest.mark.parametrize("model", MODELS)
def test_constants_can_be_changed_by_name(model: LockModel | BootTime) -> None:
    name = model.__struct_fields__[0]
    changed = with_values(model, {name: 7.0})
    assert changed.constants()[0].value == 7.0
    assert changed.constants()[0].source == model.constants()[0].source
    assert changed.constants()[1:] == model.constants()[1:]
    assert with_values(model, {}) == model


@pytest.mark.parametrize(("name", "value"), [("none", 1.0), ("turn", -1.0), ("turn", math.nan)])
def test_impossible_constants_are_refused(name: str, value: float) -> None:
    with pytest.raises(MtrrvizError):
        with_values(LockModel(), {name: value})

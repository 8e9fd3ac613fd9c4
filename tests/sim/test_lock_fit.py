"""The lock's constants are the ones the fits find, and errors are those that the texts state."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.left_out import FITS, NAMES, LeftOut, model_without
from mtrrviz.analysis.published import PublishedRow
from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.costs.lock_model import LockModel
from mtrrviz.sim.lock_costs import LockPlan
from tests.calibrate.__main__ import left_out, value_of
from tests.calibrate.fitting import FITTED, Fit, Key, all_rows

Known = tuple[dict[Key, LockPlan], tuple[PublishedRow, ...]]
#: How much better a constant may be at a tenth more or less: the loss is not smooth. The fits that
#: leave rows out are short, the shipped constants were chosen near the end of one.
SLACK, SHORT_SLACK = 1.05, 1.15


@pytest.fixture(scope="module")
def known() -> Known:
    return all_rows()


def better_beside(fit: Fit, model: LockModel, slack: float) -> list[str]:
    """Return the constants that another value, a tenth off, would fit better."""
    best = fit.loss(model)
    return [
        f"{name} x {factor}"
        for name in FITTED
        for factor in (0.9, 1.1)
        if fit.loss(with_values(model, {name: factor * getattr(model, name).value})) * slack < best
    ]


def test_the_constants_are_where_the_fit_to_all_rows_ends(known: Known) -> None:
    assert better_beside(Fit(*known), LockModel(), SLACK) == []


def test_there_is_a_fit_without_each_firmware_number_of_vcpus_and_policy() -> None:
    assert set(FITS) == set(left_out())
    assert NAMES == FITTED


@pytest.mark.parametrize(
    ("kind", "value"), [("firmware", "seabios"), ("vcpus", "16"), ("policy", "serialized")]
)
def test_what_was_fitted_without_some_rows_is_where_that_fit_ends(
    known: Known, kind: LeftOut, value: str
) -> None:
    plans, rows = known
    seen = [row for row in rows if value_of(kind, row) != value]
    assert better_beside(Fit(plans, seen), model_without(kind, value), SHORT_SLACK) == []

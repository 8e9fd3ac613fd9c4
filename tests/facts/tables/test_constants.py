"""Constants of the model as they are typed and shown, and differences cut to a stretch."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.differences import Differences
from mtrrviz.facts.tables.constant_rows import (
    ConstantRows,
    parse_value,
    range_text,
    used_constants,
    value_text,
)
from mtrrviz.sim.cost_model import CostModel

ENTRIES = [one.entry for one in used_constants(CostModel()) if one.entry]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_what_is_shown_can_be_typed_again(entry):
    value = entry.default.value
    assert parse_value(value_text(value), entry) == pytest.approx(value, rel=1e-9)
    with_unit = f" {value_text(value)} {entry.constant.unit} "
    assert parse_value(with_unit, entry) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_ends_of_a_range_may_be_typed_and_what_is_beyond_not(entry):
    for end in (entry.least, entry.most):
        assert parse_value(repr(end), entry) == end
    for text in (repr(entry.most * 2 + 1), "many", ""):
        with pytest.raises(MtrrvizError, match=entry.name):
            parse_value(text, entry)
    assert range_text(entry).startswith(f"{value_text(entry.least)} to {value_text(entry.most)}")


def test_differences_are_cut_to_a_stretch():
    found = Differences(
        np.array([0, 10, 20, 40], np.uint64),
        np.array([10, 20, 30, 50], np.uint64),
        np.array([1, 2, 3, 4], np.int16),
        np.array([5, 6, 7, 8], np.int16),
        np.array([1, 0, 2, 3], np.uint8),
    )
    part = found.within(12, 40)
    rows = zip(part.starts, part.ends, part.bits_a, part.bits_b, part.kinds, strict=True)
    assert [tuple(map(int, row)) for row in rows] == [(12, 20, 2, 6, 0), (20, 30, 3, 7, 2)]
    assert len(found.within(30, 40).starts) == 0
    assert [int(gfn) for gfn in found.within(0, 11).ends] == [10, 11]


def test_a_fitted_constant_names_what_it_was_fitted_to_and_no_other_does():
    rows = ConstantRows(CostModel())
    columns = {column.key: column for column in rows.columns}
    said = {key: columns[key].values(rows, slice(None)) for key in ("known", "source")}
    for used, known, source in zip(rows.items, said["known"], said["source"], strict=True):
        is_fitted = "not fitted" not in used.constant.fitted_to
        assert (known == "fitted") == ("fitted to" in source) == is_fitted
        assert source.startswith(used.constant.source)
    assert {"fitted", "measured"} <= set(said["known"])

"""Tables as pandas and pyarrow have them, where these are installed (./dev package --check)."""

from __future__ import annotations

import numpy as np
import pytest

import mtrrviz as mv


@pytest.fixture(scope="module")
def tables():
    run = mv.simulate(mv.load("lagging-ap"), "per-vcpu")
    swept = mv.sweep([2], processes=1)
    return [run.leaves, run.zaps, mv.map_table(run), mv.timeline_table(run), swept]


def test_a_dataframe_has_the_columns_and_is_its_own(tables):
    pandas = pytest.importorskip("pandas")
    for table in tables:
        frame = table.to_dataframe()
        assert isinstance(frame, pandas.DataFrame)
        assert list(frame.columns) == list(table.arrays())
        for name, column in table.arrays().items():
            assert np.array_equal(frame[name].to_numpy(), column), name
            assert column.dtype.kind == "U" or frame[name].dtype == column.dtype, name
            before = column.copy()
            frame[name] = frame[name].to_numpy()[::-1]
            assert np.array_equal(column, before)
    zaps = tables[1].to_dataframe()
    zaps.loc[0, "time_ns"] = -1
    assert tables[1].time_ns[0] != -1


def test_an_arrow_table_has_the_columns(tables):
    arrow = pytest.importorskip("pyarrow")
    for table in tables:
        made = table.to_arrow()
        assert isinstance(made, arrow.Table)
        made.validate(full=True)
        assert made.column_names == list(table.arrays())
        for name, column in table.arrays().items():
            assert made[name].to_pylist() == column.tolist(), name
            assert column.dtype.kind == "U" or made[name].type == arrow.from_numpy_dtype(
                column.dtype
            )

"""What the tables of a whole run share: what they are of, and columns of numpy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.facts.tables.fact_rows import FactRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mtrrviz.facts.tables.column import RowsT_contra, Value
    from mtrrviz.sim.run import Run


class RunRows(FactRows):
    """Rows of a whole run."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def about(self) -> dict[str, Value]:
        """Scenario and policy."""
        return {"scenario": self.run.scenario.name, "policy": self.run.policy.id}


def array(
    column: Callable[[RowsT_contra], NDArray[Any]],
) -> Callable[[RowsT_contra, slice], list[Any]]:
    """Return the values of a column that is a numpy array of the rows."""
    return lambda rows, part: column(rows)[part].tolist()


def addresses(
    gfns: Callable[[RowsT_contra], NDArray[np.uint64]],
) -> Callable[[RowsT_contra, slice], list[int]]:
    """Return the values of a column of addresses, from gfns."""
    return lambda rows, part: (gfns(rows)[part] << np.uint64(PAGE_SHIFT)).tolist()


def seconds(
    times_ns: Callable[[RowsT_contra], NDArray[Any]],
) -> Callable[[RowsT_contra, slice], list[float]]:
    """Return the values of a column of times, from nanoseconds."""
    return lambda rows, part: (times_ns(rows)[part] / 1e9).tolist()


def row_number(_rows: object, part: slice) -> list[int]:
    """Return the values of the column that numbers the rows."""
    return list(range(part.start, part.stop))

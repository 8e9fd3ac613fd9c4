"""The constants of the model as rows of words, and values as people type them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.sim.memtype_speed import speed_constants

if TYPE_CHECKING:
    from mtrrviz.core.cost import Constant
    from mtrrviz.sim.cost_model import CostModel, Entry

COLUMNS = ("part", "constant", "value", "unit", "default", "known", "what it is", "source")
VALUE = COLUMNS.index("value")
_NOT_FITTED = "not fitted"
_BY_HAND = "changed"


@dataclass(frozen=True, slots=True)
class ConstantRow:
    """One constant: its cells as :data:`COLUMNS`, and its entry if it can be changed."""

    cells: tuple[str, ...]
    entry: Entry | None = None

    @property
    def is_changed(self) -> bool:
        """Whether it is not at its default."""
        return self.entry is not None and self.entry.is_changed


def constant_rows(costs: CostModel) -> list[ConstantRow]:
    """Return all constants: those of the lock, of the boot, and the measured speeds of memory."""
    rows = [ConstantRow(_entry_cells(entry), entry) for entry in costs.entries()]
    return [*rows, *(ConstantRow(_speed_cells(speed)) for speed in speed_constants(costs.platform))]


def _entry_cells(entry: Entry) -> tuple[str, ...]:
    constant = entry.constant
    return (
        entry.group,
        entry.name,
        value_text(constant.value),
        constant.unit,
        value_text(entry.default.value),
        _BY_HAND if entry.is_changed else _known(constant),
        constant.meaning,
        _source(constant),
    )


def _speed_cells(speed: Constant) -> tuple[str, ...]:
    value = value_text(speed.value)
    return "memory", "", value, speed.unit, value, _known(speed), speed.meaning, _source(speed)


def _known(constant: Constant) -> str:
    """Return in a word how a value came about: fitted, assumed, given or measured."""
    if _NOT_FITTED not in constant.fitted_to:
        return "fitted"
    return constant.fitted_to.partition(",")[0]


def _source(constant: Constant) -> str:
    if _NOT_FITTED in constant.fitted_to:
        return constant.source
    return f"{constant.source}; fitted to {constant.fitted_to}"


def value_text(value: float) -> str:
    """Return a value as tables show it, with all its digits: 1,251,500 or 0.4126."""
    return f"{value:,.10g}"


def range_text(entry: Entry) -> str:
    """Return which values a constant may have."""
    return f"{value_text(entry.least)} to {value_text(entry.most)} {entry.constant.unit}"


def parse_value(text: str, entry: Entry) -> float:
    """Return the value that was typed; MtrrvizError says what it should have been."""
    plain = text.strip().removesuffix(entry.constant.unit).replace(",", "").replace("_", "")
    try:
        value = float(plain)
    except ValueError:
        raise MtrrvizError(
            f"{text.strip()!r} is not a number: {entry.name} is {range_text(entry)}"
        ) from None
    entry.check(value)
    return value

"""The table of the model's constants, and their values as people type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.item_rows import ItemRows, of_item
from mtrrviz.sim.memtype_speed import speed_constants

if TYPE_CHECKING:
    from mtrrviz.core.costs.cost import Constant
    from mtrrviz.facts.tables.column import Value
    from mtrrviz.sim.cost_model import CostEntry, CostModel

_NOT_FITTED = "not fitted"
_BY_HAND = "changed"


class UsedConstant(Record):
    """A constant in force; ``entry`` is None for one that was measured and cannot be changed."""

    part: str
    constant: Constant
    entry: CostEntry | None = None

    @property
    def name(self) -> str:
        """Its name, as the command line takes it; "" if it cannot be changed."""
        return self.entry.name if self.entry else ""

    @property
    def default(self) -> float:
        """The value that the model has for it."""
        return self.entry.default.value if self.entry else self.constant.value

    @property
    def is_changed(self) -> bool:
        """Whether it is not at its default."""
        return self.entry is not None and self.entry.is_changed


def used_constants(costs: CostModel) -> list[UsedConstant]:
    """Return all constants: those of the lock, of the boot, and the measured speeds of memory."""
    entries = [UsedConstant(entry.group, entry.constant, entry) for entry in costs.entries()]
    return [*entries, *(UsedConstant("memory", c) for c in speed_constants(costs.platform))]


def _known(constant: Constant) -> str:
    """Return in a word where a value is from: fitted, assumed, given or measured."""
    if _NOT_FITTED not in constant.fitted_to:
        return "fitted"
    return constant.fitted_to.partition(",")[0]


def _source(constant: Constant) -> str:
    if _NOT_FITTED in constant.fitted_to:
        return constant.source
    return f"{constant.source}; fitted to {constant.fitted_to}"


def value_text(value: float) -> str:
    """Return a value with all its digits: 1,251,500 or 0.4126."""
    return f"{value:,.10g}"


def range_text(entry: CostEntry) -> str:
    """Return which values a constant may have."""
    return f"{value_text(entry.least)} to {value_text(entry.most)} {entry.constant.unit}"


def parse_value(text: str, entry: CostEntry) -> float:
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


_of = of_item(UsedConstant)
_COLUMNS: tuple[Column[ConstantRows], ...] = (
    Column("part", "part", "part of the model: lock, boot or memory", _of(lambda c: c.part)),
    Column("name", "constant", "Its name, as `mtrrviz run --constant NAME=VALUE` takes it",
           _of(lambda c: c.name)),
    Column("value", "value",
           "Edit it, or step it with the arrow keys; all modelled figures update at once",
           _of(lambda c: c.constant.value), Unit.NUMBER,
           lambda rows, row: value_text(rows.items[row].constant.value)),
    Column("unit", "unit", "what the value counts", _of(lambda c: c.constant.unit)),
    Column("default", "default", "The value of the model, to which Reset goes back",
           _of(lambda c: c.default), Unit.NUMBER,
           lambda rows, row: value_text(rows.items[row].default)),
    Column("known", "known",
           "fitted to published measurements, chosen, assumed, given with the measurements, "
           "measured, or changed by hand",
           _of(lambda c: _BY_HAND if c.is_changed else _known(c.constant))),
    Column("meaning", "what it is", "what the constant stands for",
           _of(lambda c: c.constant.meaning)),
    Column("source", "source", "where the value is from", _of(lambda c: _source(c.constant))),
)  # fmt: skip


class ConstantRows(ItemRows[UsedConstant]):
    """Rows by number of the constant."""

    name = "constants"
    columns = _COLUMNS
    shown = ("part", "name", "value", "unit", "default", "known", "meaning", "source")

    def __init__(self, costs: CostModel) -> None:
        super().__init__(used_constants(costs))
        self.costs = costs

    @property
    def about(self) -> dict[str, Value]:
        """The CPU whose speeds of memory are used."""
        return {"cpu": self.costs.platform}

"""The constants of models: each with its unit, where it comes from and what it was fitted to.

Results that depend on them must be labelled as modelled.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

Model = TypeVar("Model", bound=Record)


class Constant(Record):
    """A number of the model with its unit, meaning, source and what it was fitted to.

    ``least`` is the smallest value that makes sense; 0 leaves out what the constant stands for.
    """

    value: float
    unit: str
    meaning: str
    source: str
    fitted_to: str
    least: float = 0.0


def with_values(model: Model, values: Mapping[str, float]) -> Model:
    """Return ``model`` with the named constants at other values.

    MtrrvizError for a name it has no constant of, and for values that are below 0 or not finite.
    """
    known = {name: getattr(model, name) for name in model.__struct_fields__}
    changed: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise MtrrvizError(f"unknown constant {name!r}; known are {', '.join(known)}")
        if not math.isfinite(value) or value < 0:
            raise MtrrvizError(f"{name} cannot be {value}: expected a number of at least 0")
        changed[name] = replace(known[name], value=value)
    return replace(model, **changed)


_SERIES = "published measurements of the KVM series 'refine memtype related mmu zap'"

CPU_CLOCK = Constant(
    3.1, "GHz", "clock of the measured host's CPU", _SERIES, "given, not fitted", least=0.1
)

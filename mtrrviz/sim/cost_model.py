"""The constants behind all that is modelled of a run: the lock, the boot, the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from mtrrviz.core.costs.cost import with_values
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.sim.boot_parts import DEFAULT_BOOT
from mtrrviz.sim.lock_costs import DEFAULT_LOCK
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM, find_platform, speed_constants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mtrrviz.core.costs.boot_time import BootTime
    from mtrrviz.core.costs.cost import Constant
    from mtrrviz.core.costs.lock_model import LockModel

Group = Literal["lock", "boot"]
#: The parts of the model that hold constants which can be changed.
GROUPS: tuple[Group, ...] = ("lock", "boot")
#: No constant may exceed this multiple of its default, which is far beyond any CPU.
_MOST_TIMES = 1000.0
_MODELLED = "modelled"
_CHANGED = "modelled, constants changed"


class CostEntry(Record):
    """A constant in force by its name, the part of the model it belongs to, and its default."""

    group: Group
    name: str
    constant: Constant
    default: Constant

    @property
    def is_changed(self) -> bool:
        """Whether its value is not the default."""
        return self.constant.value != self.default.value

    @property
    def least(self) -> float:
        """The smallest value it may have."""
        return self.default.least

    @property
    def most(self) -> float:
        """The largest value it may have."""
        return _MOST_TIMES * (self.default.value or 1.0)

    def check(self, value: float) -> None:
        """Raise MtrrvizError for a value out of range or that is no number."""
        if not self.least <= value <= self.most:
            raise MtrrvizError(
                f"{self.name} cannot be {value:g} {self.constant.unit}: expected "
                f"{self.least:,.10g} to {self.most:,.10g}"
            )


class CostModel(Record):
    """What zaps cost at mmu_lock, how long a boot takes, and on which CPU slow leaves are met."""

    lock: LockModel = DEFAULT_LOCK
    boot: BootTime = DEFAULT_BOOT
    platform: str = DEFAULT_PLATFORM

    def constants(self) -> tuple[Constant, ...]:
        """Return every constant in force, for a table of sources."""
        return (
            *self.lock.constants(),
            *self.boot.constants(),
            *speed_constants(self.platform),
        )

    def entries(self) -> tuple[CostEntry, ...]:
        """Return the constants that can be changed, by name; no two have the same."""
        return tuple(entry for group in GROUPS for entry in self._entries(group))

    def _entries(self, group: Group) -> Iterator[CostEntry]:
        part, default = getattr(self, group), getattr(DEFAULT_COSTS, group)
        for name in part.__struct_fields__:
            yield CostEntry(group, name, getattr(part, name), getattr(default, name))

    def with_values(self, values: Mapping[str, float]) -> CostModel:
        """Return the model with the named constants at other values.

        MtrrvizError for a name that no constant has, and for a value out of its range.
        """
        entries = {entry.name: entry for entry in self.entries()}
        changed: dict[Group, dict[str, float]] = {group: {} for group in GROUPS}
        for name, value in values.items():
            if name not in entries:
                raise MtrrvizError(f"no constant {name!r}; known are {', '.join(entries)}")
            entries[name].check(value)
            changed[entries[name].group][name] = value
        return replace(
            self,
            lock=with_values(self.lock, changed["lock"]),
            boot=with_values(self.boot, changed["boot"]),
        )

    def on_platform(self, name: str) -> CostModel:
        """Return the model with the memory of another CPU; MtrrvizError if it was not measured."""
        return replace(self, platform=find_platform(name))

    @property
    def changes(self) -> dict[str, float]:
        """The constants that are not at their defaults, by name."""
        return {entry.name: entry.constant.value for entry in self.entries() if entry.is_changed}

    @property
    def is_default(self) -> bool:
        """Whether all constants and the CPU are those of the published model."""
        return self == DEFAULT_COSTS

    @property
    def label(self) -> str:
        """What to write beside each modelled figure: whether constants were changed."""
        return _MODELLED if self.is_default else _CHANGED

    @property
    def changes_text(self) -> str:
        """What was changed in one line, "" if nothing was, e.g. "own=500, cpu=Coffee Lake-S"."""
        words = [f"{name}={value:g}" for name, value in self.changes.items()]
        if self.platform != DEFAULT_PLATFORM:
            words.append(f"cpu={self.platform}")
        return ", ".join(words)


DEFAULT_COSTS = CostModel()
"""The model as it was fitted to the published measurements."""

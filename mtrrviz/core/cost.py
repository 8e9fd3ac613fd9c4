"""What zaps cost, modelled: cycles of one zap, and the time they add to a boot.

Nothing here is known from first principles. Every constant carries where it comes from and what it
was fitted to, so that a window can show both; results must be labelled as modelled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from mtrrviz.core.errors import MtrrvizError


@dataclass(frozen=True, slots=True)
class Constant:
    """A number of the model with its unit, meaning, source and what it was fitted to."""

    value: float
    unit: str
    meaning: str
    source: str
    fitted_to: str


if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

    Model = TypeVar("Model", bound=DataclassInstance)


def with_values(model: Model, values: Mapping[str, float]) -> Model:
    """Return ``model`` with the named constants at other values.

    MtrrvizError for a name it has no constant of, and for values that are below 0 or not finite.
    """
    known = {entry.name: getattr(model, entry.name) for entry in fields(model)}
    changed: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise MtrrvizError(f"unknown constant {name!r}; known are {', '.join(known)}")
        if not math.isfinite(value) or value < 0:
            raise MtrrvizError(f"{name} cannot be {value}: expected a number of at least 0")
        changed[name] = replace(known[name], value=value)
    return replace(model, **changed)


_SERIES = "published measurements of the KVM series 'refine memtype related mmu zap'"
_BOOT_FIT = "four boots: before and after the patch, 2 and 16 GiB, 8 vCPUs, OVMF (v2)"

UNCONTENDED_ZAP = Constant(
    1.170,
    "Mcycles",
    "a zap with no other vCPU zapping at the same time",
    _SERIES,
    "per-VM rows of v2: 16.07 and 16.68 Mcycles for 14 zaps each",
)
RIVAL_ZAP = Constant(
    13.524,
    "Mcycles per rival",
    "what each further vCPU zapping in the same burst adds to a zap",
    _SERIES,
    "OVMF, 8 vCPUs, before the patch (v4 Base1): 3506.37 Mcycles for 84 zaps",
)
BASE_BOOT = Constant(18.091, "s", "boot time of a guest without memory or zaps", _SERIES, _BOOT_FIT)
BOOT_PER_GIB = Constant(0.3657, "s/GiB", "boot time each GiB of RAM adds", _SERIES, _BOOT_FIT)
WALL_SHARE = Constant(
    0.4186,
    "s per vCPU-s",
    "boot time a second of zapping adds; below 1 as vCPUs zap side by side",
    _SERIES,
    _BOOT_FIT,
)
CPU_CLOCK = Constant(3.1, "GHz", "clock of the measured host's CPU", _SERIES, "given, not fitted")


@dataclass(frozen=True, slots=True)
class CostModel:
    """Cycles and seconds from counts of zaps and their rivals; all results are modelled."""

    uncontended_zap: Constant = UNCONTENDED_ZAP
    rival_zap: Constant = RIVAL_ZAP
    base_boot: Constant = BASE_BOOT
    boot_per_gib: Constant = BOOT_PER_GIB
    wall_share: Constant = WALL_SHARE
    cpu_clock: Constant = CPU_CLOCK

    def constants(self) -> tuple[Constant, ...]:
        """Return every constant, for a table of sources."""
        return (
            self.uncontended_zap,
            self.rival_zap,
            self.base_boot,
            self.boot_per_gib,
            self.wall_share,
            self.cpu_clock,
        )

    def zap_cycles(self, rivals: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return cycles of zaps by the number of *other* vCPUs zapping in the same burst."""
        others = np.asarray(rivals, dtype=np.float64)
        return (self.uncontended_zap.value + self.rival_zap.value * others) * 1e6

    def stall_s(self, cycles: float) -> float:
        """Return the seconds of boot time that cycles spent zapping add."""
        return self.wall_share.value * cycles / (self.cpu_clock.value * 1e9)

    def base_boot_s(self, memory_gib: float) -> float:
        """Return the boot time without any zap."""
        return self.base_boot.value + self.boot_per_gib.value * memory_gib

    def boot_s(self, memory_gib: float, zap_mcycles: float) -> float:
        """Return the boot time with zaps that took this many million cycles in all."""
        return self.base_boot_s(memory_gib) + self.stall_s(zap_mcycles * 1e6)

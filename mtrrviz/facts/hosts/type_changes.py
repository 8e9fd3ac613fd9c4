"""What changes type on a real machine when its registers do: how much, of what, to what."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType, hardware_types
from mtrrviz.core.sorting import distinct
from mtrrviz.core.units import PAGE_SHIFT, format_size
from mtrrviz.facts.hosts.hardware_types import DEVICE_KINDS
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec

_WORDS = {
    RegionKind.RAM: "RAM",
    RegionKind.ROM: "ROM",
    RegionKind.DEVICE_RAM: "device memory",
    RegionKind.RESERVED: "reserved space",
    RegionKind.UNKNOWN: "unknown space",
    **dict.fromkeys(DEVICE_KINDS, "device space"),
}
_UNASSIGNED = "unassigned space"
#: What matters most comes first.
_ORDER = (*dict.fromkeys(_WORDS.values()), _UNASSIGNED)


class TypeChange(Record):
    """So many bytes of one kind of memory get other types; several where they alternate."""

    what: str
    size_bytes: int
    before: tuple[HostType, ...]
    after: tuple[HostType, ...]

    @property
    def words(self) -> str:
        """The change in words: "2 GiB of RAM: WB to UC"."""
        size = format_size(self.size_bytes)
        return f"{size} of {self.what}: {_or(self.before)} to {_or(self.after)}"


def type_changes(
    before: Machine, after: Machine, cpu: int, spec: MachineSpec
) -> tuple[TypeChange, ...]:
    """Return what one CPU takes for other types after than before, RAM first, the largest first."""
    old, new = hardware_types(before, cpu), hardware_types(after, cpu)
    end = 1 << (spec.maxphyaddr - PAGE_SHIFT)
    borders = [edge for r in spec.regions for edge in (r.first_gfn, r.end_gfn)]
    edges = distinct(
        np.concatenate([old.starts, new.starts, np.array([0, *borders, end], np.uint64)])
    )
    edges = edges[edges <= np.uint64(end)]
    firsts, ends = edges[:-1], edges[1:]
    sets = zip(old.sets_in(firsts, ends).tolist(), new.sets_in(firsts, ends).tolist(), strict=True)
    found: Counter[tuple[str, int, int]] = Counter()
    for first, last, (was, will) in zip(firsts.tolist(), ends.tolist(), sets, strict=True):
        if was != will:
            region = spec.region_at(first)
            what = _UNASSIGNED if region is None else _WORDS[region.kind]
            found[what, was, will] += (last - first) << PAGE_SHIFT
    changes = [TypeChange(what, size, _types(was), _types(will))
               for (what, was, will), size in found.items()]  # fmt: skip
    return tuple(sorted(changes, key=lambda c: (_ORDER.index(c.what), -c.size_bytes)))


def _types(found: int) -> tuple[HostType, ...]:
    return tuple(kind for kind in HostType if found >> kind & 1)


def _or(types: tuple[HostType, ...]) -> str:
    return " or ".join(kind.label for kind in types)

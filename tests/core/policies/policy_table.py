"""What every policy answers, as one table, and a second, plain reading of it for other tests.

The columns: leaf under CR0.CD=1 with the CD_NW quirk on and off, whose MTRRs count under CD=0
("WB": nobody's), whose MTRR writes zap, what a CD edge zaps with the quirk on and off, whether
devices do, the leaf without devices, whether mixed types limit huge leaves, and for costs the lock
and whether zaps are serialised and cut by slots. "+I" is IPAT; "all~" ends at 2^64 - 1, "all" at
2^52 - 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mtrrviz.core.machine import Machine

if TYPE_CHECKING:
    from tests.core.oracle import Oracle

Span = tuple[int, int]

_TABLE = """
policy               CD=1  off   CD=0   writes  edge    off   dma  none  levels  lock    ser  cut
per-vcpu             WB+I  UC+I  own    any     -       all~  no   WB+I  yes     write   no   no
per-vm               WB+I  UC+I  vcpu0  vcpu0   -       all~  yes  WB+I  yes     write   no   no
cd-toggle            WB    UC+I  own    CD=0    all~    all~  yes  WB+I  yes     write   no   no
serialized           WB    UC+I  own    CD=0    all     all   yes  WB+I  yes     write   yes  no
fine-grained         WB    UC+I  own    CD=0    non-WB  all   yes  WB+I  yes     write   yes  no
slot-split           WB    UC+I  own    CD=0    non-WB  all   yes  WB+I  yes     write   yes  yes
shared-lock          WB    UC+I  own    CD=0    all~    all~  yes  WB+I  yes     read    no   no
fine-grained+shared  WB    UC+I  own    CD=0    non-WB  all   yes  WB+I  yes     read    yes  no
slot-split+shared    WB    UC+I  own    CD=0    non-WB  all   yes  WB+I  yes     read    yes  yes
kvm-6.7              WB    UC+I  own    any     -       all~  yes  WB+I  yes     write   no   no
kvm-6.11             WB    WB    WB     -       -       -     yes  WB+I  no      write   no   no
self-snoop           WB    WB    WB     -       -       -     no   WB    no      write   no   no
self-snoop/without   WB    WB    WB     -       -       -     yes  WB+I  no      write   no   no
kvm-6.16             WB    WB    WB     -       -       -     yes  WB+I  no      write   no   no
kvm-6.16/quirk-off   WB    WB    WB     -       -       -     no   WB    no      write   no   no
"""

_LEAVES = {"WB": (6, 0), "WB+I": (6, 1), "UC+I": (0, 1)}
_ALL, _ALL_TILDE = (0, 2**52 - 1), (0, 2**64 - 1)
_SETTINGS: dict[str, dict[str, Any]] = {
    "without": {"self_snoop": False},
    "quirk-off": {"ignore_guest_pat": False},
}


@dataclass
class Situation:
    """All that an answer may depend on; each vCPU's registers as an Oracle."""

    oracles: list[Oracle]
    cd: list[bool]
    quirk: bool = True
    devices: int = 0
    slots: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of the table and what it says about a situation."""

    name: str
    cells: dict[str, str]

    @property
    def policy(self) -> str:
        return self.name.partition("/")[0]

    @property
    def settings(self) -> dict[str, Any]:
        """The machine's settings that this row is about."""
        return _SETTINGS.get(self.name.partition("/")[2], {})

    def machine(self, vcpus: int = 1, **settings: Any) -> Machine:
        return Machine(vcpus, self.policy, **self.settings, **settings)

    def owner(self, vcpu: int) -> int:
        return 0 if self.cells["CD=0"] == "vcpu0" else vcpu

    def leaf(self, now: Situation, vcpu: int, gfn: int) -> tuple[int, int]:
        if not now.devices:
            return _LEAVES[self.cells["none"]]
        if now.cd[vcpu]:
            return _LEAVES[self.cells["CD=1" if now.quirk else "CD=1 off"]]
        if self.cells["CD=0"] == "WB":
            return 6, 0
        return now.oracles[self.owner(vcpu)].memory_type(gfn), 0

    def level(self, now: Situation, vcpu: int, gfn: int) -> int:
        limited = now.devices and self.cells["levels"] == "yes"
        return now.oracles[self.owner(vcpu)].max_level(gfn) if limited else 3

    def write(self, now: Situation, vcpu: int, msr: int) -> list[Span] | None:
        """Return what a write zaps, None if it asks for nothing."""
        writers = self.cells["writes"]
        counts = {"any": True, "vcpu0": vcpu == 0, "CD=0": not now.cd[vcpu], "-": False}[writers]
        span = now.oracles[vcpu].zap(msr)
        if not now.devices or not counts or span is None:
            return None
        return self._cut(now, span)

    def edge(self, now: Situation, vcpu: int) -> list[Span] | None:
        """Return what a change of CD zaps, None if it asks for nothing."""
        what = self.cells["edge" if now.quirk else "edge off"]
        if not now.devices or what == "-":
            return None
        if what == "non-WB":
            return self._non_wb(now, now.oracles[vcpu])
        return [_ALL_TILDE] if what == "all~" else self._cut(now, _ALL)

    def dma(self) -> list[Span] | None:
        return [_ALL] if self.cells["dma"] == "yes" else None

    def _non_wb(self, now: Situation, state: Oracle) -> list[Span] | None:
        if not state.enabled():
            return self._cut(now, _ALL) if state.has_mtrr else None
        if state.deftype % 256 != 6:
            return self._cut(now, _ALL)
        spans = {(0, 0x100)} if set(state.low_pages) != {6} else set[Span]()
        for pair in state.walk:
            if state.base[pair] % 256 != 6:
                start, end = state.span(pair)
                spans.add((start // 4096, end // 4096))
        return _drained(spans)

    def _cut(self, now: Situation, span: Span) -> list[Span]:
        if self.cells["cut"] == "no" or not now.slots:
            return [span]
        parts = {(max(span[0], start), min(span[1], end)) for start, end in now.slots}
        return _drained({part for part in parts if part[0] < part[1]})


def _drained(spans: set[Span]) -> list[Span]:
    """Short before long; of equal length, the highest first."""
    return sorted(sorted(spans, reverse=True), key=lambda span: (span[1] - span[0]) % 2**64)


def _rows() -> dict[str, Row]:
    head, *lines = (line.split() for line in _TABLE.strip().splitlines())
    names: list[str] = []
    for title in head[1:]:
        names.append(f"{names[-1]} off" if title == "off" else title)
    rows = [Row(name, dict(zip(names, cells, strict=True))) for name, *cells in lines]
    return {row.name: row for row in rows}


ROWS = _rows()

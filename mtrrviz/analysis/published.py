"""The published measurements of the KVM patch series, and which of them a run repeats."""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.paths import resources_dir

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario

_FILE = "published.csv"
#: The names that the series give our policies.
_VARIANTS = {
    "per-vcpu": frozenset({"before", "Base", "Base1"}),
    "per-vm": frozenset({"after (per-VM MTRR)"}),
    "cd-toggle": frozenset({"C6-8", "Base2"}),
    "serialized": frozenset({"C9", "Base2+P9"}),
    "fine-grained": frozenset({"C10", "Base2+P9+10"}),
    "slot-split": frozenset({"C11", "Base2+P9+10+11"}),
    "shared-lock": frozenset({"Base2+P12"}),
    "fine-grained+shared": frozenset({"Base2+P9+10+12"}),
    "slot-split+shared": frozenset({"Base2+P9+10+11+12"}),
}
_FIRMWARES = ("ovmf", "seabios")
#: v2 does not name its firmware; its 84 zaps are those of OVMF in the later series.
_UNSTATED = "unstated"
_UNSTATED_IS = "ovmf"


class PublishedRow(Record):
    """One published measurement; ``boot_s`` is None where no boot time was given."""

    series: str
    firmware: str
    vcpus: int
    memory_gib: float
    variant: str
    zap_count: int
    zap_mcycles: float
    boot_s: float | None
    cpu_mhz: int
    source: str

    @property
    def words(self) -> str:
        """The measurement in one line, for tooltips."""
        boot = f", boot {self.boot_s:.2f} s" if self.boot_s is not None else ""
        firmware = "firmware unstated" if self.firmware == _UNSTATED else self.firmware
        return (
            f"{self.series} {self.variant} ({firmware}, {self.vcpus} vCPUs, "
            f"{self.memory_gib:g} GiB): {self.zap_count} zaps, {self.zap_mcycles:,.2f} M cycles"
            f"{boot}"
        )


@cache
def published_rows() -> tuple[PublishedRow, ...]:
    """Return all published rows, in the order of the file, oldest series first."""
    return read_published(resources_dir() / _FILE)


def read_published(path: Path) -> tuple[PublishedRow, ...]:
    """Read a file of published rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_row(cells) for cells in csv.DictReader(file))


def _row(cells: dict[str, str]) -> PublishedRow:
    return PublishedRow(
        series=cells["series"],
        firmware=cells["firmware"],
        vcpus=int(cells["vcpus"]),
        memory_gib=float(cells["memory_gib"]),
        variant=cells["variant"],
        zap_count=int(cells["zap_count"]),
        zap_mcycles=float(cells["zap_mcycles"]),
        boot_s=float(cells["boot_s"]) if cells["boot_s"] else None,
        cpu_mhz=int(cells["cpu_mhz"]),
        source=cells["source"],
    )


def policy_of(row: PublishedRow) -> str:
    """Return the id of the policy that a published variant is."""
    return next(policy for policy, variants in _VARIANTS.items() if row.variant in variants)


def firmware_of(row: PublishedRow) -> str:
    """Return the firmware whose boot a row measured: "ovmf" or "seabios"."""
    return next(firmware for firmware in _FIRMWARES if _same_firmware(row.firmware, firmware))


def published_for(scenario: Scenario, policy: str) -> tuple[PublishedRow, ...]:
    """Return the measurements of this boot under this policy, the newest series first.

    A scenario counts as a repeat if it is tagged with the firmware and has the same number of
    vCPUs and the same memory; others have nothing published, and the result is empty.
    """
    firmware = next((tag for tag in scenario.tags if tag in _FIRMWARES), None)
    if firmware is None or "recorded" not in scenario.tags:
        return ()
    memory_gib = scenario.machine.memory_gib
    rows = [
        row
        for row in published_rows()
        if _same_firmware(row.firmware, firmware)
        and (row.vcpus, row.memory_gib) == (scenario.machine.vcpus, memory_gib)
        and row.variant in _VARIANTS.get(policy, ())
    ]
    return tuple(reversed(rows))


def _same_firmware(published: str, ours: str) -> bool:
    stated = _UNSTATED_IS if published == _UNSTATED else published
    return stated.lower() == ours

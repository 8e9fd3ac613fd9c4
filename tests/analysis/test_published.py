"""The published measurements, and the boots they belong to."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.analysis.published import _VARIANTS, published_for, published_rows
from mtrrviz.scenario.library import open_scenario

BOOT = open_scenario("ovmf-8vcpu-2g")


def figures(scenario, policy):
    return [(r.series, r.zap_count, r.zap_mcycles) for r in published_for(scenario, policy)]


def test_every_published_row_is_read():
    rows = published_rows()
    assert len(rows) == 46
    assert {row.series for row in rows} == {"v2", "v3", "v4"}
    assert sum(row.boot_s is not None for row in rows) == 4


@pytest.mark.parametrize(
    ("name", "policy", "expected"),
    [
        ("ovmf-8vcpu-2g", "per-vcpu", [("v2", 84, 4164.57)]),
        ("ovmf-8vcpu-2g", "per-vm", [("v2", 14, 16.07)]),
        (
            "ovmf-8vcpu-16g",
            "per-vcpu",
            [("v4", 84, 3506.37), ("v3", 84, 3444.97), ("v2", 84, 4163.38)],
        ),
        ("seabios-16vcpu-16g", "per-vcpu", [("v4", 98, 532.71)]),
        ("seabios-16vcpu-16g", "per-vm", []),
        ("ovmf-8vcpu-16g", "serialized", [("v4", 74, 319.23), ("v3", 74, 261.45)]),
        ("seabios-8vcpu-16g", "slot-split+shared", [("v4", 42, 16.98)]),
        ("seabios-8vcpu-2g", "per-vcpu", []),
        ("small-machine", "per-vcpu", []),
    ],
)
def test_a_boot_finds_its_own_measurements_newest_first(name, policy, expected):
    assert figures(open_scenario(name), policy) == expected


def test_every_row_belongs_to_one_policy():
    owners = [
        p for row in published_rows() for p, names in _VARIANTS.items() if row.variant in names
    ]
    assert len(owners) == len(published_rows())


def test_another_machine_is_another_boot():
    machine = replace(BOOT.machine, vcpus=9)
    assert figures(replace(BOOT, machine=machine), "per-vcpu") == []


def test_a_row_says_where_it_comes_from():
    words = published_for(BOOT, "per-vcpu")[0].words
    assert words == (
        "v2 before (firmware unstated, 8 vCPUs, 2 GiB): 84 zaps, 4,164.57 M cycles, boot 19.38 s"
    )

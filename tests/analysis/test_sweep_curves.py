"""Rows of a sweep become curves: one a policy and size, dashed beyond what was measured."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.sweep import SweepRow
from mtrrviz.analysis.sweep_curves import curves, published_points


def row(policy: str, vcpus: int, memory: float, cycles: float = 1.0) -> SweepRow:
    return SweepRow("ovmf", vcpus, memory, policy, 10 * vcpus, cycles, 18.0 + memory, vcpus > 16)


ROWS = [
    row(policy, vcpus, memory)
    for policy in ("per-vcpu", "per-vm")
    for memory in (2.0, 16.0)
    for vcpus in (64, 8, 1, 16)
]


def test_there_is_a_curve_for_each_policy_and_memory_by_growing_vcpus() -> None:
    found = curves(ROWS, "vcpus", "zap_count")
    assert [(curve.policy, curve.size) for curve in found] == [
        ("per-vcpu", "2 GiB"), ("per-vcpu", "16 GiB"), ("per-vm", "2 GiB"), ("per-vm", "16 GiB")
    ]  # fmt: skip
    assert found[0].x == (1, 8, 16, 64)
    assert found[0].y == (10, 80, 160, 640)
    assert [each.vcpus for each in found[0].rows] == [1, 8, 16, 64]


def test_only_what_has_more_vcpus_than_were_measured_is_dashed() -> None:
    curve = curves(ROWS, "vcpus", "zap_count")[0]
    assert curve.x[curve.solid] == (1, 8, 16)
    assert curve.x[curve.dashed] == (16, 64)
    measured = curves([row("per-vm", 8, 2)], "vcpus", "boot_s")[0]
    assert measured.x[measured.dashed] == ()
    beyond = curves([row("per-vm", 64, 2), row("per-vm", 32, 2)], "vcpus", "boot_s")[0]
    assert (beyond.x[beyond.solid], beyond.x[beyond.dashed]) == ((), (32, 64))


def test_against_memory_there_is_a_curve_for_each_number_of_vcpus() -> None:
    found = curves(ROWS, "memory_gib", "boot_s")
    assert [curve.size for curve in found[:4]] == ["64 vCPUs", "8 vCPUs", "1 vCPU", "16 vCPUs"]
    assert (found[1].x, found[1].y) == ((2, 16), (20, 34))
    assert found[0].x[found[0].dashed] == (2, 16)


def test_a_size_that_all_curves_have_is_not_named() -> None:
    assert [curve.size for curve in curves(ROWS[:4], "vcpus", "zap_count")] == [""]


def test_points_that_a_logarithm_has_no_place_for_can_be_left_out() -> None:
    (curve,) = curves(
        [row("per-vm", 1, 2, 0.0), row("per-vm", 16, 2, 5.0), row("per-vm", 32, 2, 9.0)],
        "vcpus",
        "zap_mcycles",
    )
    left = curve.above(0)
    assert (left.x, left.y) == ((16, 32), (5, 9))
    assert (left.x[left.solid], left.x[left.dashed]) == ((16,), (16, 32))


def test_published_points_are_those_of_the_guests_swept() -> None:
    found = published_points(ROWS, "vcpus", "zap_count")
    of_16_gib = {(point.policy, point.x, point.y) for point in found}
    assert ("per-vcpu", 8, 84) in of_16_gib
    assert ("per-vm", 8, 14) in of_16_gib
    assert {point.policy for point in found} == {"per-vcpu", "per-vm"}
    only = published_points([row("per-vm", 8, 4.0)], "vcpus", "zap_count")
    assert only == []


@pytest.mark.parametrize("axis", ["vcpus", "memory_gib"])
def test_few_measurements_have_a_boot_time(axis) -> None:
    found = published_points(ROWS, axis, "boot_s")
    assert {round(point.y, 2) for point in found} == {19.38, 18.83, 24.51, 23.94}

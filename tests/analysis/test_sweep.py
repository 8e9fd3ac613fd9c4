"""Sweeps give the same rows in one process and in several, in order, and stop when told to."""

from __future__ import annotations

import csv
import io

import pytest

from mtrrviz.analysis import sweep as analysis_sweep
from mtrrviz.analysis.sweep import SweepRow, sweep, write_csv
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import policy_ids
from mtrrviz.sim.cost_model import DEFAULT_COSTS


def test_rows_are_in_the_order_asked_for() -> None:
    rows = sweep("seabios", [2, 1], [2, 8], ["per-vm", "per-vcpu"], processes=1)
    assert [(row.policy, row.memory_gib, row.vcpus) for row in rows] == [
        (policy, memory, vcpus)
        for policy in ("per-vm", "per-vcpu")
        for memory in (2, 8)
        for vcpus in (2, 1)
    ]
    assert [row.zap_count for row in rows[4:]] == [14, 8, 14, 8]


def test_several_processes_give_the_same_rows() -> None:
    seen: list[tuple[int, int]] = []
    several = sweep(
        "ovmf", [1, 8], [2], ["per-vcpu"], lambda done, total: seen.append((done, total)),
        processes=2, here=True,
    )  # fmt: skip
    assert several == sweep("ovmf", [1, 8], [2], ["per-vcpu"], processes=1)
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize(("threads", "method"), [(1, "fork"), (2, "spawn"), (None, "spawn")])
def test_a_process_is_copied_where_it_has_one_thread_alone(
    threads: int | None, method: str, monkeypatch, tmp_path
) -> None:
    own = tmp_path / "task"
    for number in range(threads or 0):
        (own / str(number)).mkdir(parents=True)
    monkeypatch.setattr(analysis_sweep, "_OWN_THREADS", own)
    asked: list[str] = []

    def refuse(asked_for: str) -> None:
        asked.append(asked_for)
        raise InterruptedError

    monkeypatch.setattr(analysis_sweep, "get_context", refuse)
    with pytest.raises(InterruptedError):
        sweep("ovmf", [1, 8], [2], ["per-vcpu"], processes=2)
    assert asked == [method]


def test_a_small_sweep_starts_no_processes(monkeypatch) -> None:
    monkeypatch.setattr(analysis_sweep, "ProcessPoolExecutor", None)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(4))
    assert len(sweep("ovmf", [1, 2], [2], ["per-vcpu"])) == 2
    with pytest.raises(TypeError):
        sweep("ovmf", [255] * 6, [2], ["per-vcpu"])


def test_cycles_of_bursts_grow_with_the_square_and_shared_ones_do_not() -> None:
    rows = sweep("ovmf", [16, 32, 64], [2], ["per-vcpu", "shared-lock"], processes=1)
    exclusive = [row.zap_mcycles for row in rows[:3]]
    shared = [row.zap_mcycles for row in rows[3:]]
    assert exclusive[2] / exclusive[1] > 3.5
    assert shared[2] / shared[1] < 2.5
    assert [row.extrapolated for row in rows[:3]] == [False, True, True]


def test_every_policy_can_be_swept_to_255_vcpus() -> None:
    rows = sweep("ovmf", [255], [64], policy_ids(), processes=1)
    counts = {row.policy: row.zap_count for row in rows}
    assert counts["per-vcpu"] == counts["kvm-6.7"] == 2554
    assert counts["fine-grained"] == 9 * 255 + 2
    assert counts["per-vm"] == 14
    assert counts["kvm-6.11"] == 0
    assert min(row.boot_s for row in rows) == next(
        row.boot_s for row in rows if row.policy == "kvm-6.11"
    )


@pytest.mark.parametrize("processes", [1, 2])
def test_a_cancelled_sweep_returns_what_it_has(processes: int) -> None:
    done: list[int] = []
    rows = sweep(
        "seabios", [1, 2, 3, 4], [2], ["per-vm"], lambda count, _: done.append(count),
        lambda: bool(done), processes=processes,
    )  # fmt: skip
    assert 1 <= len(rows) < 4


def test_nothing_to_sweep_gives_nothing() -> None:
    assert sweep("ovmf", [], [2], ["per-vm"]) == []


@pytest.mark.parametrize(
    ("firmware", "vcpus", "policy"),
    [("ovmf", 256, "per-vm"), ("bios", 1, "per-vm"), ("ovmf", 1, "none")],
)
def test_impossible_sweeps_are_refused(firmware: str, vcpus: int, policy: str) -> None:
    with pytest.raises(MtrrvizError):
        sweep(firmware, [vcpus], [2], [policy])


def test_csv_reads_back() -> None:
    rows = sweep("ovmf", [4], [2.5], ["per-vm"], processes=1)
    file = io.StringIO()
    write_csv(rows, file)
    (cells,) = csv.DictReader(io.StringIO(file.getvalue()))
    assert list(cells) == list(SweepRow.__struct_fields__)
    assert float(cells["boot_s"]) == rows[0].boot_s


def test_other_constants_give_other_figures_and_the_csv_says_so() -> None:
    costs = DEFAULT_COSTS.with_values({"own": 4516.0})
    (row,) = sweep("ovmf", [4], [2], ["per-vm"], processes=1, costs=costs)
    (usual,) = sweep("ovmf", [4], [2], ["per-vm"], processes=1)
    assert row.zap_count == usual.zap_count
    assert row.zap_mcycles > 5 * usual.zap_mcycles
    file = io.StringIO()
    write_csv([row], file, costs)
    (cells,) = csv.DictReader(io.StringIO(file.getvalue()))
    assert cells["changed_constants"] == "own=4516"

"""How zaps, their cycles and boot times grow with vCPUs and memory, over generated boots.

Registers alone are replayed, as the touches of generated boots are made up: repeated faults and
slow leaves are left out, which for boots of the recorded sizes are some milliseconds. Points are
worked out by as many processes as there are CPUs.
"""

from __future__ import annotations

import csv
import os
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from itertools import product
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING, TextIO

from mtrrviz.core.policies import get_policy
from mtrrviz.scenario.generated.boot_machine import check
from mtrrviz.scenario.generated.boots import generate_boot
from mtrrviz.sim.boot_parts import Replayed
from mtrrviz.sim.cost_model import DEFAULT_COSTS, CostModel
from mtrrviz.sim.lock_costs import plan_of
from mtrrviz.sim.zap_requests import replay_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mtrrviz.scenario.model import Scenario

#: With more vCPUs than were ever measured the model extrapolates.
LARGEST_MEASURED = 16
#: Niceness of the processes, as a window may have to be drawn on the same CPUs.
_NICENESS = 5
#: Seconds between looks at whether the user cancelled.
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One point. Counts are replayed; ``zap_mcycles`` and ``boot_s`` are modelled."""

    firmware: str
    vcpus: int
    memory_gib: float
    policy: str
    zap_count: int
    zap_mcycles: float
    boot_s: float
    extrapolated: bool


@dataclass(frozen=True, slots=True)
class _Point:
    """What a process needs to work out one row."""

    firmware: str
    vcpus: int
    memory_gib: float
    policy: str
    costs: CostModel


def sweep(  # noqa: PLR0913 - the axes, the constants, and how to run
    firmware: str,
    vcpus: Sequence[int],
    memory_gib: Sequence[float],
    policies: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    costs: CostModel = DEFAULT_COSTS,
    processes: int | None = None,
) -> list[SweepRow]:
    """Return a row for each combination, ordered by policy, then memory, then vCPUs as given.

    ``progress`` is called with points done and points in all. Once ``cancelled`` returns True
    what has begun is given up, and the rows so far are returned. ``processes`` is the
    number of CPUs unless given; with 1 everything happens here. MtrrvizError for impossible guests
    or policies.
    """
    for count, memory in product(vcpus, memory_gib):
        check(firmware, count, memory)
    points = [
        _Point(firmware, count, memory, get_policy(policy).id, costs)
        for policy, memory, count in product(policies, memory_gib, vcpus)
    ]
    workers = min(processes or len(os.sched_getaffinity(0)), max(len(points), 1))
    results = _in_turn(points) if workers == 1 else _in_processes(points, workers, cancelled)
    done: dict[int, SweepRow] = {}
    for number, row in results:
        done[number] = row
        if progress is not None:
            progress(len(done), len(points))
        if cancelled():
            break
    return [done[number] for number in sorted(done)]


def _in_turn(points: Sequence[_Point]) -> Iterator[tuple[int, SweepRow]]:
    for number, point in enumerate(points):
        yield number, work_out(point)


def _in_processes(
    points: Sequence[_Point], workers: int, cancelled: Callable[[], bool]
) -> Iterator[tuple[int, SweepRow]]:
    """Yield rows as they are ready; once cancelled, points that have begun are given up.

    Processes are spawned, not forked: a window's threads do not survive a fork.
    """
    pool = ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=os.nice, initargs=(_NICENESS,)
    )
    others = set(active_children())
    try:
        # The largest first, so that no process is left with it at the end.
        order = sorted(range(len(points)), key=lambda number: -points[number].vcpus)
        futures = {pool.submit(work_out, points[number]): number for number in order}
        yield from _ready(futures, cancelled)
    finally:
        if cancelled():
            # A window that is being closed must not wait, not even for processes that still start.
            for process in set(active_children()) - others:
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


def _ready(
    futures: dict[Future[SweepRow], int], cancelled: Callable[[], bool]
) -> Iterator[tuple[int, SweepRow]]:
    pending = set(futures)
    while pending and not cancelled():
        ready, pending = wait(pending, _POLL_S, FIRST_COMPLETED)
        for future in ready:
            yield futures[future], future.result()


def work_out(point: _Point) -> SweepRow:
    """Return the row of one point."""
    scenario = _boot(point.firmware, point.vcpus, point.memory_gib)
    policy = get_policy(point.policy)
    plan = plan_of(scenario, policy, replay_requests(scenario, policy))
    ours = Replayed(plan, point.memory_gib, refaults=0, slow_touches={})
    mcycles, boot_s = ours.figures(point.costs.lock, point.costs.boot)
    return SweepRow(
        point.firmware,
        point.vcpus,
        point.memory_gib,
        point.policy,
        ours.zap_count,
        mcycles,
        boot_s,
        point.vcpus > LARGEST_MEASURED,
    )


@lru_cache(maxsize=4)
def _boot(firmware: str, vcpus: int, memory_gib: float) -> Scenario:
    """Return a boot; the points of its other policies often follow."""
    return generate_boot(firmware, vcpus, memory_gib)


def sweep_cells(rows: Iterable[SweepRow]) -> list[tuple[str, ...]]:
    """Return the rows as text, cells as :func:`sweep_header` names them."""
    return [
        (
            row.policy,
            f"{row.memory_gib:g}",
            str(row.vcpus),
            f"{row.zap_count:,}",
            f"{row.zap_mcycles:,.2f}",
            f"{row.boot_s:.2f}",
            "extrapolated" if row.extrapolated else "",
        )
        for row in rows
    ]


def sweep_header(label: str) -> tuple[str, ...]:
    """Return the names of the columns; ``label`` stands beside what is modelled."""
    modelled = (f"zap Mcycles ({label})", f"boot s ({label})")
    return ("policy", "GiB", "vCPUs", "zaps", *modelled, "")


def write_csv(rows: Iterable[SweepRow], file: TextIO, costs: CostModel = DEFAULT_COSTS) -> None:
    """Write rows as CSV with a header; ``file`` must be opened with ``newline=""``.

    Where ``costs``, those of the sweep, are not the model's own a last column says so in each row.
    """
    names = [field.name for field in fields(SweepRow)]
    changes = () if costs.is_default else (costs.changes_text,)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*names, *(["changed_constants"] if changes else [])])
    writer.writerows((*astuple(row), *changes) for row in rows)

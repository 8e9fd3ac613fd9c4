"""How zaps, their cycles and boot times grow with vCPUs and memory, over generated boots.

Registers alone are replayed, as the touches of generated boots are made up: repeated faults and
slow leaves are left out, which for boots of the recorded sizes are some milliseconds. Points are
worked out by as many processes as there are CPUs, where there is more to do than to start those.
"""

from __future__ import annotations

import csv
import os
import signal
import warnings
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import lru_cache
from itertools import product
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from msgspec.structs import asdict, astuple

from mtrrviz.analysis.able_to_start import why_no_processes
from mtrrviz.core.policies import get_policy, policy_ids
from mtrrviz.core.record import Record
from mtrrviz.scenario.generated.boot_machine import check
from mtrrviz.scenario.generated.boots import generate_boot
from mtrrviz.sim.boot_parts import Replayed
from mtrrviz.sim.cost_model import DEFAULT_COSTS, CostModel
from mtrrviz.sim.lock_costs import plan_of
from mtrrviz.sim.zap_requests import replay_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.scenario.model import Scenario

#: With more vCPUs than were ever measured the model extrapolates.
LARGEST_MEASURED = 16
#: Niceness of the processes, as a window may have to be drawn on the same CPUs.
_NICENESS = 5
#: vCPUs of all points together from which on processes save more than they cost: each takes as long
#: to start as points with some 500 vCPUs do.
_WORTH_PROCESSES = 1500
#: A folder for each thread of this process, where the system is Linux.
_OWN_THREADS = Path("/proc/self/task")
#: Seconds between looks at whether the user cancelled.
_POLL_S = 0.1


class SweepRow(Record):
    """One point. Counts are replayed; ``zap_mcycles`` and ``boot_s`` are modelled."""

    firmware: str
    vcpus: int
    memory_gib: float
    policy: str
    zap_count: int
    zap_mcycles: float
    boot_s: float
    extrapolated: bool


class _Point(Record):
    """What a process needs to work out one row."""

    firmware: str
    vcpus: int
    memory_gib: float
    policy: Policy | str
    costs: CostModel


def sweep(  # noqa: PLR0913 - the axes, the constants, and how to run
    firmware: str,
    vcpus: Sequence[int],
    memory_gib: Sequence[float],
    policies: Sequence[Policy | str],
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    costs: CostModel = DEFAULT_COSTS,
    processes: int | None = None,
    here: bool = False,
) -> list[SweepRow]:
    """Return a row for each combination, ordered by policy, then memory, then vCPUs as given.

    ``progress`` is called with points done and points in all. Once ``cancelled`` returns True
    what has begun is given up, and the rows so far are returned. ``processes`` is the number of
    CPUs unless given, or 1 for a small sweep; with 1 everything happens here, as it does with a
    policy that is in no registry, and, with a warning, where processes could not start (see
    why_no_processes). With ``here`` this one is among them and takes part, which would keep a
    window waiting. MtrrvizError for impossible guests or policies.
    """
    for count, memory in product(vcpus, memory_gib):
        check(firmware, count, memory)
    points = [
        _Point(firmware, count, memory, policy, costs)
        for policy, memory, count in product(map(_named, policies), memory_gib, vcpus)
    ]
    workers = _workers(points, processes)
    order = _largest_first(points)
    if workers == 1:
        results = ((number, work_out(points[number])) for number in reversed(order))
    else:
        results = _in_processes(points, order, workers - here, cancelled, here=here)
    done: dict[int, SweepRow] = {}
    for number, row in results:
        done[number] = row
        if progress is not None:
            progress(len(done), len(points))
        if cancelled():
            break
    return [done[number] for number in sorted(done)]


def _named(policy: Policy | str) -> Policy | str:
    """Return the id of a policy that other processes can find, else the policy itself."""
    if isinstance(policy, str):
        return get_policy(policy).id
    is_known = policy.id.partition(":")[0] in policy_ids() and get_policy(policy.id) is policy
    return policy.id if is_known else policy


def _workers(points: Sequence[_Point], processes: int | None) -> int:
    """Return how many processes are to work, 1 for this one alone."""
    if any(not isinstance(point.policy, str) for point in points):
        return 1
    workers = min(processes or _usual_processes(points), max(len(points), 1))
    reason = why_no_processes() if workers > 1 else ""
    if reason:
        warnings.warn(f"the sweep runs in one process: {reason}", RuntimeWarning, stacklevel=3)
        return 1
    return workers


def _usual_processes(points: Sequence[_Point]) -> int:
    """Return how many processes to use: one for each CPU, if that is worth it."""
    is_worth_it = sum(point.vcpus for point in points) > _WORTH_PROCESSES
    return _cpu_count() if is_worth_it else 1


def _largest_first(points: Sequence[_Point]) -> list[int]:
    """Return the numbers of points, those of one boot together, those that take longest first."""
    boots = [(-point.vcpus, -point.memory_gib) for point in points]
    return sorted(range(len(points)), key=boots.__getitem__)


def _cpu_count() -> int:
    """Return how many CPUs this process may use, or where that is not told how many there are."""
    may_use = getattr(os, "sched_getaffinity", None)
    return len(may_use(0)) if may_use is not None else os.cpu_count() or 1


def _in_processes(
    points: Sequence[_Point],
    order: Sequence[int],
    workers: int,
    cancelled: Callable[[], bool],
    *,
    here: bool,
) -> Iterator[tuple[int, SweepRow]]:
    """Yield rows as they are ready; once cancelled, points that have begun are given up.

    The largest come first, so that no process is left with one at the end. With ``here`` this
    thread works from the other end until it meets them, beginning while they start.
    """
    pool = ProcessPoolExecutor(workers, get_context(_start_method()), initializer=_be_worker)
    others = set(active_children())
    is_complete = False
    try:
        with _held_interrupts():
            futures = {pool.submit(work_out, points[number]): number for number in order}
        if here:
            yield from _taken_back(futures, points, cancelled)
        yield from _ready(futures, cancelled)
        is_complete = not cancelled()
    finally:
        if not is_complete:
            # Neither a window that is being closed nor a user who pressed Ctrl+C must wait, not
            # even for processes that still start.
            for process in set(active_children()) - others:
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


def _start_method() -> str:
    """Return how to start processes: as copies of this one, which cost nothing, if that is safe.

    Of the threads of a window, or of a library, only one would be in the copy, and what others had
    locked would stay locked there.
    """
    try:
        is_alone = sum(1 for _ in _OWN_THREADS.iterdir()) == 1
    except OSError:  # a system that does not tell
        return "spawn"
    return "fork" if is_alone else "spawn"


def _taken_back(
    futures: dict[Future[SweepRow], int], points: Sequence[_Point], cancelled: Callable[[], bool]
) -> Iterator[tuple[int, SweepRow]]:
    """Work out the last points, one after the other, as long as no process has begun them."""
    for future in reversed(list(futures)):
        if cancelled() or not future.cancel():
            return
        number = futures.pop(future)
        yield number, work_out(points[number])


def _be_worker() -> None:
    """Leave Ctrl+C, which a terminal sends to every process, to the one that asked for the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)


@contextmanager
def _held_interrupts() -> Generator[None]:
    """Hold Ctrl+C back while processes are made.

    They inherit that, so that none is interrupted, with a traceback, before it ignores Ctrl+C.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
    policy = get_policy(point.policy) if isinstance(point.policy, str) else point.policy
    plan = plan_of(scenario, policy, replay_requests(scenario, policy))
    ours = Replayed(plan, point.memory_gib, refaults=0, slow_touches={})
    mcycles, boot_s = ours.figures(point.costs.lock, point.costs.boot)
    return SweepRow(
        point.firmware,
        point.vcpus,
        point.memory_gib,
        policy.id,
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


def sweep_values(
    rows: Iterable[SweepRow], costs: CostModel = DEFAULT_COSTS
) -> list[dict[str, Any]]:
    """Return rows as JSON values, each with what was changed of the model's constants."""
    return [{**asdict(row), "changed_constants": costs.changes} for row in rows]


def write_csv(rows: Iterable[SweepRow], file: TextIO, costs: CostModel = DEFAULT_COSTS) -> None:
    """Write rows as CSV with a header; ``file`` must be opened with ``newline=""``.

    Where ``costs``, those of the sweep, are not the model's own a last column says so in each row.
    """
    names = SweepRow.__struct_fields__
    changes = () if costs.is_default else (costs.changes_text,)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*names, *(["changed_constants"] if changes else [])])
    writer.writerows((*astuple(row), *changes) for row in rows)

"""The counters of a trace: live leaves by type, zaps and cycles so far, non-coherent devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.facts.live_counts import live_counts, sample_times
from mtrrviz.scenario.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.sim.run import Run

MOST_SAMPLES = 2000
"""Evenly spaced samples of the leaves; the moments of zaps are sampled besides."""

_US = 1000
_DMA_STEPS = {EventKind.DMA_ATTACH: 1, EventKind.DMA_DETACH: -1}


def counter_events(run: Run, pid: int) -> Iterator[dict[str, Any]]:
    """Yield all counters of a run; each value holds until the next one of its counter."""
    for name, time_ns, values in (*_leaves(run), *_zaps(run), *_devices(run)):
        yield {"name": name, "ph": "C", "ts": time_ns / _US, "pid": pid, "args": values}


_Sample = tuple[str, int, dict[str, float]]


def _leaves(run: Run) -> Iterator[_Sample]:
    """Yield the live leaves, a series for every type that the run has."""
    times = sample_times(run, MOST_SAMPLES)
    types = run.leaves.memory_type
    present = [t for t in MEMORY_TYPES if np.any(types == np.uint8(t))]
    counts = {t.name: live_counts(run, types == np.uint8(t), times).tolist() for t in present}
    for row, time_ns in enumerate(times.tolist() if counts else []):
        yield "live leaves", time_ns, {name: column[row] for name, column in counts.items()}


def _zaps(run: Run) -> Iterator[_Sample]:
    yield "zaps", 0, {"so far": 0}
    cycles = np.cumsum(run.zaps.cycles) / 1e6
    for row, time_ns in enumerate(run.zaps.time_ns.tolist()):
        yield "zaps", time_ns, {"so far": row + 1}
        so_far = round(float(cycles[row]), 3)
        yield f"zap Mcycles ({run.costs.label})", time_ns, {"so far": so_far}


def _devices(run: Run) -> Iterator[_Sample]:
    count = run.scenario.machine.noncoherent_dma
    yield "non-coherent DMA", 0, {"devices": count}
    for event in run.scenario.events:
        step = _DMA_STEPS.get(event.kind, 0)
        if step and count + step >= 0:
            count += step
            yield "non-coherent DMA", event.time_ns, {"devices": count}

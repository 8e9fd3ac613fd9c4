"""The timeline of runs, drawn with matplotlib: a stem a zap, their running count, phases, DMA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.exporters.plots.plot_figure import COLOURS, Axes, Figure, new_figure
from mtrrviz.exporters.report.report_style import VCPU_COLOURS
from mtrrviz.facts.spans import dma_spans, phase_spans
from mtrrviz.geometry.timeline.timeline_columns import LogScale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run

_WIDTH_IN, _TRACK_IN = 9.0, 2.7
_NAMED_SHARE = 0.06
"""A phase is named where it is at least so long, of the whole time."""


def draw_timelines(runs: Sequence[Run]) -> Figure:
    """Return a new figure with a track for each run of one scenario, all on the same scales."""
    figure = new_figure(_WIDTH_IN, _TRACK_IN * len(runs))
    tracks = figure.subplots(len(runs), sharex=True, squeeze=False)[:, 0]
    for axes, run in zip(tracks, runs, strict=True):
        draw_timeline(run, axes, runs)
    for axes in tracks[:-1]:
        axes.set_xlabel("")
    return figure


def draw_timeline(run: Run, axes: Axes, runs: Sequence[Run]) -> Axes:
    """Draw the timeline of a run into ``axes``, on scales that hold all ``runs``; return them.

    The axis on the left is of modelled cycles, that on the right counts zaps. What is drawn has
    labels, for a legend of the caller's.
    """
    scale = LogScale.around(*(one.zaps.cycles for one in runs))
    bottom, top = 10.0**scale.low, 10.0**scale.high
    axes.set_yscale("log")
    axes.set_ylim(bottom, top)
    axes.set_xlim(0, max(run.scenario.duration_ns, 1) / 1e9)
    axes.set_xlabel("scenario time, s")
    axes.set_ylabel("cycles (modelled)")
    axes.set_title(f"{run.policy.id}: {len(run.zaps)} zaps", loc="left")
    _draw_scenario(axes, run.scenario)
    _draw_zaps(axes, run, bottom)
    _draw_count(axes, run, max(1, *(len(one.zaps) for one in runs)))
    return axes


def _draw_scenario(axes: Axes, scenario: Scenario) -> None:
    """Shade every other phase, name the long ones, and mark non-coherent DMA along the bottom."""
    across = axes.get_xaxis_transform()
    for number, (phase, end_ns) in enumerate(phase_spans(scenario)):
        start, end = phase.start_ns / 1e9, end_ns / 1e9
        if number % 2:
            axes.axvspan(start, end, color=COLOURS["band"], linewidth=0, zorder=0)
        if end_ns - phase.start_ns >= _NAMED_SHARE * scenario.duration_ns:
            style: dict[str, Any] = {"va": "top", "size": "x-small", "clip_on": True}
            style["parse_math"] = False  # a "$" in a name begins no formula
            axes.text(start, 0.99, f" {phase.name}", transform=across, **style)
    spans = [(start / 1e9, (end - start) / 1e9) for start, end, _ in dma_spans(scenario)]
    place = {"transform": across, "facecolor": COLOURS["accent"]}
    axes.broken_barh(spans, (0, 0.025), label="non-coherent DMA", **place)


def _draw_zaps(axes: Axes, run: Run, bottom: float) -> None:
    """Draw the stems of each vCPU, and of the VM as a whole; a dot where a zap contended."""
    zaps = run.zaps
    seconds, heights = zaps.time_ns / 1e9, np.maximum(zaps.cycles, bottom)
    for vcpu in np.unique(zaps.vcpu).tolist():
        rows: NDArray[np.bool_] = zaps.vcpu == vcpu
        colour = COLOURS["text" if vcpu < 0 else f"v{vcpu % VCPU_COLOURS}"]
        name = "VM" if vcpu < 0 else f"vCPU {vcpu}"
        axes.vlines(seconds[rows], bottom, heights[rows], colors=colour, linewidth=1.2, label=name)
        rows &= zaps.contended
        axes.scatter(seconds[rows], heights[rows], s=9, color=colour, zorder=3)


def _draw_count(axes: Axes, run: Run, most: int) -> None:
    """Draw the running count of zaps as steps on an axis of its own, on the right."""
    times = np.concatenate(([0], run.zaps.time_ns, [run.scenario.duration_ns])) / 1e9
    counts = np.append(np.arange(len(run.zaps) + 1), len(run.zaps))
    right = axes.twinx()
    right.step(times, counts, where="post", color=COLOURS["dim"], linewidth=1.2)
    right.set_ylim(0, most * 1.05)
    right.set_ylabel("zaps so far")

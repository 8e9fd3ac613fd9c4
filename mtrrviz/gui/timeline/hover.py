"""The words of the timeline's tooltips: what is under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.sorting import distinct
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size, format_time_ns
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.differences import DIFFERENT
from mtrrviz.facts.event_words import event_words, rivals_words
from mtrrviz.facts.happenings import happening_words
from mtrrviz.facts.spans import dma_devices_at
from mtrrviz.facts.tables.difference_rows import kind_words
from mtrrviz.facts.tables.mismatch_rows import entry_words
from mtrrviz.geometry.timeline.timeline_checks import mismatches_near
from mtrrviz.geometry.timeline.timeline_layout import is_within
from mtrrviz.gui.timeline.items import sweep_words
from mtrrviz.scenario.events import VM_KINDS, Event
from mtrrviz.scenario.model import Aps
from mtrrviz.sim.event_facts import is_refused
from mtrrviz.sim.tables import ZapCause

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.geometry.timeline.timeline_layout import Rows
    from mtrrviz.gui.timeline.scene import Scene
    from mtrrviz.sim.run import Run

_REACH_PX = 5
_MOST_LINES = 6
_APS_WORDS = {
    Aps.NONE: "",
    Aps.CONCURRENT: "The APs act at once, so their zaps contend.",
    Aps.SERIALISED: "The APs act one after the other.",
}


def words_at(scene: Scene, axis: TimeAxis, rows: Rows, x: float, y: float) -> str:
    """Return what lies at a pixel in words, lines separated by newlines; "" if nothing does."""
    if rows.phases_top <= y < rows.phases_bottom:
        words = _phase_words(scene, axis.time_ns(x))
    elif is_within(rows.flags, y):
        words = _flag_words(scene, axis, x)
    elif rows.is_among_differences(y):
        words = _difference_words(scene, axis.time_ns(x))
    elif is_within(rows.faults, y):
        words = _fault_words(scene, axis, x)
    elif is_within(rows.touches, y):
        words = _touches_words(scene, axis, x)
    elif rows.phases_bottom <= y < rows.lanes_top:
        words = _zap_words(scene, axis, rows, x, y)
    elif rows.dma_top <= y:
        words = _dma_words(scene, axis.time_ns(x))
    elif rows.check_top <= y:
        words = _check_words(scene, axis, x)
    else:
        words = _lane_words(scene, axis, x, rows.lane_at(y))
    return words


def _lane_words(scene: Scene, axis: TimeAxis, x: float, lane: int | None) -> str:
    """Return the events near a pixel of a lane; beside the axis the lane's name."""
    if lane is None:
        return ""
    if x < axis.left - _REACH_PX:
        given = scene.events.given_name(lane)
        return f"{scene.events.lane_text(lane)}{f': {given}' if given else ''}"
    return _event_words(scene, axis, x, lane)


def _flag_words(scene: Scene, axis: TimeAxis, x: float) -> str:
    """Return the flags whose poles are near a pixel."""
    near = [flag for flag in scene.flags if abs(axis.x(flag.time_ns) - x) <= 2 * _REACH_PX]
    lines = [
        f"{format_time_ns(flag.time_ns)}, {flag.kind.value}: {flag.name}"
        for flag in near[:_MOST_LINES]
    ]
    rest = len(near) - len(lines)
    return "\n".join([*lines, *([f"and {rest} more: zoom in"] if rest else [])])


def _phase_words(scene: Scene, time_ns: int) -> str:
    for phase, end_ns in scene.phase_spans:
        if phase.start_ns <= time_ns < end_ns:
            times = f"{format_time_ns(phase.start_ns)} to {format_time_ns(end_ns)}"
            return "\n".join(filter(None, (phase.name, times, phase.text, _APS_WORDS[phase.aps])))
    return ""


def _dma_words(scene: Scene, time_ns: int) -> str:
    devices = dma_devices_at(scene.scenario, time_ns)
    if devices:
        return f"{plural(devices, 'device')} with non-coherent DMA: the guest's MTRRs count"
    return "No device with non-coherent DMA: every leaf is WB, whatever the MTRRs say"


def _check_words(scene: Scene, axis: TimeAxis, x: float) -> str:
    """Return the real entries near a pixel that differ from the model's."""
    if scene.run is None or scene.check is None:
        return ""
    near = mismatches_near(scene.check, axis, x, _REACH_PX).tolist()
    if not near:
        return ""
    shown = near[:_MOST_LINES]
    rest = len(near) - len(shown)
    head = f"Real entries that differ under {scene.run.policy.id}"
    lines = [entry_words(scene.run, index) for index in shown]
    return "\n".join([head, *lines, *([f"and {rest} more: zoom in"] if rest else [])])


def _fault_words(scene: Scene, axis: TimeAxis, x: float) -> str:
    """Return what happens at the moments near a pixel at which leaves were made."""
    run, faults = scene.run, scene.faults
    if run is None or faults is None:
        return ""
    near = faults.near(axis, x, _REACH_PX)
    times = distinct(run.leaves.born_ns[near])
    if not len(times):
        return ""
    if len(times) > _MOST_LINES:
        kinds, counts = np.unique(run.leaves.memory_type[near], return_counts=True)
        parts = [
            f"{n:,} {MemoryType(int(kind)).name}" for kind, n in zip(kinds, counts, strict=True)
        ]
        first, last = format_time_ns(int(times[0])), format_time_ns(int(times[-1]))
        total = plural(near.stop - near.start, "fault")
        return f"{first} to {last}: {total}, leaves: {', '.join(parts)}. Zoom in to see each"
    return "\n".join(
        f"{format_time_ns(time)}: {happening_words(run, time)}" for time in times.tolist()
    )


def _touches_words(scene: Scene, axis: TimeAxis, x: float) -> str:
    """Return the hand-written touches near a pixel, and how many pages are touched there."""
    found = scene.touches.at(axis, x, _REACH_PX)
    sweeps = [scene.scenario.sweeps[index] for index in found]
    lines = [f"{format_time_ns(s.time_ns)}, {sweep_words(s)}" for s in sweeps[:_MOST_LINES]]
    rest = len(found) - len(lines)
    count = scene.touches.count_near(axis, x, _REACH_PX)
    return "\n".join(
        [
            *lines,
            *([f"and {rest} more: zoom in"] if rest else []),
            *([f"{plural(count, 'touch of a page', 'touches of pages')} here"] if count else []),
        ]
    )


def _zap_words(scene: Scene, axis: TimeAxis, rows: Rows, x: float, y: float) -> str:
    run = run_at(scene, rows, y)
    found = zaps_near(run, axis, x)
    if run is None or not len(found):
        return ""
    if len(found) == 1:
        return f"{run.policy.id}\n{zap_words(run, int(found[0]))}"
    cycles = float(run.zaps.cycles[found].sum())
    head = (
        f"{run.policy.id}: {len(found)} zaps here, {cycles / 1e6:,.1f} M cycles ({run.costs.label})"
    )
    lines = [zap_words(run, int(row)) for row in found[:_MOST_LINES]]
    rest = len(found) - len(lines)
    return "\n".join([head, *lines, *([f"and {rest} more: zoom in"] if rest else [])])


def run_at(scene: Scene, rows: Rows, y: float) -> Run | None:
    """Return the run whose stems stand or hang at a height, None where no stems can be."""
    for run, track in zip(scene.tracks, rows.tracks, strict=True):
        if track.top <= y <= track.baseline:
            return run
        if track.baseline < y <= track.bottom:
            return scene.compared
    return None


def zaps_near(run: Run | None, axis: TimeAxis, x: float) -> NDArray[np.intp]:
    """Return the rows of a run's zaps close to a pixel, by time."""
    if run is None:
        return np.zeros(0, np.intp)
    return np.flatnonzero(np.abs(axis.xs(run.zaps.time_ns) - x) <= _REACH_PX)


def zap_at(run: Run | None, axis: TimeAxis, x: float) -> int | None:
    """Return the row of the zap that a click means: the nearest, of equals the most expensive."""
    found = zaps_near(run, axis, x)
    if run is None or not len(found):
        return None
    distance = np.abs(axis.xs(run.zaps.time_ns[found]) - x)
    return int(found[np.lexsort((-run.zaps.cycles[found], distance))[0]])


def _difference_words(scene: Scene, time_ns: int) -> str:
    """Return what differs between the two EPTs at a time, a line a kind."""
    if scene.differences is None or scene.run is None or scene.compared is None:
        return "Where the two EPTs differ: still being worked out"
    names = (scene.run.policy.id, scene.compared.policy.id)
    pages = scene.differences.pages_at(time_ns)
    lines = [
        f"{kind_words(kind, *names)}: {format_size(pages[kind] << PAGE_SHIFT)}"
        for kind in DIFFERENT
        if pages[kind]
    ]
    head = f"{format_time_ns(time_ns)}: " + ("the EPTs differ" if lines else "the EPTs are alike")
    return "\n".join([head, *lines])


def zap_words(run: Run, row: int) -> str:
    """Return one zap in words."""
    zaps = run.zaps
    vcpu = int(zaps.vcpu[row])
    start, end = int(zaps.start_gfn[row]), int(zaps.end_gfn[row])
    span = "all memory"
    if zaps.partial[row]:
        span = f"{format_size((end - start) << 12)} at {format_gpa(start << 12)}"
    rivals = int(zaps.rivals[row])
    return ", ".join(
        (
            format_time_ns(int(zaps.time_ns[row])),
            "VM" if vcpu < 0 else f"vCPU {vcpu}",
            ZapCause(int(zaps.cause[row])).words,
            span,
            f"leaves dropped {int(zaps.leaves_dropped[row]):,}",
            f"{float(zaps.cycles[row]) / 1e6:.2f} M cycles ({run.costs.label})",
            *([f"contended {rivals_words(rivals)}"] if rivals else []),
        )
    )


def _event_words(scene: Scene, axis: TimeAxis, x: float, lane: int) -> str:
    near = scene.events.near(axis, x, lane, _REACH_PX)
    events = scene.scenario.events
    shown = sorted(near[:_MOST_LINES])
    lines = [_event_line(scene, events[index]) for index in shown]
    rest = len(near) - len(shown)
    return "\n".join([*lines, *([f"and {rest} more: zoom in"] if rest else [])])


def _event_line(scene: Scene, event: Event) -> str:
    """Return one event in words, e.g. "1.000 s, vCPU 0, IA32_PAT = 0x6 (firmware)"."""
    who = () if event.kind in VM_KINDS else (f"vCPU {event.vcpu}",)
    refused = " - refused with #GP" if is_refused(scene.scenario.machine, event) else ""
    line = ", ".join((format_time_ns(event.time_ns), *who, event_words(event)))
    return f"{line}{f' ({event.origin})' if event.origin else ''}{refused}"

"""A run as a trace file in the JSON Trace Event Format, which ui.perfetto.dev opens.

One process is the VM; its tracks are the phases, the VM itself and each vCPU. Zaps are slices as
long as the model says, register writes are instants, and counters tell the live leaves by type, the
zaps and their cycles so far, and the devices with non-coherent DMA. Timestamps are scenario time in
microseconds. Scenario time stands still during a zap, so zaps of a vCPU that would overlap are put
one after the other; ``args.scenario_time_us`` has the time they were asked for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mtrrviz.core.units import format_gpa
from mtrrviz.exporters.trace_counters import counter_events
from mtrrviz.facts.spans import phase_spans
from mtrrviz.facts.tables.zap_rows import zapped_words
from mtrrviz.scenario.events import VM_KINDS, Event, EventKind
from mtrrviz.sim.event_facts import is_refused, register_name, register_number
from mtrrviz.sim.tables import ZapCause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.sim.run import Run

TraceEvent = dict[str, Any]

PID = 1
"""The process of everything: there is one VM."""
PHASES_TID, VM_TID, FIRST_VCPU_TID = 1, 2, 10
"""Tracks of the phases, of the VM as a whole, and of vCPU 0; the others follow."""

_US = 1000
_NOTES = (
    "Timestamps are scenario time: the modelled time of the boot without zaps. "
    "Durations of zaps are modelled. Zaps of one vCPU that would overlap are put one after the "
    "other; scenario_time_us has the time of the event."
)


def trace_parts(run: Run) -> Iterator[str]:
    """Yield the trace of a run piece by piece, one trace event a line."""
    yield '{"displayTimeUnit": "ms",\n'
    yield f'"otherData": {json.dumps(_other_data(run))},\n"traceEvents": [\n'
    separator = ""
    for event in trace_events(run):
        yield separator + json.dumps(event)
        separator = ",\n"
    yield "\n]}\n"


def _other_data(run: Run) -> dict[str, str]:
    return {
        "scenario": run.scenario.name,
        "title": run.scenario.title,
        "policy": run.policy.id,
        "clock_ghz": str(run.costs.boot.cpu_clock.value),
        "notes": _NOTES,
        **({} if run.costs.is_default else {"changed_constants": run.costs.changes_text}),
    }


def trace_events(run: Run) -> Iterator[TraceEvent]:
    """Yield the trace events: names of tracks, phases, zaps, what happened, counters."""
    yield from _metadata(run)
    yield from _phases(run)
    yield from _zaps(run)
    for number, event in enumerate(run.scenario.events):
        yield _instant(run, number, event)
    yield from counter_events(run, PID)


def _metadata(run: Run) -> Iterator[TraceEvent]:
    """Name the process and its tracks, and say in which order they are shown."""
    title = f"{run.scenario.title}, policy {run.policy.id}"
    yield _meta("process_name", 0, name=title)
    yield _meta("process_labels", 0, labels=f"zap durations {run.costs.label}")
    tracks = [(PHASES_TID, "phases"), (VM_TID, "VM")]
    tracks += [(_tid(vcpu), f"vCPU {vcpu}") for vcpu in range(run.scenario.machine.vcpus)]
    for order, (tid, name) in enumerate(tracks):
        yield _meta("thread_name", tid, name=name)
        yield _meta("thread_sort_index", tid, sort_index=order)


def _meta(name: str, tid: int, /, **args: str | int) -> TraceEvent:
    return {"name": name, "ph": "M", "pid": PID, "tid": tid, "args": args}


def _tid(vcpu: int | None) -> int:
    return VM_TID if vcpu is None or vcpu < 0 else FIRST_VCPU_TID + vcpu


def _phases(run: Run) -> Iterator[TraceEvent]:
    for phase, end_ns in phase_spans(run.scenario):
        args = {"aps": str(phase.aps), "text": phase.text}
        length_ns = max(end_ns - phase.start_ns, 0)
        yield _slice(phase.name, "phase", PHASES_TID, (phase.start_ns / _US, length_ns / _US), args)


def _slice(
    name: str, category: str, tid: int, span_us: tuple[float, float], args: dict[str, Any]
) -> TraceEvent:
    """Return a slice; ``span_us`` is start and length."""
    start_us, length_us = span_us
    what = {"name": name, "cat": category, "ph": "X", "ts": start_us, "dur": length_us}
    return {**what, "pid": PID, "tid": tid, "args": args}


def _zaps(run: Run) -> Iterator[TraceEvent]:
    """Yield the zaps, each begun when it was asked for or when its vCPU's last one is over."""
    free_us: dict[int, float] = {}
    cycles_a_us = run.costs.boot.cpu_clock.value * 1000
    for row in range(len(run.zaps)):
        tid = _tid(int(run.zaps.vcpu[row]))
        start_us = max(int(run.zaps.time_ns[row]) / _US, free_us.get(tid, 0.0))
        length_us = round(float(run.zaps.cycles[row]) / cycles_a_us, 3)
        free_us[tid] = round(start_us + length_us, 3)
        cause = ZapCause(int(run.zaps.cause[row])).words
        yield _slice(f"zap: {cause}", "zap", tid, (start_us, length_us), _zap_args(run, row))


def _zap_args(run: Run, row: int) -> dict[str, Any]:
    zaps = run.zaps
    return {
        "zap": row,
        "event": int(zaps.event[row]),
        "scenario_time_us": int(zaps.time_ns[row]) / _US,
        "range": zapped_words(zaps.ranges[row]),
        "leaves_dropped": int(zaps.leaves_dropped[row]),
        "rivals": int(zaps.rivals[row]),
        "modelled_cycles": round(float(zaps.cycles[row])),
    }


def _instant(run: Run, number: int, event: Event) -> TraceEvent:
    """Return what happened at a point of time, on the track of its vCPU or of the VM."""
    is_vm = event.kind in VM_KINDS
    args = {"event": number, "origin": event.origin, "text": event.text}
    if register_number(event) is not None:
        args["value"] = format_gpa(event.value)
        args["refused"] = is_refused(run.scenario.machine, event)
    return {
        "name": _instant_name(event),
        "cat": str(event.kind),
        "ph": "i",
        "s": "p" if is_vm else "t",
        "ts": event.time_ns / _US,
        "pid": PID,
        "tid": _tid(None if is_vm else event.vcpu),
        "args": args,
    }


def _instant_name(event: Event) -> str:
    if event.kind is EventKind.NOTE:
        return event.text or "note"
    register = register_name(event)
    return f"{event.kind} {register}" if register else str(event.kind)

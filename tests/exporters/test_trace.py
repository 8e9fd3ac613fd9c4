"""Traces obey the Trace Event Format: what each phase of event must have, and slices that nest."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise

import pytest
from msgspec.structs import replace

from mtrrviz.exporters.trace import FIRST_VCPU_TID, PID, trace_parts
from mtrrviz.exporters.trace_counters import MOST_SAMPLES
from mtrrviz.facts.figures import figures
from mtrrviz.facts.live_counts import sample_times
from mtrrviz.scenario.touches import no_touches
from mtrrviz.sim import simulate
from mtrrviz.sim.tables import ZapCause
from tests.exporters.runs import run_of

RUN = run_of("ovmf-8vcpu-2g")
TRACE = json.loads("".join(trace_parts(RUN)))
EVENTS = TRACE["traceEvents"]
REQUIRED = {
    "X": {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"},
    "i": {"name", "cat", "ph", "ts", "s", "pid", "tid", "args"},
    "C": {"name", "ph", "ts", "pid", "args"},
    "M": {"name", "ph", "pid", "tid", "args"},
}
METADATA = {
    "process_name": ("name", str),
    "process_labels": ("labels", str),
    "thread_name": ("name", str),
    "thread_sort_index": ("sort_index", int),
}


def of(phase, category=None):
    return [e for e in EVENTS if e["ph"] == phase and category in (None, e.get("cat"))]


def test_the_file_is_the_object_form():
    assert set(TRACE) == {"displayTimeUnit", "otherData", "traceEvents"}
    assert TRACE["displayTimeUnit"] in ("ms", "ns")
    assert all(isinstance(value, str) for value in TRACE["otherData"].values())


@pytest.mark.parametrize("phase", sorted(REQUIRED))
def test_each_event_has_what_its_phase_needs(phase):
    assert of(phase)
    for event in of(phase):
        assert set(event) == REQUIRED[phase]
        assert isinstance(event["args"], dict)
        assert event["pid"] == PID
        assert event["name"]


def test_fields_have_the_kinds_that_the_format_gives_them():
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    text = "".join(trace_parts(RUN))
    for event in json.loads(text, parse_constant=refuse)["traceEvents"]:
        kinds = {"name": str, "cat": str, "ph": str, "s": str, "pid": int, "tid": int}
        assert all(isinstance(event[key], kind) for key, kind in kinds.items() if key in event)
        assert len(event["ph"]) == 1
        for key in ("ts", "dur"):
            assert isinstance(event.get(key, 0), int | float)
            assert not isinstance(event.get(key, 0), bool)


def test_there_are_no_other_phases():
    assert {event["ph"] for event in EVENTS} == set(REQUIRED)


def test_times_are_microseconds_of_the_scenario():
    end_us = RUN.scenario.duration_ns / 1000
    for event in EVENTS:
        if event["ph"] != "M":
            assert 0 <= event["ts"] <= end_us
        assert event.get("dur", 0) >= 0


def test_metadata_names_every_track_that_is_used():
    for event in of("M"):
        key, kind = METADATA[event["name"]]
        assert isinstance(event["args"][key], kind)
    named = {e["tid"]: e["args"]["name"] for e in of("M") if e["name"] == "thread_name"}
    assert {e["tid"] for e in EVENTS if "tid" in e} - {0} <= set(named)
    assert not {e["tid"] for e in of("M") if e["name"].startswith("process_")} & set(named)
    vcpus = range(RUN.scenario.machine.vcpus)
    assert [named[FIRST_VCPU_TID + n] for n in vcpus] == [f"vCPU {n}" for n in vcpus]


def test_the_process_says_what_ran_and_its_tracks_are_shown_in_the_order_of_their_names():
    (name,) = [e["args"]["name"] for e in of("M") if e["name"] == "process_name"]
    assert RUN.scenario.title in name
    assert RUN.policy.id in name
    (labels,) = [e["args"]["labels"] for e in of("M") if e["name"] == "process_labels"]
    assert RUN.costs.label in labels
    named = [e["tid"] for e in of("M") if e["name"] == "thread_name"]
    places = {e["tid"]: e["args"]["sort_index"] for e in of("M") if "sort_index" in e["args"]}
    assert sorted(named, key=lambda tid: places[tid]) == named
    assert len(set(places.values())) == len(named)


def test_slices_of_a_track_never_overlap():
    tracks = defaultdict(list)
    for event in of("X"):
        tracks[event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for spans in tracks.values():
        spans.sort()
        assert all(end <= start + 1e-6 for (_, end), (start, _) in pairwise(spans))


def test_every_zap_is_a_slice_as_long_as_modelled():
    zaps, slices = RUN.zaps, of("X", "zap")
    assert len(slices) == len(zaps)
    for row, event in enumerate(slices):
        assert event["args"]["zap"] == row
        assert event["name"] == f"zap: {ZapCause(int(zaps.cause[row])).words}"
        cycles = float(zaps.cycles[row])
        assert event["dur"] == pytest.approx(
            cycles / (RUN.costs.boot.cpu_clock.value * 1e3), abs=1e-3
        )
        assert event["args"]["scenario_time_us"] == zaps.time_ns[row] / 1000
        assert event["ts"] >= event["args"]["scenario_time_us"]


def test_every_phase_is_a_slice_up_to_the_next():
    slices = of("X", "phase")
    assert [event["name"] for event in slices] == [phase.name for phase in RUN.scenario.phases]
    ends = [event["ts"] + event["dur"] for event in slices]
    assert ends == pytest.approx(
        [*(event["ts"] for event in slices[1:]), RUN.scenario.duration_ns / 1000]
    )


def test_every_event_is_an_instant():
    assert len(of("i")) == len(RUN.scenario.events)
    assert {event["s"] for event in of("i")} <= {"g", "p", "t"}
    write = of("i", "wrmsr")[0]
    assert write["name"].startswith("wrmsr IA32_")
    assert write["args"]["value"].startswith("0x")


def test_counters_are_numbers_that_end_where_the_run_ends():
    last = {}
    for event in of("C"):
        assert all(isinstance(value, int | float) for value in event["args"].values())
        last[event["name"]] = event["args"]
    live = RUN.at(RUN.scenario.duration_ns).live_rows
    assert sum(last["live leaves"].values()) == len(live)
    assert last["zaps"] == {"so far": figures(RUN).zap_count}
    cycles = last["zap Mcycles (modelled)"]["so far"]
    assert cycles == pytest.approx(figures(RUN).zap_mcycles, abs=1e-3)


def test_leaves_are_counted_before_and_after_every_zap():
    times = set(sample_times(RUN, MOST_SAMPLES).tolist())
    assert set(RUN.zaps.time_ns.tolist()) <= times
    assert {max(time - 1, 0) for time in RUN.zaps.time_ns.tolist()} <= times
    for event in of("C")[::97]:
        if event["name"] == "live leaves":
            state = RUN.at(round(event["ts"] * 1000))
            assert sum(event["args"].values()) == len(state.live_rows)


def test_zaps_of_the_vm_and_counts_of_devices_have_their_track():
    run = run_of("small-machine", "per-vm")
    events = json.loads("".join(trace_parts(run)))["traceEvents"]
    devices = [e["args"]["devices"] for e in events if e["name"] == "non-coherent DMA"]
    assert len(set(devices)) > 1
    assert any(e["ph"] == "X" and e["cat"] == "zap" and e["tid"] == 2 for e in events)


def test_a_scenario_in_which_nothing_happens_has_a_trace():
    quiet = replace(RUN.scenario, events=(), phases=(), recorded=no_touches(), duration_ns=0)
    events = json.loads("".join(trace_parts(simulate(quiet, "per-vm"))))["traceEvents"]
    assert {event["ph"] for event in events} == {"M", "C"}

"""The map that a report carries: the same as the run's at each of its steps, and never too much."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.exporters.report.player import map_film as module
from mtrrviz.exporters.report.player.map_film import (
    LEAF,
    NO_SLOT,
    PART,
    STALE,
    map_film,
    step_times,
)
from mtrrviz.exporters.report.player.player_data import MOST_ZAPS
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.scenario.touches import no_touches
from mtrrviz.session.exchange.exporting import report_of
from mtrrviz.sim import simulate
from tests.exporters.player.played import Played, data_of
from tests.exporters.runs import run_of

TWO = [run_of("ovmf-8vcpu-2g", policy) for policy in ("per-vcpu", "per-vm")]
SMALL = run_of("small-machine")


@pytest.fixture(scope="module")
def html():
    return "".join(report_of([run.at(6_900_000_000) for run in TWO]))


def wanted_dots(run, time_ns, film):
    """Return what each dot has by the ranges of the map: (types of leaves, of faults, flags)."""
    layout = film.layout
    starts, ends = layout.dot_starts.astype(np.int64), layout.dot_ends.astype(np.int64)
    leaves, tints = np.zeros((2, layout.dots), np.uint8)
    stale, covered = np.zeros(layout.dots, bool), np.zeros(layout.dots, np.int64)
    slots = np.zeros(layout.dots, bool)
    for found in ranges_at(run.at(time_ns), 0):
        low = int(np.searchsorted(ends, found.first_gfn, "right"))
        high = int(np.searchsorted(starts, found.end_gfn, "left"))
        mine = slice(low, high)
        slots[mine] |= found.region is not None and found.region.has_slot
        tints[mine] |= np.uint8(1 << (found.next_bits >> 3 & 7))
        if found.bits is not None:
            leaves[mine] |= np.uint8(1 << (found.bits >> 3 & 7))
            stale[mine] |= found.is_stale
            covered[mine] += np.minimum(ends[mine], found.end_gfn) - np.maximum(
                starts[mine], found.first_gfn
            )
    return leaves, tints, stale, (covered > 0) & (covered < ends - starts), slots


@pytest.mark.parametrize("run", [*TWO, SMALL], ids=["per-vcpu", "per-vm", "small"])
def test_each_step_shows_what_the_run_has(run):
    data = data_of("".join(report_of([run.at(0)])))
    film, played = map_film(run, 0), Played(data["runs"][0])
    assert played.times[0] == 0
    for time_ns in played.times[[0, 1, len(played.times) // 3, -40, -1]].tolist():
        shown = played.shown(time_ns)
        leaves, _, stale, part, slots = wanted_dots(run, time_ns, film)
        assert np.array_equal((shown & LEAF) > 0, leaves > 0)
        assert np.array_equal((shown & STALE) > 0, stale)
        assert np.array_equal((shown & PART) > 0, part)
        assert np.array_equal((shown & NO_SLOT) == 0, slots)
        there = np.flatnonzero(leaves)
        pair = (1 << (shown & 7)) | (1 << (shown >> 3 & 7))
        assert np.array_equal(pair[there] & leaves[there], pair[there])
        lone = there[np.bitwise_count(leaves[there]) == 1]
        assert np.array_equal(pair[lone], leaves[lone])


def test_the_types_of_next_faults_are_those_of_the_ranges():
    film = map_film(SMALL, 0)
    shown = Played(data_of("".join(report_of([SMALL.at(0)])))["runs"][0]).shown(0)
    leaves, tints, *_ = wanted_dots(SMALL, 0, film)
    free = np.flatnonzero((leaves == 0) & (np.bitwise_count(tints) == 1) & ((shown & NO_SLOT) == 0))
    assert len(free) > 1000
    assert np.array_equal((1 << (shown & 7))[free], tints[free])


def test_zaps_and_leaves_are_counted(html):
    data = data_of(html)
    assert (data["duration"], data["at"]) == (TWO[0].scenario.duration_ns, 6_900_000_000)
    assert len(data["runs"]) == 2
    for run, told in zip(TWO, data["runs"], strict=True):
        played = Played(told)
        assert told["policy"] == run.policy.id
        for time_ns in (-1, *run.zaps.time_ns.tolist(), data["duration"]):
            for near in (time_ns, time_ns - 1):
                assert played.zaps_until(near) == (run.zaps.time_ns <= near).sum()
        for time_ns in played.times[::150].tolist():
            types = run.leaves.memory_type[run.at(time_ns).live_rows]
            counted = [int((types == one.value).sum()) for one in MEMORY_TYPES]
            assert played.leaves[played.step(time_ns)].tolist() == counted


def test_there_is_a_step_at_every_zap_of_a_boot():
    for run in TWO:
        times, is_whole = step_times(run, 600)
        assert not is_whole
        assert len(times) <= 600
        assert np.isin(run.zaps.time_ns, times).all()
        assert (times[0], times[-1]) == (0, run.scenario.duration_ns)


def test_of_few_moments_none_is_left_out():
    run = simulate(replace(SMALL.scenario, recorded=no_touches(), sweeps=()), "per-vcpu")
    times, is_whole = step_times(run, 600)
    assert is_whole
    assert {event.time_ns for event in run.scenario.events} <= set(times.tolist())
    assert "one wherever it changes" in "".join(report_of([run.at(0)]))


def test_what_would_be_too_much_is_told_in_fewer_steps(monkeypatch):
    whole = map_film(TWO[0], 0)
    monkeypatch.setattr(module, "MOST_BYTES", whole.changes.nbytes // 3)
    fewer = map_film(TWO[0], 0)
    assert fewer.changes.nbytes <= whole.changes.nbytes // 3
    assert len(fewer.times_ns) < len(whole.times_ns)
    assert not fewer.is_whole
    html = "".join(report_of([TWO[0].at(0)]))
    assert f"kept in {len(fewer.times_ns):,} steps, zaps among them" in html


def test_a_page_of_two_runs_stays_small_whatever_the_maps_are(html):
    bytes_of_maps = 2 * (module.MOST_BYTES + MOST_ZAPS * 12) * 4 // 3
    bytes_of_timelines = 2 * 350_000  # as a test of storms of zaps has it
    assert len(html.encode()) + bytes_of_maps + bytes_of_timelines < 3_000_000


def test_no_map_is_too_much_in_the_fewest_steps():
    dots = map_film(TWO[0], 0).layout.dots
    every_dot_by_itself = 6 * dots
    assert every_dot_by_itself * module._LEAST_STEPS < module.MOST_BYTES


def test_of_very_many_zaps_some_are_kept_with_their_count(monkeypatch):
    monkeypatch.setattr("mtrrviz.exporters.report.player.player_data.MOST_ZAPS", 5)
    played = Played(data_of("".join(report_of([TWO[0].at(0)])))["runs"][0])
    assert len(played.zaps) == 5
    assert played.zap_counts[-1] == len(TWO[0].zaps)
    for time_ns in played.zaps.tolist():
        assert played.zaps_until(time_ns) == (TWO[0].zaps.time_ns <= time_ns).sum()

"""What the later lessons and the quizzes say is so.

Each sentence stands in its lesson, and the model agrees.
What a task asks is not repeated here: playing the lesson shows it.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mtrrviz.analysis.solve import KEEP, host_wanted, solve, target_of
from mtrrviz.core.memtype import MemoryType, PatType, effective_type
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.lesson_schema import ShowFile
from mtrrviz.lessons.opening import shown
from mtrrviz.lessons.playing import with_events
from mtrrviz.lessons.reading.conditions import build_condition
from mtrrviz.lessons.reading.part_source import converted
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import USER

DMA, PATCH, BOOT = "non-coherent-dma", "the-patch", "boot-of-84"
TODAY, LOG = "kvm-today", "lost-gigabyte"
OVMF = "ovmf-8vcpu-2g"
DEF_TYPE = 0x2FF


@cache
def text_of(lesson):
    """Return the text of a lesson on one line, without its marks."""
    text = lesson_paths()[lesson].read_text(encoding="utf-8")
    return " ".join(text.replace("**", "").replace("`", "").replace("\\\n", "").split())


@cache
def opening(scenario):
    """Return a scenario as it opens, its runs shared by all claims about it."""
    show = ShowFile(scenario=scenario)
    return shown(show, None, str(lesson_paths()[LOG]))


def situation(scenario, show, events=()):
    now = with_events(opening(scenario), events)
    return shown(converted(show, ShowFile, "show"), now, "")


def check(now, *conditions):
    for table in conditions:
        held = build_condition(table, "claim").judged(now)
        assert held.holds, held.words


_FILES = ("claims_of_zaps_and_policies.toml", "claims_of_quizzes.toml")
CLAIMS = [
    claim
    for name in _FILES
    for claim in tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))["claim"]
]


@pytest.mark.parametrize(
    "claim", CLAIMS, ids=[f"{claim['lesson']}: {claim['words'][:40]}" for claim in CLAIMS]
)
def test_what_a_lesson_says_is_so(claim):
    assert claim["words"] in text_of(claim["lesson"])
    check(situation(claim["scenario"], claim.get("show", {})), *claim["holds"])


def test_a_write_of_the_same_default_type_zaps():
    assert "It does so even if the value stays the same." in text_of(BOOT)
    write = [Event(at, EventKind.WRMSR, 0, DEF_TYPE, 0x806, USER) for at in (1, 2)]
    check(situation("sandbox", {}, write), {"ask": "zaps", "is": 2})


def test_each_zap_of_a_burst_is_in_the_way_of_six_others():
    assert "each in the way of the six others" in text_of(BOOT)
    assert "Within some thirty milliseconds seven vCPUs zap all memory twice" in text_of(BOOT)
    zaps = opening(OVMF).run().zaps
    rivals, times = zaps.rivals[zaps.contended], zaps.time_ns[zaps.contended]
    assert np.all(rivals == 6)
    assert 20e6 < times[13] - times[0] < 40e6


def test_caches_that_are_off_count_once_the_quirk_is_disabled():
    assert "KVM does that only if the program that runs the VM disables the quirk" in text_of(DMA)
    disabled = [Event(0, EventKind.DISABLE_CD_NW_QUIRK, origin=USER)]
    now = situation("range-moved", {"page": 0x140_0000, "at": 0.6, "vcpu": 1}, disabled)
    check(now, {"ask": "type", "is": "UC"}, {"ask": "ipat", "source": "fault", "is": 1})


def test_a_lagging_vcpu_s_leaves_stay_until_somebody_zaps():
    assert "until somebody zaps" in text_of(PATCH)
    write = [Event(950_000_000, EventKind.WRMSR, 1, DEF_TYPE, 0x806, USER)]
    there = {"ask": "leaves", "type": "UC", "at": 0.94, "at_least": 1}
    check(situation("lagging-ap", {}), there, {**there, "at": "end"})
    zapped = {"ask": "leaves", "type": "UC", "at": "end", "is": 0}
    check(situation("lagging-ap", {}, write), there, zapped)


def test_devices_that_come_and_go_zap_nothing_without_the_quirk():
    assert "Then the guest's PAT counts always, and devices that come and go zap" in text_of(TODAY)
    disabled = [Event(0, EventKind.DISABLE_IGNORE_GUEST_PAT, origin=USER)]
    show = {"policy": "kvm-6.16", "at": 1.4, "page": 0x20_0000}
    now = situation("small-machine", show, disabled)
    check(now, {"ask": "zaps", "is": 0}, {"ask": "ipat", "source": "fault", "is": 0})


def test_what_becomes_of_a_weak_wish_for_uncached_memory():
    assert "UC- becomes WC only where the type below it is WC (or WP)." in text_of(TODAY)
    weak = PatType.UC_MINUS
    found = {kind for kind in MemoryType if effective_type(kind, 0, weak) is MemoryType.WC}
    assert found == {MemoryType.WC, MemoryType.WP}


@pytest.mark.parametrize(
    ("lesson", "words", "series", "vcpus", "variant", "column"),
    [
        (BOOT, "84 zaps too", "v2", 8, "before", "zap_count"),
        (BOOT, "4164.57 million", "v2", 8, "before", "zap_mcycles"),
        (BOOT, "a boot of 19.38 s", "v2", 8, "before", "boot_s"),
        (BOOT, "3506.37 million", "v4", 8, "Base1", "zap_mcycles"),
        (BOOT, "17683.24 million", "v4", 16, "Base1", "zap_mcycles"),
        (BOOT, "The published count is 164", "v4", 16, "Base1", "zap_count"),
        (PATCH, "from 4164.57", "v2", 8, "before", "zap_mcycles"),
        (PATCH, "to 16.07 million", "v2", 8, "after (per-VM MTRR)", "zap_mcycles"),
        (PATCH, "84 to 14", "v2", 8, "after (per-VM MTRR)", "zap_count"),
        (PATCH, "19.38 to 18.83 s", "v2", 8, "after (per-VM MTRR)", "boot_s"),
    ],
)
def test_a_measured_number_is_the_published_one(lesson, words, series, vcpus, variant, column):
    assert words in text_of(lesson)
    with (resources_dir() / "published.csv").open(encoding="utf-8", newline="") as file:
        (row, *_) = (
            row
            for row in csv.DictReader(file)
            if (row["series"], int(row["vcpus"]), row["variant"]) == (series, vcpus, variant)
        )
    assert row[column] in words


def test_a_measured_speed_is_the_published_one():
    with (resources_dir() / "memtype_speed.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["store"] == "WRITE_ONCE"]
    seconds = {
        row["memtype_ipat"]: row["seconds_for_16777216_writes"]
        for row in rows
        if row["platform"] == "Sapphire Rapids XCC"
    }
    said = "16,777,216 writes took {WB} s to WB memory, and {UC} s to UC memory"
    assert said.format_map(seconds) in text_of(TODAY)


def test_the_lines_that_the_log_lesson_quotes_are_in_its_log():
    lesson = lesson_paths()[LOG]
    log = lesson.with_suffix(".log").read_text(encoding="utf-8")
    prose = lesson.read_text(encoding="utf-8").split("```")[::2]
    quoted = [line for part in prose for line in part.splitlines() if line.startswith("    ")]
    assert len(quoted) >= 8
    for line in quoted:
        assert line.strip() in log


def test_four_pairs_are_enough_for_the_machine_of_the_log():
    assert "You used a fifth pair. The same can be done with four" in text_of(LOG)
    state = opening("lost-gigabyte.log").state(0)
    spec = state.run.scenario.machine
    solution = solve(host_wanted(spec, state.machine, KEEP), target=target_of(spec))
    assert (len(solution.pairs), solution.differences) == (4, ())
    assert (spec.maxphyaddr, spec.variable_pairs, spec.memory_bytes) == (36, 8, 8 << 30)
    free = {"ask": "range", "pair": 4, "part": "valid", "is": "no"}
    check(opening("lost-gigabyte.log"), free)

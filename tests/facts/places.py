"""Every place that says what is true of a run at a time, each as the same few numbers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.checking import check
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.facts.ept_table import table_entries
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.live_counts import live_counts
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import Frame, MapImager
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.session.exchange.exporting import export_parts, report_of

if TYPE_CHECKING:
    from mtrrviz.geometry.map.map_viewport import Viewport
    from mtrrviz.sim import Run, State

Types = dict[str, int]
"""Number of leaves by name of the memory type, types without any left out."""
CsvRows = list[dict[str, str]]


def live_types(state: State) -> Types:
    """Count the live leaves from the columns of the run."""
    leaves, now = state.run.leaves, state.time_ns
    is_live = (leaves.born_ns <= now) & (leaves.died_ns > now)
    codes, counts = np.unique(leaves.bits[is_live] >> 3 & 7, return_counts=True)
    names = (MemoryType(code).name for code in codes.tolist())
    return dict(zip(names, counts.tolist(), strict=True))


def frame_of(state: State, vcpu: int, view: Viewport | None = None) -> Frame:
    layout = lay_out(bands_of(state.run.scenario.machine), view, 240, 160)
    return MapImager().frame(state, vcpu, layout)


def types_of_frame(frame: Frame) -> Types:
    counts: Counter[str] = Counter()
    for (_, value), count in frame.tally.items():
        counts[MemoryType(value).name] += count
    return {name: count for name, count in counts.items() if count}


def types_of_ranges(state: State, vcpu: int) -> tuple[Types, int]:
    """Return leaves by type, and stale ones, of the table of ranges."""
    counts: Counter[str] = Counter()
    stale = 0
    for row in ranges_at(state, vcpu):
        if row.bits is not None:
            counts[MemoryType(row.bits >> 3 & 7).name] += row.leaves
            stale += row.leaves * row.is_stale
    return dict(counts), stale


def csv_rows(state: State, name: str, vcpu: int = 0) -> CsvRows:
    return list(csv.DictReader(io.StringIO("".join(export_parts(name, "csv", [state], vcpu)))))


def types_of_ranges_csv(state: State, vcpu: int) -> tuple[Types, int]:
    counts: Counter[str] = Counter()
    stale = 0
    for row in csv_rows(state, "ranges", vcpu):
        if row["leaf_type"]:
            counts[row["leaf_type"]] += int(row["leaves"])
            stale += int(row["leaves"]) * (row["stale"] == "true")
    return dict(counts), stale


def types_of_leaves_csv(rows: CsvRows, time_ns: int) -> Types:
    return dict(Counter(row["type"] for row in rows if _lives(row, time_ns)))


def _lives(row: dict[str, str], time_ns: int) -> bool:
    died = _ns(row["died_s"]) if row["died_s"] else time_ns + 1
    return _ns(row["born_s"]) <= time_ns < died


def _ns(seconds: str) -> int:
    return round(float(seconds) * 1e9)


def zaps_in_csv(rows: CsvRows, time_ns: int) -> tuple[int, int]:
    """Return zaps and dropped leaves up to a time."""
    until = [row for row in rows if _ns(row["time_s"]) <= time_ns]
    return len(until), sum(int(row["leaves_dropped"]) for row in until)


def types_of_curves(run: Run, time_ns: int) -> Types:
    times = np.array([time_ns], np.int64)
    found = {
        kind.name: int(live_counts(run, run.leaves.memory_type == kind, times)[0])
        for kind in MEMORY_TYPES
    }
    return {name: count for name, count in found.items() if count}


def leaves_of_root(state: State, vcpu: int) -> int:
    """Count the leaves below the root of the page tables."""
    return int(table_entries(state, 4, 0, expected_at(state, vcpu)).leaves.sum())


def stale_in_problems(state: State, vcpu: int) -> int:
    titles = [p.title for p in check(state, vcpu) if p.rule == "stale-leaves"]
    return sum(int(title.split(" ")[0]) for title in titles)


def report_rows(state: State, vcpu: int) -> list[list[str]]:
    """Return the cells of all tables of the report, without markup."""
    text = "".join(report_of([state], vcpu))
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.DOTALL)
    cells = (re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows)
    return [[unescape(re.sub(r"<[^>]*>", "", cell)) for cell in row] for row in cells]

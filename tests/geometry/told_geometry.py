"""Where things lie on the map and the timeline of a scenario, in numbers, for some sizes.

Of long arrays a sum is kept: it tells that something moved, the short lines tell what.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct, structs

from mtrrviz.analysis.comparing.compare import compare
from mtrrviz.facts.expected import expected_at
from mtrrviz.geometry.map.difference_image import DifferenceImager
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_marks import marked_dots
from mtrrviz.geometry.map.map_overview import Overview
from mtrrviz.geometry.map.map_pixels import pixel_map
from mtrrviz.geometry.map.map_span import span_rects
from mtrrviz.geometry.map.map_steps import next_dot
from mtrrviz.geometry.map.map_tint import tint_types
from mtrrviz.geometry.map.map_viewport import centred, pan, showing, zoom_in, zoom_out
from mtrrviz.geometry.map.wanted_image import wanted_image, wanted_runs, wanted_types
from mtrrviz.geometry.timeline.history_curves import leaf_history
from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.geometry.timeline.time_snapping import SnapTimes
from mtrrviz.geometry.timeline.timeline_columns import LogScale, clusters, count_steps, stems
from mtrrviz.geometry.timeline.timeline_differences import difference_columns
from mtrrviz.geometry.timeline.timeline_events import LaneEvents
from mtrrviz.geometry.timeline.timeline_faults import FaultTimes, bar_parts
from mtrrviz.geometry.timeline.timeline_flags import flag_at, flags_of, place_flags
from mtrrviz.geometry.timeline.timeline_image import Ink, TimelineImage
from mtrrviz.geometry.timeline.timeline_layout import Compared, Extras, rows
from mtrrviz.sim import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import State

SIZES = ((64, 64), (383, 241), (900, 600))
_MOST_NUMBERS = 24


def astuple(value: object) -> object:
    """Return a record as plain tuples, those in it as well."""
    if isinstance(value, Struct):
        return tuple(map(astuple, structs.astuple(value)))
    return tuple(map(astuple, value)) if type(value) is tuple else value


def told_by(scenario: Scenario) -> str:
    """Return the lines."""
    runs = [simulate(scenario, policy) for policy in ("per-vcpu", "per-vm")]
    states = [run.at(scenario.duration_ns * 11 // 20) for run in runs]
    return "\n".join((*_map(states), *_axis(scenario), *_timeline(states))) + "\n"


def _map(states: list[State]) -> Iterator[str]:
    spec = states[0].run.scenario.machine
    bands, imager = bands_of(spec), MapImager()
    for band in bands:
        yield _line("band", band.kind.value, band.first_gfn, band.end_gfn, band.size_text)
    strip = Overview.of(bands, 500)
    yield _line("strip", [round(edge, 3) for edge in strip.edges])
    yield _line("strip at", [strip.gfn_at(x) for x in (-1, 0, 1, 77.5, 250, 499, 500, 501)])
    yield _line("strip of", [round(strip.x_of(band.end_gfn - 1), 3) for band in bands])
    for width, height in SIZES:
        layout = lay_out(bands, None, width, height, caption_px=14)
        yield from _layout(states, layout, imager)
    middle = bands[-1].first_gfn
    view = zoom_in(zoom_in(None, middle, bands), middle + 5, bands)
    moves = (
        zoom_out(view, middle + 1, bands), pan(view, 3, bands), pan(view, -5, bands),
        showing(view, 0x100, bands), centred(view, middle + 0x4321, bands),
        centred(view, 0x9F, bands), pan(view, 1 << 40, bands),
    )  # fmt: skip
    for moved in (view, *moves):
        yield _line("view", moved and astuple(moved))
    yield from _layout(states, lay_out(bands, view, 640, 300), imager)


def _layout(states: list[State], layout: MapLayout, imager: MapImager) -> Iterator[str]:
    yield _line("map", layout.width, layout.height, layout.dots)
    for item in layout.placed:
        yield _line("placed", astuple(item.rect), item.range_text, item.scale_text, item.first_dot)
        yield _line("caption", astuple(item.caption), astuple(item.grid))
    for name, rect in layout.strip_rects():
        yield _line("in a strip", name, astuple(rect))
    yield _line("dots", layout.dot_starts, layout.dot_pages)
    hit = [layout.dot_at(x, y) for x in range(0, layout.width, 13) for y in range(layout.height)]
    yield _line("hit", hit)
    ends = sorted({0, 1, layout.dots // 3, layout.dots - 1})
    yield _line("rects", [astuple(layout.dot_rect(dot)) for dot in ends])
    for step in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        yield _line("step", step, [next_dot(layout, dot, *step) for dot in ends])
    state, spec = states[0], states[0].run.scenario.machine
    first, end = layout.first_gfn, layout.end_gfn
    for span in ((first, first + 1), (first + 0x90, first + 0x345), (first - 1, end + 1)):
        yield _line("span", [astuple(rect) for rect in span_rects(layout, *span)])
    for vcpu in (0, spec.vcpus - 1):
        frame = imager.frame(state, vcpu, layout)
        yield _line("frame", frame.image, frame.leaf_types, frame.tint_types, frame.is_part)
        yield _line("stale", frame.is_stale, frame.stale_leaves, sorted(frame.tally.items()))
        yield _line("differs", frame.sdm_difference, frame.has_flash)
    yield _line("rims", imager.rims(state.live_rows[::7], layout, state.run))
    yield _line("marked", marked_dots(layout, state), tint_types(expected_at(state, 0), layout))
    pixels = pixel_map(layout, spec)
    types = wanted_types(layout, [(first, first + 0x80, 0), (first + 0x70, end, 6)])
    yield _line("wanted", types, wanted_image(types, pixels))
    yield _line("wanted runs", [list(wanted_runs(item, types)) for item in layout.placed])
    found = compare(states[0].run, states[1].run).at(state.time_ns)
    shown = DifferenceImager().frame(layout, spec, found.starts, found.ends, found.kinds)
    yield _line("difference", shown.image, shown.kinds, shown.pages)


def _axis(scenario: Scenario) -> Iterator[str]:
    whole = TimeAxis.fitted(scenario.duration_ns, 40, 700)
    close = whole.zoomed(300, 0.01)
    views = (
        whole, close, close.panned(50), close.panned(-1e9), close.zoomed(41, 1e9),
        close.zoomed(200, 1e-12), whole.spanning(7e8, 5e8), whole.spanning(3, 3), close.fit(),
        close.resized(10, 99), close.showing(0), close.showing(scenario.duration_ns),
    )  # fmt: skip
    events = [event.time_ns for event in scenario.events]
    snap = SnapTimes(events)
    for axis in views:
        yield _line("axis", *(f"{part:.9g}" for part in structs.astuple(axis)), axis.right)
        for spacing in (20, 90):
            yield _line("ticks", [(tick.time_ns, tick.text) for tick in axis.ticks(spacing)])
        yield _line("times", [axis.time_ns(x) for x in (0, 40, 41, 77.25, 400, 740, 999)])
        yield _line("snapped", [snap.snapped_ns(axis, x) for x in range(38, 744, 3)])
        yield _line("xs", axis.xs(np.array(events, np.int64)))
        placed = place_flags(flags_of(scenario), axis, lambda name: 6 * len(name))
        for one in placed:
            yield _line("flag", one.flag.kind.value, one.flag.index, one.x, one.right)
        at = [flag_at(placed, x) for x in range(30, 760)]
        yield _line("flags at", [-1 if flag is None else flag.time_ns for flag in at])


def _timeline(states: list[State]) -> Iterator[str]:
    runs = [state.run for state in states]
    scenario = runs[0].scenario
    history = leaf_history(runs[0])
    yield _line("history", history.times_ns, history.zaps)
    for kind, live in history.live.items():
        yield _line("live", kind.name, live)
    comparison = compare(*runs).history
    lanes, faults = LaneEvents(scenario), FaultTimes(runs[0].leaves)
    scale = LogScale.around(*(run.zaps.cycles for run in runs))
    yield _line("scale", [(round(share, 6), text) for share, text in scale.ticks()])
    whole = TimeAxis.fitted(scenario.duration_ns, 60, 500)
    for axis in (whole, whole.zoomed(200, 0.2)):
        kinds = difference_columns(comparison.times_ns, comparison.pages, axis)
        parts = stems(runs[0].zaps, axis, scale)
        yield _line("stems", parts.x, np.rint(parts.high * 1e6).astype(np.int64))
        yield _line("clusters", [astuple(cluster) for cluster in clusters(parts)])
        yield _line("counts", *count_steps(runs[0].zaps.time_ns, axis))
        yield _line("faults", faults.counts(axis), bar_parts(faults.counts(axis), 30))
        near = [faults.near(axis, x, 3) for x in (60, 61, 300, 560)]
        yield _line("near", [(part.start, part.stop) for part in near])
        yield _line("events", list(map(tuple, lanes.columns(axis).tolist())))
        yield _line("lanes", [lanes.near(axis, x, lane) for x in (60, 110, 335) for lane in (0, 1)])
        for shows in Compared:
            for height, extras in ((150, Extras()), (420, Extras(True, True, True)),
                                   (300, Extras(has_faults=True, lane_px=9))):  # fmt: skip
                laid = rows(600, height, lanes.lanes, shows, 0.4, extras)
                yield _line("rows", shows.value, astuple(laid))
                yield _line("at", [laid.lane_at(y) for y in range(height)])
                drawn = TimelineImage.blank(axis, laid, 4)
                for run, track in zip(runs, laid.tracks, strict=False):
                    drawn.draw_stems(run.zaps, scale, track)
                drawn.draw_hanging(runs[1].zaps, scale, laid.tracks[0])
                times = runs[0].zaps.time_ns
                if len(times):
                    most = len(times)
                    drawn.draw_count(times, most, Ink.TEXT, laid.tracks[-1], dotted=True)
                drawn.draw_differences(kinds)
                drawn.draw_faults(faults)
                drawn.draw_events(lanes)
                yield _line("image", drawn.image)


def _line(name: str, *values: Any) -> str:
    return " ".join((name, *map(_short, values)))


def _short(value: Any) -> str:
    """Return a value, or the sum of one too long to read."""
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.size <= _MOST_NUMBERS else value
    if isinstance(value, np.ndarray):
        # The same numbers on systems whose whole numbers are of other sizes.
        found = hashlib.sha256(value.astype(np.int64).tobytes()).hexdigest()[:16]
        return f"{'x'.join(map(str, value.shape))}:{found}"
    text = str(value).replace("\n", " ")
    if len(text) <= 8 * _MOST_NUMBERS:
        return text
    return f"{len(value)}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"

"""The section of a report that can be played: controls, timelines with a playhead, maps."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.memtype import MEMORY_TYPES
from mtrrviz.exporters.report.html_markup import Markup, join, tag
from mtrrviz.exporters.report.player.map_film import map_film
from mtrrviz.exporters.report.player.player_data import player_json
from mtrrviz.exporters.report.sections import legend, section, vcpu_legend
from mtrrviz.exporters.report.timeline_picture import Scales, timeline_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.exporters.report.contents import Reported
    from mtrrviz.exporters.report.player.map_film import MapFilm

SCRIPT = Path(__file__).with_name("player.js").read_text("utf-8")
"""The script of the page, the only one that its security policy lets run."""
SCRIPT_SOURCE = f"'sha256-{b64encode(sha256(SCRIPT.encode()).digest()).decode()}'"
"""What the security policy calls it."""

_PACES = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)


def playback(reported: Sequence[Reported]) -> Markup:
    """Return the timelines and maps of the runs, to be played from any browser."""
    runs = [each.state.run for each in reported]
    scales = Scales.of(runs)
    films = [map_film(each.state.run, each.vcpu) for each in reported]
    note = tag(
        "p", "A stem is a zap, as high as it takes cycles (modelled, logarithmic), in the colour "
        "of its vCPU; dashed: of a part of memory only; with a dot: other vCPUs zap at the same "
        "time. Of very many zaps the highest at each pixel are drawn. The grey line counts all "
        "zaps. Scenario time is that of the boot without zaps.",
        class_="dim",
    )  # fmt: skip
    parts = [join(_run(each, scales, number)) for number, each in enumerate(reported)]
    data = player_json(runs, films, scales, reported[0].state.time_ns)
    return section(
        "Playback",
        note,
        _controls(),
        tag("noscript", tag("p", "To play it, let the browser run the script of this page.")),
        vcpu_legend(runs[0].scenario.machine.vcpus),
        *parts,
        _map_legend(reported[0].vcpu, films[0]),
        Markup(f'<script type="application/json" id="player-data">{data}</script>\n'),
        Markup(f"<script>{SCRIPT}</script>\n"),
    )


def _controls() -> Markup:
    """Return the controls, which the script brings forth."""
    paces = [
        Markup(
            f'<option value="{pace:g}"{" selected" if pace == 1 else ""}>'
            f"\N{MULTIPLICATION SIGN}{pace:g}</option>"
        )
        for pace in _PACES
    ]
    slider = tag(
        "input", id="player-time", type="range", min="0", max="10000", value="0",
        aria_label="Scenario time",
    )  # fmt: skip
    buttons = [
        tag("button", "Previous zap", id="player-previous", type="button", title="["),
        tag("button", "Play", id="player-play", type="button", title="Space"),
        tag("button", "Next zap", id="player-next", type="button", title="]"),
    ]
    speed = tag("label", "Speed ", tag("select", *paces, id="player-pace"))
    clock = tag("output", id="player-clock", for_="player-time")
    keys = "Space plays and pauses, [ and ] go to the previous and the next zap."
    return Markup(
        f'<div id="player" role="group" aria-label="Playback" hidden>'
        f"{join([*buttons, speed, clock, slider], ' ')}"
        f"{tag('p', keys, class_='dim')}</div>"
    )


def _run(each: Reported, scales: Scales, number: int) -> list[Markup]:
    """Return the timeline of a run with a playhead, its counters and its map."""
    run = each.state.run
    x = scales.time.x(each.state.time_ns)
    head = tag(
        "line", id=f"player-head-{number}", class_="playhead", x1=x, x2=x, y1=0, y2=240
    )  # fmt: skip
    timeline = timeline_picture(run, scales)
    ended = timeline.rindex("</svg>")
    return [
        tag("h3", run.policy.id),
        tag("div", Markup(timeline[:ended] + head + timeline[ended:]), class_="scroll"),
        tag("p", id=f"player-words-{number}", class_="counter"),
        tag(
            "div",
            tag("canvas", id=f"player-map-{number}", role="img", aria_label="Map over time"),
            class_="scroll",
        ),
    ]


def _map_legend(vcpu: int, film: MapFilm) -> Markup:
    """Say what the dots of the maps mean, and how exact the steps are."""
    steps = f"{len(film.times_ns):,} steps"
    exact = (
        f"The map is kept in {steps}, one wherever it changes."
        if film.is_whole
        else f"The map is kept in {steps}, zaps among them; what changes between two of them is "
        "shown at the later one."
    )
    note = tag(
        "p", "Solid: leaves. Pale: no leaf; the type that the next fault of "
        f"vCPU {vcpu} would get. Pale with a solid middle: leaves for a part. Checkered: two "
        "types. Framed: stale, a leaf of another type or IPAT than the next fault would get. "
        f"A line: no memory slot, so never a leaf. {exact}", class_="dim",
    )  # fmt: skip
    types = [(f"s{t.value}", f"{t.name} {t.long_name}") for t in MEMORY_TYPES]
    return join([legend(types), note])

"""The timeline of a run as SVG: phases, a stem a zap, their running count, non-coherent DMA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.kvm_rules.vm_view import zaps_all
from mtrrviz.core.record import Record
from mtrrviz.exporters.report.html_markup import Markup, join, tag
from mtrrviz.exporters.report.report_style import VCPU_COLOURS
from mtrrviz.facts.spans import dma_spans, phase_spans
from mtrrviz.geometry.timeline.time_axis import TimeAxis, nice_step
from mtrrviz.geometry.timeline.timeline_columns import LogScale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mtrrviz.sim.run import Run

    #: Class of its colour, x, y, whether it contended, whether it is of all memory.
    _Stem = tuple[str, float, float, bool, bool]

_WIDTH, _HEIGHT = 1080, 268
_LEFT, _RIGHT = 58, 1030
_PHASES_TOP, _PHASES_BOTTOM = 8, 28
_TOP, _BASE = 44, 212
_DMA_TOP, _DMA_HEIGHT = 226, 6
_AXIS = 252
MOST_STEMS = 1000
"""Stems in a picture at most, and about one for each pixel; of more, the highest are drawn."""
_NARROW_PX = 0.5
"""What is narrower is not drawn by itself, so that a million of them stay small."""
_LETTER_PX = 6.2
"""Width that a letter of 11 px takes at most, on average."""


class Scales(Record):
    """The scales of a timeline, the same for all that are to be compared.

    ``most_zaps`` is the count of zaps at the top.
    """

    time: TimeAxis
    cycles: LogScale
    most_zaps: int

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Scales:
        """Return scales that hold all zaps of the runs, which must be of one scenario."""
        return cls(
            TimeAxis.fitted(runs[0].scenario.duration_ns, _LEFT, _RIGHT - _LEFT),
            LogScale.around(*(run.zaps.cycles for run in runs)),
            max(1, *(len(run.zaps) for run in runs)),
        )

    def cycles_y(self, cycles: float) -> float:
        """Return the pixel of a zap's cycles."""
        return _height(float(self.cycles.share(cycles)))

    def count_y(self, count: int) -> float:
        """Return the pixel of a running count of zaps."""
        return _height(count / self.most_zaps)


def _height(share: float) -> float:
    """Return the pixel of a share of the height."""
    return _BASE - (_BASE - _TOP) * share


def timeline_picture(run: Run, scales: Scales) -> Markup:
    """Return the timeline of a run."""
    words = (
        f"Timeline of policy {run.policy.id}: {len(run.zaps)} zaps over"
        f" {run.scenario.duration_ns / 1e9:.3f} s of scenario time"
    )
    parts = (*_axes(scales), *_phases(run, scales), *_dma(run, scales))
    return tag(
        "svg",
        join((*parts, *_stems(run, scales), _count(run, scales)), "\n"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=words,
    )


def _axes(scales: Scales) -> Iterator[Markup]:
    for share, words in scales.cycles.ticks():
        y = _height(share)
        yield tag("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, class_="line")
        yield _label(words, _LEFT - 6, y + 4, "end")
    step, _parts = nice_step(scales.most_zaps / 4)
    for count in range(0, scales.most_zaps + 1, step):
        yield _label(f"{count}", _RIGHT + 6, scales.count_y(count) + 4, "start")
    for tick in scales.time.ticks():
        if tick.text:
            x = scales.time.x(tick.time_ns)
            yield tag("line", x1=x, x2=x, y1=_BASE, y2=_AXIS - 12, class_="line")
            yield _label(tick.text, x, _AXIS, "middle")
    yield _label("cycles (modelled)", _LEFT, _TOP - 6, "start")
    yield _label("zaps so far", _RIGHT, _TOP - 6, "end")


def _label(words: str, x: float, y: float, anchor: str) -> Markup:
    return tag("text", words, x=x, y=y, text_anchor=anchor, class_="dim")


def _phases(run: Run, scales: Scales) -> Iterator[Markup]:
    """Yield the phases' names on bands, every other one shaded; narrow ones as tooltips."""
    drawn_px = 0.0
    for number, (phase, end_ns) in enumerate(phase_spans(run.scenario)):
        x, end = scales.time.x(phase.start_ns), scales.time.x(end_ns)
        if end - drawn_px < _NARROW_PX:
            continue
        drawn_px = end
        yield tag(
            "rect",
            tag("title", phase.name),
            x=x, y=_PHASES_TOP, width=max(end - x, 0.0), height=_PHASES_BOTTOM - _PHASES_TOP,
            class_="band", fill_opacity=1.0 if number % 2 else 0.4,
        )  # fmt: skip
        words = _elided(phase.name, end - x - 6)
        if words:
            yield tag("text", words, x=x + 4, y=_PHASES_BOTTOM - 6)


def _elided(words: str, width_px: float) -> str:
    """Return as much of the words as fits, "" if that is next to nothing."""
    letters = int(width_px / _LETTER_PX)
    if len(words) <= letters:
        return words
    return f"{words[: letters - 1]}\N{HORIZONTAL ELLIPSIS}" if letters >= 4 else ""


def _dma(run: Run, scales: Scales) -> Iterator[Markup]:
    """Yield a bar wherever a device with non-coherent DMA is there."""
    bars: list[tuple[float, float]] = []
    for start_ns, end_ns, _ in dma_spans(run.scenario):
        x, end = scales.time.x(start_ns), scales.time.x(end_ns)
        if bars and x - bars[-1][1] < _NARROW_PX:
            x = bars.pop()[0]
        bars.append((x, end))
    for x, end in bars:
        yield tag(
            "rect",
            tag("title", "non-coherent DMA"),
            x=x, y=_DMA_TOP, width=end - x, height=_DMA_HEIGHT, class_="dma",
        )  # fmt: skip
    yield _label("DMA", _LEFT - 6, _DMA_TOP + _DMA_HEIGHT + 1, "end")


def _stems(run: Run, scales: Scales) -> Iterator[Markup]:
    """Yield a stem a zap, dashed if it is of a part of memory, with a dot if it contended.

    Stems that would be drawn over each other are drawn once; of too many, the highest at each
    pixel are. So a picture stays small.
    """
    zaps = run.zaps
    columns = (zaps.time_ns, zaps.vcpu, zaps.cycles, zaps.contended)
    rows = zip(*(column.tolist() for column in columns), zaps.ranges, strict=True)
    drawn: dict[_Stem, None] = {}  # in the order of time
    for time_ns, vcpu, cycles, contended, ranges in rows:
        x, y = round(scales.time.x(time_ns), 1), round(scales.cycles_y(cycles), 1)
        colour = "vm" if vcpu < 0 else f"v{vcpu % VCPU_COLOURS}"
        drawn[colour, x, y, contended, zaps_all(ranges)] = None
    stems = drawn if len(drawn) <= MOST_STEMS else _highest(drawn)
    return (_stem(*stem) for stem in stems)


def _highest(stems: Iterable[_Stem]) -> Iterable[_Stem]:
    """Return the highest stem at each pixel."""
    kept: dict[int, _Stem] = {}
    for stem in stems:
        _, x, y, _, _ = stem
        if round(x) not in kept or y < kept[round(x)][2]:
            kept[round(x)] = stem
    return kept.values()


def _stem(colour: str, x: float, y: float, contended: bool, of_all: bool) -> Markup:
    dashes = {} if of_all else {"stroke_dasharray": "3 2"}
    line = tag("line", x1=x, x2=x, y1=_BASE, y2=y, class_=colour, stroke_width=1.5, **dashes)
    return join([line, tag("circle", cx=x, cy=y, r=2.5, class_=colour)] if contended else [line])


def _count(run: Run, scales: Scales) -> Markup:
    """Return the running count of zaps as a step line."""
    digits = 1 if len(run.zaps) <= MOST_STEMS else 0
    points = [(float(scales.time.left), scales.count_y(0))]
    for number, time_ns in enumerate(run.zaps.time_ns.tolist(), 1):
        x = round(scales.time.x(time_ns), digits)
        if points[-1][0] == x:
            points[-1] = (x, scales.count_y(number))
        else:
            points += [(x, points[-1][1]), (x, scales.count_y(number))]
    points.append((float(scales.time.right), points[-1][1]))
    return tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_="count")

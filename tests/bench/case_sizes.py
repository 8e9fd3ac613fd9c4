"""The window with ten thousand to ten million touches, and with very many writes and zaps."""

from __future__ import annotations

from functools import cache
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import thread_time
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from mtrrviz.geometry.map.map_viewport import pan
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite, write_registers
from mtrrviz.session.runs import KEPT_RUNS
from tests.bench.case_events import csv_of, writes
from tests.bench.case_map import zoomed
from tests.bench.case_sim import ARGSORT, DURATION_NS, Load, argsort, in_runs, rng, scenario
from tests.bench.case_window import (
    PLAYED_NS,
    REPAINT,
    SHOWN,
    cpu_ms,
    filled_window,
    moves,
    program,
    repainting,
)
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.geometry.map.map_viewport import View
    from mtrrviz.gui.shell.workbench import Workbench
    from mtrrviz.scenario import Scenario

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
LARGEST_IN_SHORT = 10_000
SPLITTING = "splitting as many lines"
GOAL_MIB = 1229
"""What a window with ten million touches may take at most: 1.2 GiB."""

_PEAK = """
from pathlib import Path
from tests.bench.case_sizes import window_with
window_with(10_000_000)
told = Path("/proc/self/status").read_text()
print(int(told.split("VmHWM:")[1].split()[0]) >> 10)  # what rusage says counts the parent as well
"""


def size_name(size: int) -> str:
    """Return a power of ten as names of cases have it."""
    return f"1e{len(str(size)) - 1}"


@cache
def window_with(touches: int) -> tuple[Document, Workbench]:
    """Return a window on a boot with so many touches of 4 KiB pages, and 84 zaps."""
    load = Load(zaps=84, host_level=1, touches=touches)
    return filled_window(Document(scenario(load, in_runs(load))))


@cache
def window_of_writes(count: int, *, zap: bool = False) -> tuple[Document, Workbench]:
    """Return a window on a boot of so many writes."""
    return filled_window(Document(writes(count, zap=zap)))


def views(bench: Workbench, steps: Sequence[View]) -> Callable[[], None]:
    """Return a callable that shows the next part of the map, there and back, and paints it."""
    canvas = bench.views.map.map.canvas
    order = cycle([*steps, *steps[-2:0:-1]])

    def show() -> None:
        canvas.set_view(next(order))
        canvas.repaint()

    return show


def zooms(bench: Workbench) -> Callable[[], None]:
    """Return a callable that goes in to the middle of the map, and out again, step by step."""
    return views(bench, zoomed(bench.views.map.map.canvas, 12))


def pans(bench: Workbench) -> Callable[[], None]:
    """Return a callable that moves the enlarged map a sixteenth on, and back again at its end."""
    canvas = bench.views.map.map.canvas
    window = zoomed(canvas, 4)[-1]
    assert window is not None
    return views(bench, [pan(window, window.pages // 16 * n, canvas.bands) for n in range(12)])


def jumps(document: Document) -> Callable[[], None]:
    return moves(document, rng().integers(0, document.duration_ns, 997).tolist())


def playing(document: Document) -> Callable[[], None]:
    return moves(document, list(range(0, document.duration_ns, PLAYED_NS)))


def edits(document: Document, share: float) -> Callable[[], None]:
    """Return a callable that writes a register at a share of the time; all views follow."""
    at_ns = int(document.duration_ns * share)
    values = cycle((RegisterWrite(0x2FF, 0xC00), RegisterWrite(0x2FF, 0xC06)))

    def edit() -> None:
        document.set_playhead(at_ns)
        document.apply(write_registers(document.scenario, at_ns, (0,), [next(values)]))
        QApplication.processEvents()
        document.undo()
        QApplication.processEvents()

    return edit


def announce(touches: int) -> None:
    """Announce what the window does with so many touches."""
    name, short = size_name(touches), touches <= LARGEST_IN_SHORT

    def sized(
        work: str, limit: float, make: Callable[[Document, Workbench], Callable[[], None]]
    ) -> None:
        @case(
            f"{work}, {name} touches", reference=REPAINT, limit=limit, in_short=short,
            work=work, size=touches,
        )  # fmt: skip
        def prepare() -> Pair:
            document, bench = window_with(touches)
            return Pair(make(document, bench), repainting(bench))

    sized("map: a zoom step", 1.5, lambda _document, bench: zooms(bench))
    sized("map: a pan step", 1.0, lambda _document, bench: pans(bench))
    sized("scrubbing", 1.2, lambda document, _bench: jumps(document))
    sized("playing", 1.2, lambda document, _bench: playing(document))
    for percent in (5, 50, 95):
        sized(
            f"an edit and its undo at {percent} %",
            EDIT_LIMITS[touches],
            lambda document, _bench, share=percent / 100: edits(document, share),
        )


def announce_answer(percent: int) -> None:
    """Announce how soon the window shows what an edit comes to; the goal is 100 ms."""

    @case(
        f"an edit at {percent} % answered, 1e6 touches",
        reference=ARGSORT, limit=1.5, in_short=False, unit="ms CPU",
    )  # fmt: skip
    def answer() -> Pair:
        document, _bench = window_with(1_000_000)
        at_ns = document.duration_ns * percent // 100
        values = cycle((RegisterWrite(0x2FF, 0xC00), RegisterWrite(0x2FF, 0xC06)))

        def edit_s() -> float:
            edit = write_registers(document.scenario, at_ns, (0,), [next(values)])
            start = thread_time()  # what follows beside the window, such as checks, is not awaited
            document.apply(edit)
            QApplication.processEvents()
            return thread_time() - start

        def answered() -> float:
            compared = document.compared_policy
            document.set_compared_policy(document.policy)  # that run follows when all is shown
            document.set_playhead(at_ns)
            QApplication.processEvents()
            for _ in range(KEPT_RUNS):  # from then on runs take the memory of those before them
                edit_s()
            taken_ms = median(edit_s() for _ in range(9)) * 1e3
            document.set_compared_policy(compared)
            return taken_ms

        sort = argsort(1_000_000)
        return Pair(answered, lambda: cpu_ms(sort))


for _percent in (5, 50, 95):
    announce_answer(_percent)

EDIT_LIMITS = {10_000: 8.0, 100_000: 12.0, 1_000_000: 30.0, 10_000_000: 700.0}

for _size in SIZES:
    announce(_size)


def announce_events(name: str, count: int, *, zap: bool) -> None:
    """Announce frames of a window with very many events."""

    @case(f"scrubbing, {name}", reference=REPAINT, limit=2.0, in_short=False)
    def scrub() -> Pair:
        document, bench = window_of_writes(count, zap=zap)
        return Pair(jumps(document), repainting(bench))

    @case(f"playing, {name}", reference=REPAINT, limit=2.0, in_short=False)
    def play() -> Pair:
        document, bench = window_of_writes(count, zap=zap)
        return Pair(playing(document), repainting(bench))

    @case(f"a zoom step of the timeline, {name}", reference=REPAINT, limit=1.5, in_short=False)
    def zoom() -> Pair:
        _, bench = window_of_writes(count, zap=zap)
        canvas = bench.views.timeline.canvas
        factors = cycle([1.25] * 12 + [0.8] * 12)

        def step() -> None:
            canvas.zoom(next(factors))
            canvas.repaint()

        return Pair(step, repainting(bench))


announce_events("1e6 register writes", 1_000_000, zap=False)
announce_events("1e5 zaps", 100_000, zap=True)


@case("an edit and its undo among 1e6 writes, one turn", reference="among 1e4", limit=2.0)
def edit_and_undo() -> Pair:
    """What the event loop waits for, before anything is simulated or shown."""
    return Pair(unanswered(1_000_000), unanswered(10_000))


def unanswered(count: int) -> Callable[[], None]:
    document = Document(writes(count - 1), executor=lambda *_: None)  # more no file may hold
    at_ns = DURATION_NS // 2
    value = RegisterWrite(0x2FF, 0xC00)

    def edit() -> None:
        document.apply(write_registers(document.scenario, at_ns, (0,), [value]))
        document.undo()

    return edit


def opening(made: Scenario) -> Pair:
    """Open a saved scenario until map and timeline show its run."""
    path = Path(mkdtemp(prefix="mtrrviz-bench-")) / "many.toml"
    save_scenario(made, path)
    text = csv_of(made)
    return Pair(program(SHOWN, str(path)), lambda: [row.split(",") for row in text.split("\n")])


@case("opening 1e6 register writes", reference=SPLITTING, limit=2.2, in_short=False)
def open_writes() -> Pair:
    return opening(writes(1_000_000))


@case("opening 1e5 zaps", reference=SPLITTING, limit=18.0, in_short=False)
def open_zaps() -> Pair:
    return opening(writes(100_000, zap=True))


@case("opening 1e6 touches", reference=ARGSORT, limit=16.0, in_short=False)
def open_touches() -> Pair:
    load = Load(zaps=84, host_level=1)
    subject, _ = opening(scenario(load, in_runs(load)))
    return Pair(subject, argsort(load.touches))


@case("peak memory, 1e7 touches", reference="the goal", limit=1.0, in_short=False, unit="MiB")
def peak_memory() -> Pair:
    """A program of its own with the whole window."""
    return Pair(lambda: int(program(_PEAK)()), lambda: GOAL_MIB)

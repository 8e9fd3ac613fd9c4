"""Uses the window at random for a long time, and watches its memory and how long it blocks.

    ./dev soak [--minutes 8] [--seed 1] [--pause 15]

Random work is scrubbing, zooming and panning, edits with undo and redo, policies, panels, map
modes, and other scenarios that are opened. Memory is that of the whole process. A turn is what the
event loop does between two waits, in CPU time of the main thread, so that other programs on the
machine do not count. Memory has to stay flat from a quarter of the time on (two minutes of eight);
in less than eight minutes panels and scenarios are still met for the first time, and only growth by
half counts. An error of the program fails a soak as well. CI does three minutes, beside the tests
and with longer pauses.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from mtrrviz.core.policies import policy_ids
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import builtin_paths, open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document
from tests.session.edits.test_random_walk import Walker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: What memory may grow by from the second quarter to the last, of eight minutes or more and of
#: fewer: then it depends on what happens to be open.
MOST_GROWTH, MOST_IN_SHORT = 0.05, 0.5
_WHOLE_MINUTES = 8.0
SIZE_PX = (1920, 1080)
_MIB = 1 << 20


def resident_mib() -> float:
    """Return the process's resident memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


@dataclass
class Watch:
    """What was seen so far: (seconds, MiB) of memory, and turns in ms of CPU."""

    memory: list[tuple[float, float]] = field(default_factory=list)
    turns_ms: list[float] = field(default_factory=list)
    steps: int = 0
    last: str = "start"
    #: Errors of the program, and after which kind of step they came.
    errors: list[str] = field(default_factory=list)
    #: The longest turn after each kind of step, in ms.
    longest_ms: dict[str, float] = field(default_factory=dict)

    def follow(self, dispatcher: QAbstractEventDispatcher) -> None:
        """Time what the event loop does between two waits, which cost no CPU time themselves."""
        self._rested_s = time.thread_time()
        dispatcher.aboutToBlock.connect(self._rest)

    def _rest(self) -> None:
        now_s = time.thread_time()
        turn_ms = 1000 * (now_s - self._rested_s)
        self.turns_ms.append(turn_ms)
        self.longest_ms[self.last] = max(turn_ms, self.longest_ms.get(self.last, 0))
        self._rested_s = now_s


def growth(memory: Sequence[tuple[float, float]]) -> float:
    """Return by how much memory is more in the last quarter of the time than in the second.

    Each is the median of its samples, and what is returned a share.
    """
    sizes = [size for _, size in memory]
    quarter = len(sizes) // 4
    return median(sizes[-quarter:]) / median(sizes[quarter : 2 * quarter]) - 1


def most_growth(minutes: float) -> float:
    """Return what memory may grow by in a soak of so many minutes."""
    return MOST_GROWTH if minutes >= _WHOLE_MINUTES else MOST_IN_SHORT


class RandomUse:
    """Does one random thing after another to a window."""

    def __init__(self, bench: Workbench, seed: int) -> None:
        self._bench = bench
        self._random = random.Random(seed)
        self._walker = Walker(seed)
        self._names = sorted(builtin_paths())
        self._ways: tuple[tuple[int, Callable[[], None]], ...] = (
            (30, self._scrub),
            (20, self._look),
            (20, self._edit),
            (6, self._take_policy),
            (6, self._show_panel),
            (4, self._show_mode),
            (4, self._select),
            (2, self._open),
        )

    def step(self) -> str:
        """Do something, and return its name."""
        weights, ways = zip(*self._ways, strict=True)
        (way,) = self._random.choices(ways, weights)
        way()
        return way.__name__.removeprefix("_")

    def _scrub(self) -> None:
        document = self._bench.document
        document.set_playhead(self._random.randrange(document.scenario.duration_ns + 1))

    def _look(self) -> None:
        canvas = self._bench.views.map.map.canvas
        way = self._random.choice([canvas.zoom_in, canvas.zoom_in, canvas.zoom_out, canvas.fit])
        way()

    def _edit(self) -> None:
        self._walker.step(self._bench.document)

    def _take_policy(self) -> None:
        self._bench.document.set_policy(self._random.choice(policy_ids()))

    def _show_panel(self) -> None:
        self._bench.bring_up(self._random.choice(self._bench.views.panels).name)

    def _show_mode(self) -> None:
        self._bench.views.map.show_mode(self._random.choice(list(MapMode)))

    def _select(self) -> None:
        machine = self._bench.document.scenario.machine
        self._bench.document.select_vcpu(self._random.randrange(machine.vcpus))
        region = self._random.choice(machine.regions)
        self._bench.document.select_page(self._random.randrange(region.first_gfn, region.end_gfn))

    def _open(self) -> None:
        scenario = open_scenario(self._random.choice(self._names))
        self._bench.document.open(scenario, None)


def soak(seconds: float, seed: int, every_s: float, pause_ms: int = 15) -> Watch:
    """Use a window for some time, with pauses; look at its memory every so often."""
    app = QApplication.instance() or QApplication([])
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat))
        window = MainWindow(settings)
        window.resize(*SIZE_PX)
        document = Document(open_scenario("ovmf-8vcpu-2g"))
        bench = Workbench(window, document, Worker(window), settings)
        window.show()
        use = RandomUse(bench, seed)
        began_s = time.monotonic()

        def failed(kind: type[BaseException], error: BaseException, trace: object) -> None:
            del trace
            watch.errors.append(f"after {watch.last}: {kind.__name__}: {error}")
            traceback.print_exception(error)

        sys.excepthook = failed

        def work() -> None:
            watch.last = use.step()
            watch.steps += 1

        def look() -> None:
            watch.memory.append((time.monotonic() - began_s, resident_mib()))

        timers = []
        for what, between_ms in ((work, pause_ms), (look, round(1000 * every_s))):
            timer = QTimer(window)
            timer.timeout.connect(what)
            timer.start(between_ms)
            timers.append(timer)
        QTimer.singleShot(round(1000 * seconds), app.exit)  # quit asks about unsaved edits
        watch.follow(QAbstractEventDispatcher.instance())
        app.exec()
        for timer in timers:
            timer.stop()
        window.hide()  # closing would ask about unsaved edits
    return watch


def report(watch: Watch) -> str:
    """Return what was seen in words."""
    rows = ["   time   memory"]
    last_s = watch.memory[-1][0]
    for part in range(9):
        seconds, size = min(watch.memory, key=lambda seen: abs(seen[0] - part * last_s / 8))
        rows.append(f"{seconds:5.0f} s  {size:5.0f} MiB")
    cuts = quantiles(watch.turns_ms, n=100)
    rows.append(
        f"{watch.steps} steps; turns of the main thread: median {cuts[49]:.1f} ms, 95 % "
        f"{cuts[94]:.1f} ms, 99 % {cuts[98]:.1f} ms, most {max(watch.turns_ms):.0f} ms of CPU"
    )
    slow = sorted(watch.longest_ms.items(), key=lambda pair: -pair[1])
    rows.append("longest after: " + ", ".join(f"{name} {ms:.0f}" for name, ms in slow))
    rows.append(
        f"memory from the second quarter of the time to the last: {growth(watch.memory):+.1%}"
    )
    rows += watch.errors
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev soak", description="Use the window at random.")
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=int, default=15, metavar="MS", help="between steps (15)")
    args = parser.parse_args()
    every_s = max(0.05, args.minutes * 60 / 200)
    watch = soak(60 * args.minutes, args.seed, every_s, args.pause)
    print(report(watch))
    return int(growth(watch.memory) > most_growth(args.minutes) or bool(watch.errors))


if __name__ == "__main__":
    code = main()
    QCoreApplication.processEvents()
    sys.stdout.flush()
    os._exit(code)  # what Qt frees at the end is not watched

"""The whole window: its first paint against an empty one, frames of it against repainting it."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from mtrrviz.core.policies import policy_ids
from mtrrviz.gui.common.looks import style
from mtrrviz.gui.common.looks.theme import ThemeName
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite, write_registers
from mtrrviz.session.runs import KEPT_RUNS
from tests.bench.case_sim import rng
from tests.bench.measure import time_calls
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCENARIO = "ovmf-16vcpu-16g"
RECORDED = (
    "ovmf-8vcpu-2g",
    "ovmf-8vcpu-16g",
    "ovmf-16vcpu-16g",
    "seabios-8vcpu-2g",
    "seabios-8vcpu-16g",
    "seabios-16vcpu-16g",
)
WIDTH, HEIGHT = 1920, 1080
PLAYED_NS = 16_000_000
"""Scenario time between two frames of playing at normal speed."""

REPAINT = "painting every view of the window anew"
"""The reference of frames: what any change that shows everywhere costs at least."""

_PAINTED = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
class Seen(QLabel):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: os._exit(0))
app = QApplication([])
window = QMainWindow()
window.setCentralWidget(Seen("empty"))
window.resize(1280, 780)
window.show()
app.exec()
"""
_STARTED = """
import os
from mtrrviz.cli import main
from mtrrviz.gui.shell.start import startup
startup.Startup._load = lambda self: os._exit(0)
main()
"""
_FILLED = """
import os
from PySide6.QtCore import QTimer
from mtrrviz.cli import main
from mtrrviz.gui.shell.start import startup
class Filled(startup.Startup):
    def begin(self):
        self.ready.connect(lambda bench: QTimer.singleShot(0, lambda: os._exit(0)))
        super().begin()
startup.Startup = Filled
main()
"""
SHOWN = """
import os
from PySide6.QtCore import QTimer
from mtrrviz.cli import main
from mtrrviz.gui.shell.start import startup
class Shown(startup.Startup):
    def begin(self):
        self.ready.connect(self.look)
        super().begin()
    def look(self, bench):
        if bench.document.run is None or bench.document.is_simulating:
            QTimer.singleShot(5, lambda: self.look(bench))
        else:
            bench.window.repaint()
            QTimer.singleShot(0, lambda: os._exit(0))
startup.Startup = Shown
main()
"""
"""Ends once map and timeline show the runs of what is opened."""

_LONGEST_TURN = """
import os, sys, time
from mtrrviz.gui.shell.workbench import Workbench
taken, fill_more = [], Workbench.fill_more
def timed(bench):
    start = time.thread_time()
    more = fill_more(bench)
    taken.append(time.thread_time() - start)
    if not more:
        print(round(max(taken) * 1e3, 1), flush=True)
        os._exit(0)
    return more
Workbench.fill_more = timed
from mtrrviz.cli import main
main()
"""
EMPTY = "first paint of an empty QMainWindow"
GOAL_TURN_MS = 50.0


def screen() -> str:
    """Return the name of a platform without a screen that is as large as most are."""
    size = f'"x": 0, "y": 0, "width": {WIDTH}, "height": {HEIGHT}'
    dots = '"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1'
    path = Path(mkdtemp(prefix="mtrrviz-bench-")) / "screen.json"
    path.write_text(f'{{"screens": [{{"name": "screen", {size}, {dots}}}]}}', encoding="utf-8")
    return f"offscreen:configfile={path}"


def program(text: str, name: str = SCENARIO) -> Callable[[], bytes]:
    """Return a callable that runs a program to its end in a process of its own.

    It returns what is printed. What it compiles is kept, as it is of an installed program.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {
        "QT_QPA_PLATFORM": screen(),
        "XDG_CONFIG_HOME": mkdtemp(prefix="mtrrviz-bench-"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONPYCACHEPREFIX": mkdtemp(prefix="mtrrviz-bench-"),
    }
    command = [sys.executable, "-c", text, name]
    return lambda: subprocess.run(command, env=environment, check=True, capture_output=True).stdout


def cpu_ms(work: Callable[[], object], samples: int = 7) -> float:
    """Return the median of the CPU time of some calls after a first one, in ms."""
    work()
    return median(time_calls(work, 1) for _ in range(samples)) * 1e3


@case(
    "first paint of the window",
    reference=EMPTY,
    limit=1.45,
    in_short=False,
)
def first_paint() -> Pair:
    """Both from the start of the process to the event after the first paint."""
    return Pair(program(_STARTED), program(_PAINTED))


@case(
    "the window filled",
    reference=EMPTY,
    limit=7.0,
    in_short=False,
)
def filled() -> Pair:
    """All panels in sight made and laid out, with what that loads, from the process's start."""
    return Pair(program(_FILLED), program(_PAINTED))


@case(
    "filling the window after its first paint",
    reference=EMPTY,
    limit=6.0,  # the goal is 5; machines differ, and took from 4.0 to 5.8 for the same tree
    in_short=False,
    unit="ms CPU",
)
def filled_after() -> Pair:
    """What is above without what the first paint took."""
    return Pair(
        lambda: cpu_ms(program(_FILLED)) - cpu_ms(program(_STARTED)),
        lambda: cpu_ms(program(_PAINTED)),
    )


@case(
    "the longest turn of filling the window",
    reference="the goal",
    limit=1.0,
    in_short=False,
    unit="ms CPU",
)
def longest_turn() -> Pair:
    """What the window's thread does at once, at most."""
    turns = program(_LONGEST_TURN)
    return Pair(lambda: median(float(turns()) for _ in range(5)), lambda: GOAL_TURN_MS)


@cache
def shown(name: str = SCENARIO) -> tuple[Document, Workbench]:
    """Return the filled window of a recorded boot, with a page selected."""
    return filled_window(Document(open_scenario(name)))


def filled_window(document: Document) -> tuple[Document, Workbench]:
    """Return a document and the filled window that shows it, with a page selected."""
    app = QApplication.instance() or QApplication(["bench"])
    store = QSettings(str(Path(mkdtemp()) / "bench.ini"), QSettings.Format.IniFormat)
    settings = Settings(store)
    settings.theme = ThemeName.DARK
    assert isinstance(app, QApplication)
    style.apply(style.resolve(settings.theme, settings.palette), app)
    window = MainWindow(settings)
    window.resize(WIDTH, HEIGHT)
    bench = Workbench(window, document, Worker(), settings)
    window.show()
    settle(5)
    document.select_page(0x140000)
    settle(2)
    return document, bench


def repainting(bench: Workbench) -> Callable[[], None]:
    """Return a callable that paints all that is visible anew, as nothing else has changed."""
    window = bench.window
    parts = [part for part in window.findChildren(QWidget) if part.isVisibleTo(window)]

    def repaint() -> None:
        bench.views.map.map.canvas.refresh()
        for part in parts:
            part.update()
        QApplication.processEvents()

    return repaint


def moves(document: Document, times_ns: list[int]) -> Callable[[], None]:
    """Return a callable that moves the playhead on and has the whole window follow."""
    times = cycle(times_ns)

    def move() -> None:
        document.set_playhead(next(times))
        QApplication.processEvents()

    return move


@case("a frame of scrubbing, whole window", reference=REPAINT, limit=0.8)
def scrub() -> Pair:
    document, bench = shown()
    times = rng().integers(0, document.duration_ns, 997).tolist()
    return Pair(moves(document, times), repainting(bench))


@case("a frame of playing, whole window", reference=REPAINT, limit=0.6)
def play() -> Pair:
    document, bench = shown()
    times = list(range(0, document.duration_ns, PLAYED_NS))
    return Pair(moves(document, times), repainting(bench))


@case("an edit near the end answered", reference=REPAINT, limit=8.0)
def edit() -> Pair:
    """A register written late: the run is made again from there on, and all views follow."""
    document, bench = shown()
    late_ns = document.duration_ns - 50_000_000
    document.set_playhead(late_ns)
    values = cycle((RegisterWrite(0x2FF, 0xC00), RegisterWrite(0x2FF, 0xC06)))

    def answer() -> None:
        document.apply(write_registers(document.scenario, late_ns, (0,), [next(values)]))
        QApplication.processEvents()
        document.undo()
        QApplication.processEvents()

    return Pair(answer, repainting(bench))


def switches(document: Document, policies: Sequence[str]) -> Callable[[], None]:
    """Return a callable that goes on to the next policy and has the whole window follow."""
    order = cycle(policies)

    def switch() -> None:
        document.set_policy(next(order))
        QApplication.processEvents()

    return switch


def announce_switch(name: str) -> None:
    """Announce the switching of policies in the window of one recorded boot."""

    @case(
        f"another policy, {name}",
        reference=REPAINT,
        limit=6.0,
        in_short=name == SCENARIO,
    )
    def switch() -> Pair:
        """There are more policies than runs are kept, so each is simulated again."""
        if len(policy_ids()) <= KEPT_RUNS:
            message = "all runs are kept, so there is nothing to time"
            raise RuntimeError(message)
        document, bench = shown(name)
        return Pair(switches(document, policy_ids()), repainting(bench))


for _name in RECORDED:
    announce_switch(_name)


@case("back to the policy before", reference=REPAINT, limit=2.0)
def switch_back() -> Pair:
    """What the window's own thread does for another policy: its run is there already."""
    document, bench = shown()
    return Pair(switches(document, (document.policy, document.compared_policy)), repainting(bench))

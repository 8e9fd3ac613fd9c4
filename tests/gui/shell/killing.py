"""Kills the program at random points of random work and looks whether anything is lost.

    python -m tests.gui.shell.killing --points 200 [--seed N]

The program is the real one, without a screen. It edits, undoes and saves at random and says after
how many steps its work was kept; then it is killed, mostly while it does more. What its journal
and its file tell must be its work after that step, or after one of those it was in, and undo must
lead to what its work once was. Every other time the journal has events in blocks, as it does with
long scenarios, and is often written anew.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from msgspec.structs import replace

from mtrrviz.gui.shell import workbench
from mtrrviz.gui.shell.start import app, error_report, startup
from mtrrviz.importers import opening
from mtrrviz.scenario import event_pieces
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.files.saver import save_scenario, scenario_text
from mtrrviz.scenario.library import find
from mtrrviz.session.document import Document
from mtrrviz.session.journal import kept_events, written_blocks, written_journal
from mtrrviz.session.journal.folders import left_in
from mtrrviz.session.journal.unsaved_work import read_unsaved, restored
from tests.session.edits.test_random_walk import Walker, never

if TYPE_CHECKING:
    from collections.abc import Generator

#: Imported before the program is forked, so that each start is short.
_LOADED = (workbench, error_report, opening)
MOST_STEPS = 24
_SAVES = 0.08
#: Steps that may have been made since the last that was told: one kept, one under way.
_AHEAD = 2
_NAME = "work.toml"


class Work:
    """Random steps in a document, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._walker = Walker(seed)
        self._random = random.Random(seed)

    def step(self, document: Document, save) -> None:
        if self._random.random() < _SAVES:
            save()
        else:
            self._walker.step(document)


def text_of(scenario) -> str:
    return scenario_text(replace(scenario, recording=None))


def live(folder: Path, seed: int, told: int) -> None:
    """Be the program: work until killed, and tell each step whose outcome is kept."""
    from PySide6.QtCore import QSettings, QTimer

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings")
    )
    work = Work(seed)

    class Working(startup.Startup):
        def __init__(self, *arguments, **more) -> None:
            super().__init__(*arguments, **more)
            self.steps = 0
            self.is_busy = False
            self.ready.connect(self.begin_work)

        def begin_work(self, bench) -> None:
            self.bench = bench
            self.timer = QTimer(self)
            self.timer.timeout.connect(self.go_on)
            self.timer.start(0)

        def go_on(self) -> None:
            document, files = self.bench.document, self.bench.files
            kept = files.journal.keeper.kept
            if self.is_busy or kept is not (document.scenario if document.is_modified else None):
                return
            os.write(told, f"{self.steps}\n".encode())
            if self.steps < MOST_STEPS:
                self.is_busy = True  # waiting for a save lets timers go on
                work.step(document, lambda: files.save() and files.saving.finish())
                self.is_busy = False
                self.steps += 1

    startup.Startup = Working
    app.run_window([str(folder / _NAME)])


def outcomes(folder: Path, seed: int) -> list[str]:
    """Return the text of the work after each step."""
    path = folder / _NAME
    original = load_original(path)
    document = Document(original.scenario, executor=never, path=path, original=original)
    elsewhere = folder / "replayed.toml"

    def save() -> None:
        saved = save_scenario(document.scenario, elsewhere, document.original)
        document.mark_saved(saved.scenario, path, saved)

    work = Work(seed)
    found = [text_of(document.scenario)]
    for _ in range(MOST_STEPS):
        work.step(document, save)
        found.append(text_of(document.scenario))
    return found


def last_told(read: int, at_step: int, wait_s: float) -> int:
    """Return the last step that was told, some time after ``at_step`` was."""
    data = b""
    while f"\n{at_step}\n".encode() not in b"\n" + data:
        more = os.read(read, 4096)
        if not more:
            raise RuntimeError(f"the program ended by itself after {data!r}")
        data += more
    time.sleep(wait_s)
    os.set_blocking(read, False)
    with contextlib.suppress(BlockingIOError):
        data += os.read(read, 65536)
    return int(data.split()[-1])


@contextlib.contextmanager
def as_if_long() -> Generator[None]:
    """Let a scenario of few events be one of many, whose journal has grown much."""
    bounds = (
        (kept_events, "SHORT", 0),
        (event_pieces, "SHORT", 4),
        (written_blocks, "_FEW", 1),
        (written_journal, "MAX_BYTES", 4000),
    )
    with contextlib.ExitStack() as stack:
        for module, name, value in bounds:
            stack.enter_context(patch.object(module, name, value))
        yield


def kill_once(seed: int) -> str:
    """Kill one program; return what is wrong, "" if nothing is lost."""
    with as_if_long() if seed % 2 else contextlib.nullcontext():
        return _killed(seed)


def _killed(seed: int) -> str:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / _NAME).write_bytes(find("small-machine").read_bytes())
        wanted = outcomes(folder, seed)
        read, told = os.pipe()
        child = os.fork()
        if not child:
            try:
                live(folder, seed, told)
            finally:
                os._exit(1)
        os.close(told)
        try:
            at = last_told(read, chance.randrange(1, MOST_STEPS), chance.random() * 0.02)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            rest = os.read(read, 65536).split()  # told between looking and killing
            os.close(read)
        at = int(rest[-1]) if rest else at
        *before, found = map(text_of, what_is_left(folder))
        if found not in wanted[at : at + _AHEAD]:
            return f"seed {seed}: step {at} is lost"
        return "" if set(before) <= set(wanted) else f"seed {seed}: undo leads to what never was"


def what_is_left(folder: Path):
    """Return the scenario as a next start finds it, last: the journal's, else the file's.

    Before it those that undo leads to.
    """
    left = left_in(folder / "settings" / "mtrrviz" / "journal")
    if not left:
        return [load_original(folder / _NAME).scenario]
    (journal,) = left
    return [state.scenario for state in restored(read_unsaved(journal)).states]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    wrong = [kill_once(args.seed + number) for number in range(args.points)]
    print(f"{wrong.count('')} of {args.points} kills lost nothing")
    print(*filter(None, wrong), sep="\n", end="")
    return int(any(wrong))


if __name__ == "__main__":
    sys.exit(main())

"""The window as a target: what bytes give is opened, looked at in every view, and left again."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import traceback
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import policy_ids
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.importers import import_texts
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from tests.fuzz.names import name_for
from tests.fuzz.oracle import MAX_CHECKED_EVENTS, is_playable

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

PANELS_SEEN = 3
"""Panels that are brought up for an input, chosen by its bytes."""


class AtOnce(Worker):
    """Does work right where it is asked for, so that a finding is of the input that caused it."""

    def run(self, work, finished, failed=None):
        try:
            result = work()
        except Exception as error:
            if failed is None:
                raise
            failed(error)
        else:
            finished(result)


class Desk:
    """One window, in which input after input is opened."""

    def __init__(self) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        self.app = QApplication.instance() or QApplication([])
        self._folder = tempfile.TemporaryDirectory(prefix="mtrrviz-fuzz-")
        store = QSettings(f"{self._folder.name}/settings.ini", QSettings.Format.IniFormat)
        settings, window = Settings(store), MainWindow(Settings(store))
        window.resize(1280, 800)
        document = Document(open_scenario("small-machine"))
        self.bench = Workbench(window, document, AtOnce(window), settings)
        self.panels = sorted(set(self.bench.docks) - {"published"})  # which shows no document
        window.ask_before_closing(lambda: True)
        window.show()
        settle()

    def show(self, scenario: Scenario, chance: random.Random) -> None:
        """Open a scenario, go to a time and a page of it, and look at some panels."""
        errors: list[BaseException] = []

        def keep(_kind: object, error: BaseException, _trace: object) -> None:
            traceback.clear_frames(error.__traceback__)  # as the program's own reports do
            errors.append(error)

        before, sys.excepthook = sys.excepthook, keep
        try:
            document = self.bench.document
            document.open(scenario, None)
            settle(1)
            with document.batch():
                document.set_policy(chance.choice(policy_ids()))
                document.set_playhead(chance.randint(0, scenario.duration_ns))
                document.select_page(chance.randrange(1 << scenario.machine.maxphyaddr - 12))
                document.select_vcpu(chance.randrange(scenario.machine.vcpus))
            for name in chance.sample(self.panels, PANELS_SEEN):
                self.bench.bring_up(name)
                settle(1)
            self.bench.window.grab()
        finally:
            sys.excepthook = before
        if errors:
            raise errors[0]


@cache
def desk() -> Desk:
    """Return the one window of this process."""
    return Desk()


def show_in_window(content: bytes) -> None:
    """Open what bytes are, a scenario or what a machine printed, and look at it."""
    try:
        scenario = scenario_of(content)
    except MtrrvizError:  # judged by other targets
        return
    if is_playable(scenario) and len(scenario.events) <= MAX_CHECKED_EVENTS:
        desk().show(scenario, random.Random(zlib.crc32(content)))


def scenario_of(content: bytes) -> Scenario:
    """Return the scenario that bytes are or describe; MtrrvizError if there is none."""
    name = name_for(content)
    if b"schema" in content[:4096]:
        return parse_scenario(content.decode("utf-8", "replace"), f"{name}.toml", Path())
    return import_texts([(name, content)]).scenario

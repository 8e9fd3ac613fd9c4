"""A clock that jumps changes nothing: what lasts how long is read from the monotonic clock."""

from __future__ import annotations

import ast
from pathlib import Path

import mtrrviz

ROOT = Path(mtrrviz.__file__).parent
#: Calls that read the clock on the wall.
WALL_CLOCKS = (
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.ctime"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("QTime.currentTime", "QDateTime.currentDateTime", "QDateTime.currentDateTimeUtc"),
    *("QDateTime.currentMSecsSinceEpoch", "QDateTime.currentSecsSinceEpoch"),
)
#: They show the time of day, and nothing is reckoned with it.
SHOWN = {"gui/lecture/notes_window.py"}


def wall_clocks_in(source: str) -> list[str]:
    names = [ast.unparse(n.func) for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    return [name for name in names if name.endswith(WALL_CLOCKS)]


def test_only_what_shows_the_time_of_day_reads_it():
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if any(
            f".{clock.partition('.')[2]}(" in (text := path.read_text()) for clock in WALL_CLOCKS
        )
        and wall_clocks_in(text)
    }
    assert found == SHOWN


def test_a_wall_clock_is_found_by_any_name():
    assert wall_clocks_in("import time\nx = time.time() - y\n")
    assert wall_clocks_in("import datetime\ndatetime.datetime.now()\n")
    assert not wall_clocks_in("from time import monotonic\nmonotonic()\n")

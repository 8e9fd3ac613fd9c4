"""The soak does its work, and says so where memory grows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.gui.shell.soaking import MOST_GROWTH, MOST_IN_SHORT, Watch, growth, most_growth, report

pytestmark = pytest.mark.gui


def filled(sizes):
    return [(float(second), size) for second, size in enumerate(sizes)]


def test_what_fills_in_the_first_quarter_is_no_growth():
    assert growth(filled([*range(100, 300, 8), *[300.0] * 75])) == 0


def test_memory_that_goes_on_to_grow_is_seen():
    assert growth(filled([*[300.0] * 50, *(300 + step for step in range(50))])) > MOST_GROWTH
    assert growth(filled([*[300.0] * 75, *[330.0] * 25])) == pytest.approx(0.1)


def test_a_short_soak_may_grow_by_more():
    assert most_growth(30) == most_growth(8) == MOST_GROWTH
    assert most_growth(7.9) == most_growth(0.1) == MOST_IN_SHORT


def test_a_report_tells_memory_over_time_and_turns():
    watch = Watch(filled([100.0] * 90), [1.0] * 98 + [50.0, 60.0], 7, errors=["after open: x"])
    told = report(watch)
    assert told.endswith("\nafter open: x")
    assert "7 steps" in told
    assert "median 1.0 ms" in told
    assert "most 60 ms" in told
    assert "100 MiB" in told
    assert "+0.0%" in told


def test_random_use_meets_no_error():
    command = [sys.executable, "-m", "tests.gui.shell.soaking", "--minutes", "0.05", "--seed", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr
    assert "steps; turns of the main thread" in done.stdout

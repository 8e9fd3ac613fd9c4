"""A program that is killed in the middle of its work loses nothing that was kept."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.gui


def test_nothing_is_lost_wherever_the_program_is_killed():
    command = [sys.executable, "-m", "tests.gui.shell.killing", "--points", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "5 of 5 kills lost nothing\n"
    assert done.returncode == 0

"""A way to run a command line inside the test's process and see what it wrote."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mtrrviz.cli import main


@dataclass(frozen=True)
class Outcome:
    """Exit code and output of a command line."""

    code: int
    out: str
    err: str


@pytest.fixture
def mtrrviz(capsys):
    """Return a function that runs `mtrrviz ARGUMENTS...`."""

    def run(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def refused(mtrrviz):
    """Return a function that runs a command line that must fail with 2 and one line on stderr."""

    def run(*arguments):
        outcome = mtrrviz(*arguments)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith("mtrrviz: ")
        assert outcome.err.endswith("\n")
        assert outcome.err.count("\n") == 1
        return outcome.err

    return run

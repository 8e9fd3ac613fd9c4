"""The program asks for no threads of OpenBLAS; a caller of ``main`` keeps the own environment."""

from __future__ import annotations

import os
import sys

import pytest

from mtrrviz.cli import main

NAME = "OPENBLAS_NUM_THREADS"


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("4", "4")])
def test_the_program_sets_what_the_user_did_not(monkeypatch, given, expected):
    monkeypatch.setenv(NAME, given or "")
    if given is None:
        monkeypatch.delenv(NAME)
    monkeypatch.setattr(sys, "argv", ["mtrrviz", "--version"])
    assert main() == 0
    assert os.environ[NAME] == expected


def test_a_caller_keeps_its_environment(monkeypatch):
    monkeypatch.setenv(NAME, "")
    monkeypatch.delenv(NAME)
    assert main(["--version"]) == 0
    assert NAME not in os.environ

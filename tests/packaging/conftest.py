"""The script `dev` as a module, and where the checkout is."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the checkout."""
    return ROOT


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch):
    """Return `dev`, freshly imported; it has no suffix, so the loader must be named."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("dev", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("dev", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    # NamedTuple looks its module up while the class is made
    monkeypatch.setitem(sys.modules, "dev", module)
    loader.exec_module(module)
    return module


@pytest.fixture
def calls(dev, monkeypatch):
    """Record the commands that `dev` would run, and answer each with success."""
    commands = []

    def record(*command, env=None):
        commands.append(command)
        return 0

    monkeypatch.setattr(dev, "call", record)
    monkeypatch.setattr(dev, "works", lambda *command: record(*command) == 0)
    return commands

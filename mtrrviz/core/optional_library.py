"""Libraries that are used where they are installed, and not needed otherwise."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def optional_library(name: str, package: str = "") -> Any:
    """Return a module, such as "matplotlib.figure". ImportError says what to install.

    ``package`` is what pip calls it, if that is not the first part of the name.
    """
    try:
        return import_module(name)
    except ImportError as error:
        missing = package or name.partition(".")[0]
        problem = f"{missing} is not installed; mtrrviz does not need it otherwise"
        raise ImportError(f"{problem} (expected: pip install {missing})", name=missing) from error

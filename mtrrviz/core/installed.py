"""Whether any installed package may name something for a group of entry points, found out quickly.

`importlib.metadata` answers that for certain, at the price of loading parsers of mail and CSV. Here
is only looked for the name of the group in the files that it would read.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

_ENTRY_POINTS = "entry_points.txt"
_METADATA = (".dist-info", ".egg-info")


def may_be_named(group: str) -> bool:
    """Return whether a file of entry points has the group, or there is one that cannot be read."""
    if any(_finds_packages(finder) for finder in sys.meta_path):
        return True
    header = f"[{group}]".encode()
    return any(_may_name(Path(place), header) for place in sys.path)


def _finds_packages(finder: object) -> bool:
    """Whether a finder other than that of `sys.path` knows installed packages."""
    return finder is not PathFinder and hasattr(finder, "find_distributions")


def _may_name(place: Path, header: bytes) -> bool:
    """Return whether metadata in a place of `sys.path` have a header, or are hidden in an archive.

    What is not there, or may not be read, has no packages for `importlib.metadata` either.
    """
    try:
        if place.is_file() or place.suffix.lower() == ".egg":
            return True
        folders = [one for one in place.iterdir() if one.suffix.lower() in _METADATA]
    except OSError:
        return False
    return any(_has(folder / _ENTRY_POINTS, header) for folder in folders)


def _has(path: Path, header: bytes) -> bool:
    try:
        return header in path.read_bytes()
    except OSError:
        return False

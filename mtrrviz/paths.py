"""Where the files that are not code live: built-in scenarios, resources and help.

A wheel carries them inside the package (`mtrrviz/_data`); in a checkout, and so in an editable
install, they are directories beside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_data"

STDIN = "-"
"""What stands for standard input where a path is expected."""


def scenarios_dir() -> Path:
    """Return the directory of the built-in scenarios."""
    return _data_dir("scenarios")


def resources_dir() -> Path:
    """Return the directory of icons, palettes and other resources."""
    return _data_dir("resources")


def docs_dir() -> Path:
    """Return the directory of the glossary and the manual."""
    return _data_dir("docs")


def _data_dir(name: str) -> Path:
    """Return the data directory called name; FileNotFoundError if the installation is broken."""
    for parent in (_BUNDLED, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    message = f"mtrrviz is installed without its {name}: {_BUNDLED / name} does not exist"
    raise FileNotFoundError(message)

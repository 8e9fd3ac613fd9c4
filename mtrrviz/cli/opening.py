"""A FILE of any kind as a scenario: a scenario file, a built-in name, or what a machine printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario

SCENARIO_SUFFIX = ".toml"


def open_any(name: str) -> Scenario:
    """Return the scenario of a name or file; a dump's assumptions are printed on stderr.

    Raises MtrrvizError if there is no such file or it holds nothing that can be read.
    """
    from mtrrviz.scenario.library import builtin_paths, find, open_scenario

    if name in builtin_paths() or name.lower().endswith(SCENARIO_SUFFIX):
        return open_scenario(name)
    return _imported(find(name))


def _imported(path: Path) -> Scenario:
    """Return the machine that a dump describes."""
    from mtrrviz.importers import Severity, import_files

    found = import_files([path])
    for note in found.notes:
        if note.severity is not Severity.INFO:
            print(f"mtrrviz: {note}", file=sys.stderr)
    return found.scenario

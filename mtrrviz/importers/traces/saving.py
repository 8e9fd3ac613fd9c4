"""Saving an imported machine: what its trace recorded goes to data files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.scenario.saver import save_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.importers.imported import Import
    from mtrrviz.scenario.model import Scenario


def save_import(imported: Import, path: Path) -> Scenario:
    """Write the imported scenario to ``path`` and return it as saved; raises OSError.

    A trace's touches are written to ``NAME.touches.npz``, its entries to ``NAME.observed.npz``.
    """
    return save_scenario(imported.scenario, path)

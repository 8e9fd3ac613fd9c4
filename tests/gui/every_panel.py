"""All panels of a window, also those that nobody has looked at yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.gui.shell.workbench import Workbench


def with_every_panel(bench: Workbench) -> Workbench:
    """Return a window once all of its panels are made."""
    for panel in bench.views.panels:
        assert panel.view is not None
    return bench

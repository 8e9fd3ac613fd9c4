"""Saving an imported machine: its touches go to a data file beside the scenario."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.scenario.model import Recording, Scenario
from mtrrviz.scenario.saver import save_scenario, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.importers.imported import Import


def save_import(imported: Import, path: Path) -> Scenario:
    """Write the imported scenario to ``path`` and return it as saved; raises OSError.

    A trace's touches are written to ``NAME.touches.npz`` in the same directory.
    """
    scenario = imported.scenario
    touches = scenario.recorded
    if not len(touches):
        return save_scenario(scenario, path)
    name = path.name.removesuffix(".toml").removesuffix(".mtrrviz") + ".touches.npz"
    data = io.BytesIO()
    np.savez_compressed(
        data, t_ns=touches.time_ns, gfn=touches.gfn, vcpu=touches.vcpu, access=touches.access
    )
    write_whole(path.parent / name, data.getvalue())
    # A recording is stretched to its duration, so that of the touches themselves leaves them as is.
    recording = Recording(path.parent, touches=name, duration_s=touches.end_ns / 1e9)
    return save_scenario(replace(scenario, recording=recording), path)

"""Nothing of a document that was closed stays in memory."""

from __future__ import annotations

import gc
import weakref

from mtrrviz.gui.shell.workbench import settle
from mtrrviz.scenario.library import open_scenario


def test_what_belongs_to_a_closed_document_is_freed(bench):
    document, canvas = bench.document, bench.views.map.map.canvas
    settle(3)
    canvas.zoom_in(0x2100)
    settle(1)
    for policy in ("per-vm", "per-vcpu"):
        document.set_policy(policy)
        settle(1)
    state, scenario = document.state, document.scenario
    parts = (scenario, scenario.touches, state, state.run, state.run.leaves)
    gone = [weakref.ref(part) for part in parts]
    del state, scenario, parts
    document.open(open_scenario("seabios-8vcpu-2g"), None)
    settle(3)
    gc.collect()
    assert [part() for part in gone] == [None] * len(gone)

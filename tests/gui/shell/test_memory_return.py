"""Memory is given back some time after runs were made, beside the window."""

from __future__ import annotations

import pytest

from mtrrviz.gui.shell import memory_return
from mtrrviz.gui.shell.memory_return import MemoryReturn
from mtrrviz.session.changes import Change

pytestmark = pytest.mark.gui


def test_it_is_given_back_after_a_run_and_not_put_off(bench, monkeypatch):
    given = []
    monkeypatch.setattr(memory_return, "give_back_unused_memory", lambda: given.append(1))
    (mine,) = bench.findChildren(MemoryReturn)
    mine._later.stop()
    bench.bridge.changed.emit(frozenset({Change.PLAYHEAD}))
    assert not mine._later.isActive()
    bench.bridge.changed.emit(frozenset({Change.RUN}))
    assert mine._later.isActive()
    mine._later.stop()
    mine._later.timeout.emit()
    bench.finish_work()
    assert given == [1]

"""The figures of a stretch between two times."""

from __future__ import annotations

import pytest

from mtrrviz.facts.figures import figures
from mtrrviz.facts.stretch import measure
from mtrrviz.sim import simulate
from tests.session.booting import MS, boot

RUN = simulate(boot(), "per-vcpu")


def test_both_ends_of_a_stretch_count():
    stretch = measure(RUN, 100 * MS, 300 * MS)
    assert (stretch.zap_count, stretch.length_ns) == (3, 200 * MS)
    assert stretch.zap_mcycles == pytest.approx(float(RUN.zaps.cycles[:3].sum()) / 1e6)
    assert stretch.leaves_dropped == int(RUN.zaps.leaves_dropped[:3].sum())


def test_the_order_of_the_ends_does_not_matter():
    assert measure(RUN, 300 * MS, 100 * MS) == measure(RUN, 100 * MS, 300 * MS)


def test_stretches_side_by_side_add_up_to_the_whole():
    first, second = measure(RUN, 0, 250 * MS), measure(RUN, 250 * MS + 1, 2000 * MS)
    assert first.zap_count + second.zap_count == figures(RUN).zap_count
    assert first.faults + second.faults == figures(RUN).faults
    assert first.refaults + second.refaults == figures(RUN).refaults

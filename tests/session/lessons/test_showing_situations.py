"""Showing what a step of a lesson speaks of: policy, time, vCPU, pages and register."""

from __future__ import annotations

import pytest

from mtrrviz.lessons.situation import SimulatedRuns, Situation
from mtrrviz.session import Document
from mtrrviz.session.lessons.document_situation import Look, show_situation, situation_in
from mtrrviz.session.selection import Selection
from tests.session.booting import DEFTYPE, MS, boot

PAT = 0x277


@pytest.fixture
def document():
    return Document(boot())


@pytest.mark.parametrize(
    ("gfns", "asked", "shown", "gfn", "selection"),
    [
        (None, None, None, None, None),
        ((16, 17), None, None, 16, None),
        ((16, 18), None, None, 16, Selection(gfns=(16, 18))),
        (None, DEFTYPE, None, None, Selection(1, DEFTYPE)),
        (None, DEFTYPE, DEFTYPE, None, None),
        (None, DEFTYPE, PAT, None, Selection(1, DEFTYPE)),
        ((16, 17), DEFTYPE, None, 16, Selection(1, DEFTYPE)),
        ((16, 18), DEFTYPE, None, 16, Selection(1, DEFTYPE, gfns=(16, 18))),
        ((0, 1), None, PAT, 0, None),
    ],
)
def test_pages_and_registers_are_selected_where_they_are_not(
    document, gfns, asked, shown, gfn, selection
):
    situation = Situation(
        document.scenario, "per-vm", "per-vcpu", 300 * MS, 1, gfns, asked, map_mode="difference"
    )
    show_situation(document, situation, Look("", shown))
    assert (document.policy, document.compared_policy) == ("per-vm", "per-vcpu")
    assert (document.playhead_ns, document.vcpu) == (300 * MS, 1)
    assert document.map_mode.value == "difference"
    assert (document.gfn, document.selection) == (gfn, selection)
    now = situation_in(document, Look("map", shown), SimulatedRuns())
    assert (now.gfns, now.register, now.panel) == (gfns, shown, "map")
    assert (now.policy_id, now.compared_id, now.time_ns, now.vcpu) == (
        "per-vm", "per-vcpu", 300 * MS, 1,
    )  # fmt: skip


def test_what_is_shown_already_is_left_as_it_is(document):
    document.select_page(16)
    document.point_at(Selection(2, PAT))
    situation = Situation(document.scenario, gfns=(16, 17))
    show_situation(document, situation, Look())
    assert document.selection == Selection(2, PAT)


def test_the_runs_of_the_document_are_used_and_others_made(document):
    now = situation_in(document, Look(), SimulatedRuns())
    assert now.run() is document.run
    assert now.run(document.compared_policy) is document.compared_run
    assert now.run("kvm-6.7").policy.id == "kvm-6.7"
    other = boot()
    assert now.of(other).run() is not document.run

"""What edits, jumps, searches and copies come to, as it is kept."""

from __future__ import annotations

from pathlib import Path

from mtrrviz.scenario.library import open_scenario
from tests.kept_texts import require_as_kept
from tests.session.told_session import told_by

KEPT = Path(__file__).parents[1] / "data" / "told_session"


def test_a_document_does_what_it_did():
    require_as_kept(told_by(open_scenario("small-machine")), KEPT / "small-machine.txt")

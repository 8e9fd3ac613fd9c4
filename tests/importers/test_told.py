"""Every fact of every sample, as it is kept beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importers.told import told_by
from tests.kept_texts import require_as_kept

DATA = Path(__file__).parents[1] / "data"
KEPT = DATA / "told"
TEXTS = sorted([*(DATA / "samples").rglob("*.txt"), *(DATA / "forms").glob("*.txt")])


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_text_tells_what_it_told(path):
    require_as_kept(told_by(path), KEPT / path.name)


def test_nothing_is_kept_of_texts_that_are_gone():
    assert {path.name for path in KEPT.iterdir()} == {path.name for path in TEXTS}

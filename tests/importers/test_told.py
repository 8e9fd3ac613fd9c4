"""Every fact of every sample, as it is kept beside them.

When it should change, run ``./dev test --renew`` and look at what ``git diff`` changes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.importers.told import told_by

DATA = Path(__file__).parents[1] / "data"
KEPT = DATA / "told"
#: As with the golden pictures: what is found is written in place of being compared.
IS_RENEWING = bool(os.environ.get("MTRRVIZ_RENEW_PICTURES"))
TEXTS = sorted([*(DATA / "samples").rglob("*.txt"), *(DATA / "forms").glob("*.txt")])


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_text_tells_what_it_told(path):
    found, kept = told_by(path), KEPT / path.name
    if IS_RENEWING:
        kept.write_text(found, encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8"), f"see {kept.name}, or ./dev test --renew"


def test_nothing_is_kept_of_texts_that_are_gone():
    assert {path.name for path in KEPT.iterdir()} == {path.name for path in TEXTS}

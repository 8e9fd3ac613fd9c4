"""The inputs of the window's views again, and a few that the harness makes of them."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import VIEWS

pytestmark = pytest.mark.gui


def test_every_input_is_shown_or_refused(qapp, tmp_path):
    del qapp
    inputs = [path.read_bytes() for path in VIEWS.inputs()]
    assert inputs
    for content in inputs:
        VIEWS.run(content)

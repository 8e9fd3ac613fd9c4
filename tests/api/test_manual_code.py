"""Every block of code on the manual's page for Python runs, in order, as a reader would type it."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

import mtrrviz


def blocks_of(text, language="python"):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def ran(root, tmp_path_factory):
    """Run the page's blocks in one namespace, in an empty folder; return that and the folder."""
    place = tmp_path_factory.mktemp("manual")
    blocks = blocks_of((root / "docs/manual/api.md").read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "manual"}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.chdir(place)
        # one process: what several do is for the tests of sweeps
        patch.setattr("os.sched_getaffinity", lambda _: {0})
        for block in blocks:
            exec(compile(block, "api.md", "exec"), names)
    assert len(blocks) == 6
    return names, place


def test_the_script_of_twenty_lines_does_all_of_it(root, ran):
    script = blocks_of((root / "docs/manual/api.md").read_text(encoding="utf-8"))[0]
    lines = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert len(lines) <= 20
    names, place = ran
    assert (len(names["before"].zaps), len(names["after"].zaps)) == (84, 14)
    assert "<svg" in (place / "map.svg").read_text()
    assert "<svg" in (place / "timeline.svg").read_text()


def test_a_policy_of_ones_own_runs_like_any_other(ran):
    names, _ = ran
    assert repr(names["lazy"].policy) == "<Policy lazy>"
    assert len(names["lazy"].zaps) == 14


def test_the_page_names_every_promised_name(root):
    text = (root / "docs/manual/api.md").read_text(encoding="utf-8")
    used = set(re.findall(r"\w+", " ".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL))))
    types = {name for name in mtrrviz.__all__ if name[0].isupper()}
    assert set(mtrrviz.__all__) - types - {"gfn"} <= used | {"rule"}

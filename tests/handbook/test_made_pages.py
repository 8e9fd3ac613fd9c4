"""The pages of commands and policies are what the program says of them today."""

from __future__ import annotations

import pytest

from mtrrviz.cli.parser import COMMANDS
from mtrrviz.core.policies import policy_ids
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.paths import docs_dir
from tests.handbook.made_keys import keys_page
from tests.handbook.made_pages import commands_page, policies_page
from tests.kept_texts import require_as_kept

MANUAL = docs_dir() / "manual"


@pytest.mark.parametrize(
    ("name", "make"),
    [("commands", commands_page), ("policies", policies_page), ("keys", keys_page)],
)
def test_a_made_page_is_as_told(name, make):
    require_as_kept(make(), MANUAL / f"{name}.md")


def test_each_command_and_policy_has_its_part():
    text = the_handbook().page("commands").text
    assert [name for name in COMMANDS if f"## {name}\n" not in text] == []
    text = the_handbook().page("policies").text
    assert [name for name in policy_ids() if f"## {name}\n" not in text] == []


def test_the_contents_for_a_browser_name_every_page():
    index = (docs_dir() / "index.md").read_text(encoding="utf-8")
    pages = {f"manual/{path.stem}" for path in MANUAL.glob("*.md")}
    named = [line for line in index.splitlines() if line.startswith("manual/")]
    assert sorted(named) == sorted(pages)

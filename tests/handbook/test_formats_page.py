"""The page of formats has an example of each, and each example is what it is said to be."""

from __future__ import annotations

import pytest

from mtrrviz.importers import FORMATS
from mtrrviz.importers.reading import import_texts
from tests.handbook.blocks import ROOT, blocks_of

PAGE = ROOT / "docs" / "manual" / "formats.md"
EXAMPLES = {block.language: block for block in blocks_of(PAGE)}


def test_every_format_is_named():
    text = PAGE.read_text(encoding="utf-8")
    assert [one.id for one in FORMATS if f"`{one.id}`" not in text] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_taken_for_its_format_and_read_whole(name):
    imported = import_texts([(name, EXAMPLES[name].text.encode())])
    (source,) = imported.sources
    assert source.formats[0] == name
    assert source.unknown == ()

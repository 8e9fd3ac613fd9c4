"""From the Markdown files of docs to the pages of the handbook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.handbook.help_page import TERM_PREFIX, HelpPage, slug_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_TERM_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_TITLE = re.compile(r"\A# (.+)\n")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s")


def read_terms(glossary: str) -> Iterator[HelpPage]:
    """Yield the terms of a glossary: each a second-level heading and what is below it."""
    parts = _TERM_HEADING.split(glossary)
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        yield _page(TERM_PREFIX + slug_of(name), name.strip(), text)


def read_manual_page(stem: str, markdown: str) -> HelpPage:
    """Return the page of a file of the manual; without a heading its name is the title."""
    title = _TITLE.match(markdown)
    if title is None:
        return _page(stem, stem, markdown)
    return _page(stem, title[1].strip(), markdown[title.end() :])


def _page(address: str, title: str, text: str) -> HelpPage:
    body = text.strip()
    first = body.split("\n\n", 1)[0].replace("\n", " ")
    return HelpPage(address, title, _SENTENCE_END.split(first, maxsplit=1)[0], body)

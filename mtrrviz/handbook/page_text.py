"""A page as plain text for a terminal."""

from __future__ import annotations

import re
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.handbook.help_page import HelpPage

_WIDTH = 79
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_EXAMPLE = re.compile(r"\[([^\]]*)\]\(mtrrviz:scenario/([^)?]+)[^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"\\(?=[*<\[|])|(?<!\\)\*\*|(?<!\\)\*(?=\w)|(?<=\w)\*|`")
_FENCE = "```"


def page_text(page: HelpPage) -> str:
    """Return a page in lines of at most 79 characters; a live example names its scenario."""
    head = f"{page.title}\n{'=' * len(page.title)}"
    blocks = [_block(block) for block in _blocks(page.text)]
    return "\n\n".join([head, *(block for block in blocks if block)])


def _blocks(markdown: str) -> list[str]:
    """Return the paragraphs of a text, what is fenced in one piece."""
    blocks: list[str] = []
    for number, part in enumerate(markdown.split(_FENCE)):
        if number % 2:
            blocks.append(_FENCE + part)
        else:
            blocks += part.strip().split("\n\n")
    return blocks


def _block(block: str) -> str:
    if block.startswith(_FENCE):
        lines = block.splitlines()[1:]
        return "\n".join(f"    {line}".rstrip() for line in lines)
    if block.startswith("|"):
        return plain_words(block)
    if block.startswith("- "):
        items = ("\n" + block).split("\n- ")[1:]
        return "\n".join(_filled(item, "- ", "  ") for item in items)
    return _filled(block.lstrip("# "), "", "")


def _filled(text: str, first: str, others: str) -> str:
    return fill(
        plain_words(text), _WIDTH, initial_indent=first, subsequent_indent=others,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def plain_words(markdown: str) -> str:
    """Return a text without the marks of Markdown."""
    words = _EXAMPLE.sub(r"\1 (mtrrviz \2)", _PICTURE.sub("", markdown))
    return _MARKS.sub("", _LINK.sub(r"\1", words)).strip()

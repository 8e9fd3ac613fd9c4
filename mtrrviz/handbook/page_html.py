"""A page as HTML, its links leading to addresses of the handbook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from mtrrviz.handbook.help_links import PAGE_SCHEME, page_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from mtrrviz.handbook.help_page import HelpPage


def page_html(page: HelpPage) -> str:
    """Return a page with its heading; links to pages begin with ``help:``, others stay."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    # Links of live examples have a scheme of their own; the pages are the program's.
    parser.validateLink = _any_link
    tokens = parser.parse(page.text)
    for token in tokens:
        _turn_links(token.children or (), page.address)
    body = parser.renderer.render(tokens, parser.options, {})
    return f"<h1>{escape(page.title)}</h1>\n{body}"


def _any_link(url: str) -> bool:
    del url
    return True


def _turn_links(tokens: Sequence[Token], here: str) -> None:
    for token in tokens:
        if token.type == "link_open":
            target = page_address(str(token.attrs["href"]), here)
            if target is not None:
                token.attrs["href"] = f"{PAGE_SCHEME}:{target}"

"""The style sheet of pages of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.theme import Theme


def page_style(theme: Theme) -> str:
    """Return the style sheet of the pages."""
    return (
        f"code, pre {{ background-color: {theme.raised}; }}"
        "pre { white-space: pre-wrap; }"
        f"a {{ color: {theme.text}; text-decoration: none; }}"
        "td, th { padding: 2px 8px 2px 0; } h1, h2, h3 { font-size: large; }"
    )

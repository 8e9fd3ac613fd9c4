"""Building HTML and SVG so that no text from a file can become markup."""

from __future__ import annotations

from html import escape
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_UNPRINTABLE = dict.fromkeys((*range(32), *range(127, 160)), "�")
_UNPRINTABLE.update({ord("\n"): " ", ord("\t"): " ", ord("\r"): " "})
_UNPRINTABLE.update(dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}"))
#: Elements that have no end tag in HTML; those of SVG are closed in their start tag.
_VOID = frozenset({"meta", "br", "input"})


class Markup(str):
    """Text that is markup already and must not be escaped again."""

    __slots__ = ()


Content = str | Markup
"""What may stand in an element: words, which are escaped, or markup."""


def text(words: str) -> Markup:
    """Return words as markup, without what would be read as markup or breaks a page."""
    return words if isinstance(words, Markup) else Markup(escape(words.translate(_UNPRINTABLE)))


def tag(name: str, /, *content: Content, **attributes: str | float) -> Markup:
    """Return an element; an attribute's name may end in "_", and has "-" where "_" is written."""
    head = name + "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_plain(value))}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Markup(f"<{head}>")
    return Markup(f"<{head}>{join(content)}</{name}>")


def _plain(value: str | float) -> str:
    """Return an attribute's value; numbers with at most two decimals, as pixels need no more."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def join(parts: Iterable[Content], between: str = "") -> Markup:
    """Return parts one after the other."""
    return Markup(between.join(map(text, parts)))


def table(
    header: Sequence[Content],
    rows: Iterable[Sequence[Content]],
    are_numbers: Sequence[bool],
    caption: str,
) -> Markup:
    """Return a table; ``are_numbers`` says of each column whether it holds numbers, not words."""
    head = tag("tr", *map(_cell, repeat("th"), header, are_numbers))
    body = [tag("tr", *map(_cell, repeat("td"), row, are_numbers)) for row in rows]
    inner = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", join(body, "\n")),
    )
    return tag("div", inner, class_="scroll")


def _cell(name: str, content: Content, is_number: bool) -> Markup:
    return tag(name, content, class_="n") if is_number else tag(name, content)

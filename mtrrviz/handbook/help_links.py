"""Where the links of a page lead: to another page, to a web site, or to a live example."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import get_policy
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, parse_address
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.handbook.help_page import GLOSSARY, TERM_PREFIX

EXAMPLE_SCHEME = "mtrrviz"
PAGE_SCHEME = "help"
_EXAMPLE_KEYS = ("time", "policy", "page")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class HandbookError(MtrrvizError):
    """A page or a link that there is not."""


class LiveExample(Record):
    """A built-in scenario at a moment; None leaves it to the scenario's own view.

    ``is_at_end`` stands for a ``time_ns`` that only the scenario knows.
    """

    scenario: str
    time_ns: int | None = None
    is_at_end: bool = False
    policy: str | None = None
    gfn: int | None = None


def links_in(markdown: str) -> list[str]:
    """Return where the links and pictures of a text lead, as they are written."""
    return _LINK.findall(markdown)


def page_address(href: str, here: str) -> str | None:
    """Return the address of the page that a link on page ``here`` leads to, None for others.

    Links are written so that they work in a viewer of Markdown files, too: "map.md",
    "../glossary.md#ipat", or "#ipat" on a page of the glossary.
    """
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return None
    if not parts.path and here.startswith(GLOSSARY):
        return TERM_PREFIX + parts.fragment
    name = parts.path.rsplit("/", 1)[-1]
    if not name.endswith(".md"):
        return None
    stem = name.removesuffix(".md")
    if stem == GLOSSARY and parts.fragment:
        return TERM_PREFIX + parts.fragment
    return stem


def parse_example(href: str) -> LiveExample:
    """Return the example of a link ``mtrrviz:scenario/NAME?time=0.8s&policy=ID&page=0x...``.

    HandbookError if it is written otherwise; whether there is such a scenario is not looked at.
    """
    parts = urlsplit(href)
    word, _, name = parts.path.partition("/")
    if parts.scheme != EXAMPLE_SCHEME or word != "scenario" or not name:
        raise HandbookError(f"{href}: no example (expected {EXAMPLE_SCHEME}:scenario/NAME)")
    given = dict(parse_qsl(parts.query))
    for key in given:
        if key not in _EXAMPLE_KEYS:
            raise HandbookError(f"{href}: {key!r} (expected {', '.join(_EXAMPLE_KEYS)})")
    time, policy, page = (given.get(key) for key in _EXAMPLE_KEYS)
    return LiveExample(
        name,
        time_ns=None if time in (None, "end") else _time_ns(str(time), href),
        is_at_end=time == "end",
        policy=None if policy is None else get_policy(policy).id,
        gfn=None if page is None else _gfn(page, href),
    )


def _time_ns(text: str, href: str) -> int:
    try:
        return parse_time_ns(text, takes_distance=False)
    except MtrrvizError:
        raise HandbookError(f"{href}: time {text!r} (expected 0.8s, or end)") from None


def _gfn(text: str, href: str) -> int:
    try:
        return parse_address(text) >> PAGE_SHIFT
    except ValueError:
        raise HandbookError(f"{href}: page {text!r} (expected an address, 0x...)") from None

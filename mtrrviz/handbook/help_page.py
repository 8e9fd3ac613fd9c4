"""A page of the handbook: one of the manual, or a term of the glossary."""

from __future__ import annotations

import re

from mtrrviz.core.record import Record

GLOSSARY = "glossary"
#: How the addresses of terms begin.
TERM_PREFIX = f"{GLOSSARY}/"

_SHORT = re.compile(r"^(?P<long>.+?) \((?P<short>[^)]+)\)$")
_DROPPED = re.compile(r"[^\w\- ]")


class HelpPage(Record):
    """A page: ``text`` is Markdown without the heading, ``sentence`` its first sentence.

    ``address`` names the page in the handbook, such as "map" or "glossary/ipat".
    """

    address: str
    title: str
    sentence: str
    text: str

    @property
    def is_term(self) -> bool:
        """Whether this is a term of the glossary."""
        return self.address.startswith(TERM_PREFIX)

    @property
    def names(self) -> tuple[str, ...]:
        """What the page may be called: its title, and both halves of "Write-back (WB)"."""
        halves = _SHORT.match(self.title)
        own = self.address.removeprefix(TERM_PREFIX)
        more = () if halves is None else (halves["long"], halves["short"])
        return (self.title, own, *more)


def slug_of(heading: str) -> str:
    """Return the anchor that a Markdown viewer gives to a heading."""
    return _DROPPED.sub("", heading.lower()).replace(" ", "-")

"""All pages of the handbook, by address; looking one up by its name, and searching the text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mtrrviz.handbook.help_links import HandbookError
from mtrrviz.handbook.reading_pages import read_manual_page, read_terms
from mtrrviz.paths import docs_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.handbook.help_page import HelpPage

#: Pages that come first in the contents; the others follow by title.
FIRST_PAGES = ("start", "concepts")
_WORD = re.compile(r"[\w.+\-]+")
#: What a word of the search is worth where it is found; names count most.
_IN_NAME, _IN_TITLE, _IN_SENTENCE, _IN_TEXT = 100, 40, 12, 3
_MOST_IN_TEXT = 5


class Handbook:
    """The pages of the manual, then the terms of the glossary."""

    def __init__(self, pages: Sequence[HelpPage]) -> None:
        self.pages = tuple(pages)
        self._by_address = {page.address: page for page in self.pages}
        self._texts = {page.address: page.text.lower() for page in self.pages}

    @property
    def manual(self) -> tuple[HelpPage, ...]:
        """The pages of the manual, in the order of the contents."""
        return tuple(page for page in self.pages if not page.is_term)

    @property
    def terms(self) -> tuple[HelpPage, ...]:
        """The terms, in the order of the glossary."""
        return tuple(page for page in self.pages if page.is_term)

    def __contains__(self, address: object) -> bool:
        return address in self._by_address

    def page(self, address: str) -> HelpPage:
        """Return the page of an address; HandbookError if there is none."""
        try:
            return self._by_address[address]
        except KeyError:
            raise HandbookError(f"the handbook has no page {address!r}") from None

    def named(self, name: str) -> HelpPage | None:
        """Return the page that a name, a slug or a short form means, None if there is none."""
        wanted = name.strip().lower()
        for page in self.pages:
            if page.address == wanted or wanted in (own.lower() for own in page.names):
                return page
        return None

    def search(self, words: str) -> tuple[HelpPage, ...]:
        """Return the pages in which each word begins some word, the most fitting first."""
        wanted = [word.strip(".") for word in _WORD.findall(words.lower()) if word.strip(".")]
        if not wanted:
            return ()
        scores = [(self._score(page, wanted), page) for page in self.pages]
        found = [(score, page) for score, page in scores if score > 0]
        return tuple(page for _, page in sorted(found, key=lambda pair: -pair[0]))

    def _score(self, page: HelpPage, wanted: Sequence[str]) -> int:
        """Return how well a page fits, 0 if a word is nowhere on it."""
        names = [name.lower() for name in page.names]
        total = _IN_NAME if " ".join(wanted) in names else 0
        for word in wanted:
            score = self._word_score(page, names, word)
            if not score:
                return 0
            total += score
        return total

    def _word_score(self, page: HelpPage, names: Sequence[str], word: str) -> int:
        start = re.compile(rf"(?<!\w){re.escape(word)}")
        in_text = min(len(start.findall(self._texts[page.address])), _MOST_IN_TEXT) * _IN_TEXT
        in_title = _IN_TITLE if start.search(page.title.lower()) else 0
        in_sentence = _IN_SENTENCE if start.search(page.sentence.lower()) else 0
        return in_text + in_title + in_sentence + (_IN_NAME if word in names else 0)


@cache
def the_handbook() -> Handbook:
    """Return the handbook that comes with the program, read once."""
    docs = docs_dir()
    pages = [
        read_manual_page(path.stem, path.read_text("utf-8"))
        for path in (docs / "manual").glob("*.md")
    ]
    glossary = (docs / "glossary.md").read_text("utf-8")
    return Handbook([*sorted(pages, key=_place), *read_terms(glossary)])


def _place(page: HelpPage) -> tuple[int, str]:
    """Return what sorts the manual's pages: some first, then by title."""
    first = page.address in FIRST_PAGES
    return FIRST_PAGES.index(page.address) if first else len(FIRST_PAGES), page.title.lower()

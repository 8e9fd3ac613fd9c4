"""`mtrrviz help`: the terms of the glossary and the pages of the manual, as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.cli.commands import GOOD, print_text
from mtrrviz.cli.grammars.grammar import Grammar
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from mtrrviz.handbook.help_page import HelpPage

_MOST_SUGGESTED = 8

DETAILS = """\
Without a word it lists the pages of the manual and the terms of the glossary.
A word that is no name of a page is searched for in all of them. The window has
the same pages under Help (F1), with pictures.

The exit code is 2 if a word is found nowhere.

examples:
  mtrrviz help
  mtrrviz help zap
  mtrrviz help IPAT
  mtrrviz help stale leaf
  mtrrviz help command-line
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the term to look up."""
    what = "a term of the glossary, a page of the manual, or words to search for"
    parser.add_argument("term", metavar="TERM", nargs="*", help=what)


def show_help(args: Namespace) -> int:
    """Print a page, the pages that hold the words, or the list of all."""
    from mtrrviz.handbook.handbook import the_handbook
    from mtrrviz.handbook.page_text import page_text

    book = the_handbook()
    words = " ".join(args.term)
    if not words.strip():
        print_text("\n".join(["The manual", *_listed(book.manual)]))
        print_text("\n".join(["", "The glossary", *_listed(book.terms)]))
        return GOOD
    page = book.named(words)
    if page is not None:
        print_text(page_text(page))
        return GOOD
    found = book.search(words)
    if not found:
        message = f"help: nothing about {words!r} (expected a name that `mtrrviz help` lists)"
        raise MtrrvizError(message)
    print_text(f"No page is called {words!r}. These speak of it:\n")
    print_text("\n".join(_listed(found[:_MOST_SUGGESTED])))
    return GOOD


def _listed(pages: tuple[HelpPage, ...]) -> list[str]:
    from mtrrviz.exporters.text_tables import text_table
    from mtrrviz.handbook.page_text import plain_words

    rows = [
        [page.title if page.is_term else page.address, plain_words(page.sentence)] for page in pages
    ]
    return text_table(["name", "in a sentence"], rows, left_columns=2)


GRAMMAR = Grammar(DETAILS, add_arguments, show_help)

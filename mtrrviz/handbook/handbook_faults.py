"""What is wrong with a handbook: links that lead nowhere, terms that stand twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.handbook.help_links import EXAMPLE_SCHEME, links_in, page_address, parse_example
from mtrrviz.scenario.library import builtin_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mtrrviz.handbook.handbook import Handbook
    from mtrrviz.handbook.help_page import HelpPage


def handbook_faults(book: Handbook, manual_dir: Path) -> list[str]:
    """Return what is wrong, each with its page; pictures are looked for in ``manual_dir``."""
    counts = Counter(page.address for page in book.pages)
    faults = [f"{address}: stands {count} times" for address, count in counts.items() if count > 1]
    for page in book.pages:
        faults += [f"{page.address}: {fault}" for fault in _page_faults(page, book, manual_dir)]
    return faults


def _page_faults(page: HelpPage, book: Handbook, manual_dir: Path) -> Iterator[str]:
    if not page.sentence.endswith("."):
        yield f"its first sentence does not end: {page.sentence!r}"
    for href in links_in(page.text):
        target = page_address(href, page.address)
        if href.startswith(f"{EXAMPLE_SCHEME}:"):
            yield from _example_faults(href)
        elif target is not None:
            if target not in book:
                yield f"{href}: there is no such page"
        elif "://" not in href and not (manual_dir / href).is_file():
            yield f"{href}: there is no such file"


def _example_faults(href: str) -> Iterator[str]:
    try:
        example = parse_example(href)
    except MtrrvizError as error:
        yield str(error)
        return
    if example.scenario not in builtin_paths():
        yield f"{href}: there is no such scenario"

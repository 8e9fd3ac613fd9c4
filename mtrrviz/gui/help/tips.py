"""Tips that end with a sentence of the handbook."""

from __future__ import annotations

from html import escape
from textwrap import fill

from PySide6.QtGui import Qt

from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.help.topics import sentence_of

_TIP_WIDTH = 72


def tip_with(tip: str, page: str | None) -> str:
    """Return a tip with the sentence of a page below it, "" if the page has none to add."""
    sentence = sentence_of(page)
    if not sentence or sentence in tip:
        return ""
    if Qt.mightBeRichText(tip):
        return f"{tip}<p>{escape(sentence)}</p>"
    return plain_tip("\n".join(filter(None, (tip, fill(sentence, _TIP_WIDTH)))))

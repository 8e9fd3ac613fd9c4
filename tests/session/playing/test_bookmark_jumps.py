"""Going from bookmark to bookmark."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.session.bookmark_jumps import to_next_bookmark, to_previous_bookmark
from mtrrviz.session.document import Document
from tests.session.booting import MS, boot

MARKS = (Bookmark(100 * MS, "on", "MTRRs are on", 17), Bookmark(900 * MS, "kernel"))


@pytest.fixture
def document() -> Document:
    return Document(replace(boot(), bookmarks=MARKS))


def test_jumps_go_through_the_bookmarks_and_say_them(document):
    said: list[str] = []
    document.playback.play()
    to_next_bookmark(document, said.append)
    assert (document.playhead_ns, document.gfn) == (100 * MS, 17)
    assert not document.playback.playing
    to_next_bookmark(document, said.append)
    assert (document.playhead_ns, document.gfn) == (900 * MS, 17)
    to_next_bookmark(document, said.append)
    to_previous_bookmark(document, said.append)
    assert document.playhead_ns == 100 * MS
    to_previous_bookmark(document, said.append)
    assert document.playhead_ns == 100 * MS
    assert said == [
        "Bookmark 'on' at 0.100 s: MTRRs are on",
        "Bookmark 'kernel' at 0.900 s",
        "No bookmark after 0.900 s",
        "Bookmark 'on' at 0.100 s: MTRRs are on",
        "No bookmark before 0.100 s",
    ]

"""A window says once, on opening, that another one has the same file open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from mtrrviz.gui.documents.open_elsewhere import OpenElsewhere
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from tests.scenario.files import write_scenario

pytestmark = pytest.mark.gui


class Place:
    """A document on a file, and what its window says."""

    def __init__(self, path, root, parent):
        self.original = load_original(path)
        self.document = Document(self.original.scenario, path=path, original=self.original)
        self.elsewhere = OpenElsewhere(self.document, root, parent)
        self.told = []
        self.elsewhere.told.connect(self.told.append)


@pytest.fixture
def places(qapp, tmp_path):
    """Two windows on the same file."""
    path = write_scenario(tmp_path)
    parent = QObject()
    made = [Place(path, tmp_path / "open", parent) for _ in range(2)]
    for place in made:
        place.elsewhere.look()
    yield made
    for place in made:
        place.elsewhere.stop()


def test_the_second_window_is_told_in_words(places):
    assert places[0].told == []
    (words,) = places[1].told
    assert words.startswith("made.toml is open in another window of mtrrviz too.")


def test_edits_say_nothing_and_opening_it_again_does(places, qapp):
    place = places[1]
    place.document.apply(attach_dma(place.document.scenario, 0))
    qapp.processEvents()
    assert len(place.told) == 1
    place.document.open(place.original.scenario, place.document.path, original=place.original)
    qapp.processEvents()
    assert len(place.told) == 2


def test_a_window_that_shows_another_file_or_is_closed_has_it_no_longer(places, qapp, tmp_path):
    first, second = places
    first.document.open(first.original.scenario, None)
    qapp.processEvents()
    second.elsewhere.look()
    assert len(second.told) == 1
    second.elsewhere.stop()
    first.document.open(first.original.scenario, second.document.path)
    qapp.processEvents()
    assert first.told == []

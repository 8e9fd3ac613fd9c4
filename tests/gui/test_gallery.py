"""The gallery: every built-in scenario under its purpose, with a picture, found and opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from mtrrviz.gui.documents.gallery import Gallery
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.library import Purpose, builtin_paths, list_builtin

pytestmark = pytest.mark.gui


@pytest.fixture
def gallery(bench) -> Gallery:
    bench.actions["open_example"].trigger()
    gallery = bench.window.findChild(Gallery)
    assert isinstance(gallery, Gallery)
    return gallery


def test_every_scenario_is_listed_once_under_its_purpose(gallery) -> None:
    assert sorted(gallery.names) == sorted(builtin_paths())
    rows = [gallery.list.item(row).text() for row in range(gallery.list.count())]
    at = {purpose: rows.index(purpose.value) for purpose in Purpose if purpose.value in rows}
    assert at[Purpose.START] < at[Purpose.STORY] < at[Purpose.BOOT]
    story = next(row for row, text in enumerate(rows) if "\nlagging-ap\n" in text)
    assert at[Purpose.STORY] < story < at[Purpose.BOOT]


def test_every_scenario_has_a_purpose_and_a_picture() -> None:
    for entry in list_builtin():
        assert entry.purpose is not Purpose.OTHER, entry.name
        assert (resources_dir() / "gallery" / f"{entry.name}.png").is_file(), entry.name


def test_words_are_searched_and_the_first_is_opened(bench, gallery, qtbot) -> None:
    qtbot.keyClicks(gallery.search, "seabios 16 gib")
    assert set(gallery.names) == {"seabios-16vcpu-16g", "seabios-8vcpu-16g"}
    gallery.search.clear()
    qtbot.keyClicks(gallery.search, "range-moved")
    assert gallery.names == ["range-moved"]
    qtbot.keyClick(gallery.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.document.scenario.name == "range-moved")


def test_where_nothing_fits_that_is_said_and_nothing_opens(gallery, qtbot) -> None:
    qtbot.keyClicks(gallery.search, "qqq")
    assert gallery.none.isVisible()
    qtbot.keyClick(gallery.search, Qt.Key.Key_Return)
    assert gallery.isVisible()


def test_arrows_skip_the_headings(gallery, qtbot) -> None:
    seen = []
    for _ in gallery.names:
        seen.append(gallery.list.currentItem().data(Qt.ItemDataRole.UserRole))
        qtbot.keyClick(gallery.list, Qt.Key.Key_Down)
    assert seen == gallery.names

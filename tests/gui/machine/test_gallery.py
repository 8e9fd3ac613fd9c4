"""The gallery: every built-in scenario under its purpose, with a picture, found and opened."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from mtrrviz.gui.common.looks.theme import THEMES, ThemeName
from mtrrviz.gui.documents.gallery import Gallery, picture_path
from mtrrviz.scenario.library import Purpose, builtin_paths, list_builtin, open_scenario

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
        for is_dark in (True, False):
            assert picture_path(entry.name, is_dark=is_dark).is_file(), entry.name


def test_what_went_wrong_somewhere_has_a_group_of_its_own() -> None:
    entry = replace(list_builtin()[0], tags=("incident", "recorded"))
    assert entry.purpose is Purpose.INCIDENT


def test_a_purpose_without_a_scenario_has_no_heading(gallery) -> None:
    rows = [gallery.list.item(row).text() for row in range(gallery.list.count())]
    kept = {entry.purpose for entry in list_builtin()}
    assert {purpose.value for purpose in Purpose if purpose.value in rows} == kept


def test_pictures_follow_the_theme(bench, gallery) -> None:
    shown = {}
    for name in (ThemeName.LIGHT, ThemeName.DARK):
        bench.bridge.set_theme(THEMES[name])
        icon = gallery.list.currentItem().icon()
        pixel = icon.pixmap(gallery.list.iconSize()).toImage().pixelColor(0, 0)
        shown[name] = pixel.lightness()
    assert shown[ThemeName.LIGHT] > 200
    assert shown[ThemeName.DARK] < 80


def test_keys_choose_while_one_types(bench, gallery, qtbot) -> None:
    assert gallery.focusWidget() is gallery.search
    qtbot.keyClicks(gallery.search, "seabios")
    second = gallery.names[1]
    qtbot.keyClick(gallery.search, Qt.Key.Key_Down)
    qtbot.keyClick(gallery.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.document.scenario.name == second)


def test_the_story_offers_examples_until_something_of_ones_own_is_open(bench, tmp_path) -> None:
    examples = bench.views.story.examples
    bench.document.open(open_scenario("lagging-ap"), builtin_paths()["lagging-ap"])
    assert not examples.isHidden()
    bench.document.open(open_scenario("sandbox"), tmp_path / "mine.toml")
    assert not examples.isHidden()
    bench.document.open(open_scenario("lagging-ap"), tmp_path / "mine.toml")
    assert examples.isHidden()
    bench.document.open(open_scenario("sandbox"), None)
    examples.click()
    assert isinstance(bench.window.findChild(Gallery), Gallery)


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

"""Desktop entry, metainfo and icon fit the program and each other."""

from __future__ import annotations

import configparser
import tomllib
from xml.etree import ElementTree

import pytest

import mtrrviz
from mtrrviz.cli.desktop_command import FILES
from mtrrviz.core.project import HOMEPAGE
from mtrrviz.paths import resources_dir

APP_ID = "io.github.mtrrviz.mtrrviz"


@pytest.fixture
def entry():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(resources_dir() / "desktop" / f"{APP_ID}.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


@pytest.fixture
def metainfo():
    return ElementTree.parse(resources_dir() / "desktop" / f"{APP_ID}.metainfo.xml").getroot()


def test_the_desktop_entry_starts_the_program_on_a_file(entry):
    assert entry["Exec"] == "mtrrviz %F"
    assert entry["Icon"] == APP_ID


def test_the_metainfo_belongs_to_the_desktop_entry(metainfo):
    assert metainfo.findtext("id") == APP_ID
    assert metainfo.findtext("launchable") == f"{APP_ID}.desktop"


def test_addresses_are_those_that_the_package_names(metainfo, root):
    urls = tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]
    assert urls["Homepage"] == HOMEPAGE
    assert {url.text for url in metainfo.iter("url")} <= set(urls.values())
    (picture,) = metainfo.iter("image")
    assert picture.text is not None
    assert picture.text in (root / "README.md").read_text()
    assert (root / picture.text.partition("/main/")[2]).is_file()


def test_scenarios_have_a_type_an_icon_and_a_program(entry, metainfo):
    mime = ElementTree.parse(resources_dir() / "desktop" / f"{APP_ID}.mime.xml").getroot()
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    kind = mime.find("m:mime-type", space)
    assert kind is not None
    assert entry["MimeType"] == f"{kind.get('type')};"
    assert metainfo.findtext("provides/mediatype") == kind.get("type")
    icon = kind.find("m:icon", space)
    assert icon is not None
    assert any(name.endswith(f"/mimetypes/{icon.get('name')}.svg") for name in FILES)


def test_every_file_of_the_desktop_is_there():
    assert [name for name in FILES.values() if not (resources_dir() / name).is_file()] == []


def test_the_metainfo_lists_this_version(metainfo):
    versions = [release.get("version") for release in metainfo.iter("release")]
    assert versions[0] == mtrrviz.__version__


def test_the_icon_is_drawn_in_the_colours_of_the_memory_types():
    root = ElementTree.parse(resources_dir() / "icons" / "mtrrviz.svg").getroot()
    fills = {element.get("fill") for element in root.iter()}
    assert {"#bb0022", "#eecc11", "#337777", "#5500dd", "#22ccaa"} <= fills


def test_the_picture_of_the_icon_is_256_pixels_wide_and_high():
    header = (resources_dir() / "icons" / "mtrrviz.png").read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(header[start : start + 4]) for start in (16, 20)] == [256, 256]

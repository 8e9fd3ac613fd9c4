"""The map of the house in CONTRIBUTING names each package and folder, and no other."""

from __future__ import annotations

import re

import pytest


@pytest.fixture(scope="module")
def house(root):
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.partition("\n## The house\n")[2].partition("\n## ")[0]


def folders(place):
    return {path.name for path in place.iterdir() if (path / "__init__.py").is_file()}


def test_each_package_has_its_line(house, root):
    table = house.partition("\n\nEach package may import")[0]
    rows = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert set(rows) == folders(root / "mtrrviz") | {"paths"}


def test_each_folder_of_a_package_is_named(house, root):
    told = dict(re.findall(r"^- `(\w+)`: ((?:.|\n  )*)", house, re.MULTILINE))
    for package in folders(root / "mtrrviz") - {"gui"}:
        named = set(re.findall(r"`(\w+)`", told.get(package, "")))
        there = folders(root / "mtrrviz" / package)
        assert there <= named, package
        deep = {path.parent.name for path in (root / "mtrrviz" / package).rglob("__init__.py")}
        files = {path.stem for path in (root / "mtrrviz" / package).rglob("*.py")}
        assert named <= deep | files, package


def test_each_folder_of_the_window_is_named(house, root):
    part = house.partition("In `gui`, `shell` has")[2]
    named = set(re.findall(r"`(\w+)`", part))
    there = folders(root / "mtrrviz" / "gui")
    assert there - named - {"shell"} == set()
    for folder in ("shell", "common"):
        assert folders(root / "mtrrviz" / "gui" / folder) <= named, folder
    cells = re.findall(r"^\| (`.*?`) \| ", part, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} <= there

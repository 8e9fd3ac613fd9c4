"""Whether an installed package may have plug-ins, found without reading all metadata."""

from __future__ import annotations

import email
import sys
import zipfile
from importlib.machinery import PathFinder
from importlib.metadata import entry_points

import pytest

from mtrrviz.core.installed import may_be_named

GROUP = "mtrrviz.policies"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return the only place in which packages are looked for."""
    email.message_from_string(
        ""
    )  # what metadata are read with, part of which newer Pythons load late
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    return tmp_path


def install(place, name, text):
    folder = place / name
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(text)


@pytest.mark.parametrize("name", ["made_up-1.dist-info", "made_up-1.EGG-INFO"])
def test_a_package_that_names_the_group_is_found(place, name):
    assert not may_be_named(GROUP)
    install(place, "other-1.dist-info", "[console_scripts]\nmtrrviz.policies = made_up:main\n")
    assert not may_be_named(GROUP)
    install(place, name, f"[{GROUP}]\nlazy = made_up:Lazy\n")
    assert may_be_named(GROUP)
    assert entry_points(group=GROUP)
    assert not may_be_named("mtrrviz.checks")


def test_the_folder_one_is_in_counts_as_for_imports(place, monkeypatch):
    install(place, "made_up-1.dist-info", f"[{GROUP}]\nlazy = made_up:Lazy\n")
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "path", [""])
    assert may_be_named(GROUP)


def test_what_cannot_be_looked_into_may_name_it(place, monkeypatch):
    with zipfile.ZipFile(place / "all.zip", "w") as archive:
        archive.writestr("made_up.py", "")
    monkeypatch.setattr(sys, "path", [str(place / "all.zip")])
    assert may_be_named(GROUP)
    monkeypatch.setattr(sys, "path", [str(place / "made_up.egg")])
    assert may_be_named(GROUP)


def test_places_that_are_not_there_name_nothing(place, monkeypatch):
    (place / "empty-1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(place), str(place / "gone"), str(place / "all.zip")])
    assert not may_be_named(GROUP)


def test_another_finder_of_packages_may_know_more(place, monkeypatch):
    class Finder:
        def find_distributions(self):
            raise NotImplementedError

    monkeypatch.setattr(sys, "meta_path", [object(), PathFinder])
    assert not may_be_named(GROUP)
    monkeypatch.setattr(sys, "meta_path", [PathFinder, Finder()])
    assert may_be_named(GROUP)

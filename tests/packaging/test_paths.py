"""Data are found in a checkout and in an installed wheel."""

from __future__ import annotations

import pytest

from mtrrviz import paths


def test_a_checkout_has_its_data_beside_the_package(root):
    assert paths.scenarios_dir() == root / "scenarios"
    assert paths.resources_dir() == root / "resources"
    assert paths.docs_dir() == root / "docs"


def test_a_wheel_has_its_data_inside_the_package(monkeypatch, tmp_path):
    bundled = tmp_path / "mtrrviz" / "_data"
    (bundled / "scenarios").mkdir(parents=True)
    monkeypatch.setattr(paths, "_BUNDLED", bundled)
    assert paths.scenarios_dir() == bundled / "scenarios"


def test_a_broken_installation_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "_BUNDLED", tmp_path / "mtrrviz" / "_data")
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "mtrrviz")
    with pytest.raises(FileNotFoundError, match="without its scenarios"):
        paths.scenarios_dir()

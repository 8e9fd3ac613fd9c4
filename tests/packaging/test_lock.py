"""The lock file and the project file name the same parts."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SECTIONS = ("runtime", "development", "documents", "packaging")
PIN = re.compile(
    r"^([a-z0-9-]+)==(\S+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
)


@pytest.fixture
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture
def pins(dev):
    """Return the versions that each section pins."""
    return {
        section: {name: version for name, version, _ in PIN.findall(dev.lock_section(section))}
        for section in SECTIONS
    }


def unmet(requirements, versions):
    """Return the requirements, as text, that no pinned version meets on some Python we support."""
    parsed = [Requirement(text) for text in requirements]
    return [
        str(requirement)
        for requirement in parsed
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]


def test_every_line_is_an_exact_version_with_hashes(dev):
    for section in SECTIONS:
        assert PIN.sub("", dev.lock_section(section)).strip() == ""


def test_a_run_needs_only_the_first_section(project, pins):
    window = project["project"]["optional-dependencies"]["gui"]
    build = project["dependency-groups"]["build"]
    needed = [*project["project"]["dependencies"], *window, *build]
    assert unmet(needed, pins["runtime"]) == []


def test_tests_and_lint_find_their_tools_in_the_second(project, pins):
    groups = project["dependency-groups"]
    assert unmet([*groups["test"], *groups["lint"]], pins["development"]) == []


def test_packages_are_judged_with_tools_of_their_own(project, pins):
    assert unmet(project["dependency-groups"]["package"], pins["packaging"]) == []


def test_no_section_repeats_what_a_run_has_or_needs_another_version(pins):
    runtime, *others = (pins[section] for section in SECTIONS)
    assert [runtime.keys() & other.keys() for other in others] == [set()] * len(others)
    pairs = {pair for section in pins.values() for pair in section.items()}
    assert len(pairs) == len({name for name, _ in pairs})


def test_each_part_is_told_in_the_readme(project, root):
    groups = project["dependency-groups"].values()
    words = [text for group in groups for text in group if isinstance(text, str)]
    words += [*project["project"]["dependencies"]]
    words += project["project"]["optional-dependencies"]["gui"]
    readme = (root / "README.md").read_text()
    told = {
        canonicalize_name(name)
        for row in re.findall(r"^\| ([^|]*) \|", readme[readme.index("### Parts") :], re.MULTILINE)
        for name in row.split(", ")
    }
    assert {canonicalize_name(Requirement(text).name) for text in words} - told == set()


def test_the_build_backend_is_locked(project, pins):
    assert unmet(project["build-system"]["requires"], pins["runtime"]) == []


@pytest.mark.parametrize(
    ("python", "version", "allowed"),
    [
        ("3.11", "6.12.0", False),
        ("3.11", "6.11.3", True),
        ("3.12", "6.12.0", True),
        ("3.12", "6.10.1", False),
        ("3.13", "6.9.1", False),
    ],
)
def test_bad_pairs_of_python_and_qt_are_refused(project, python, version, allowed):
    requirements = [
        Requirement(text)
        for text in project["project"]["optional-dependencies"]["gui"]
        if text.startswith("PySide6")
    ]
    applying = [
        requirement
        for requirement in requirements
        if requirement.marker and requirement.marker.evaluate({"python_version": python})
    ]
    assert [requirement.specifier.contains(version) for requirement in applying] == [allowed]

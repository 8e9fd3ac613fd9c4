"""The lock file and the project file name the same parts."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^([a-z0-9-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


@pytest.fixture
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture
def pins(dev):
    """Return the versions that each section pins."""
    return {
        section: {name: version for name, version, _ in PIN.findall(dev.lock_section(section))}
        for section in (dev.RUNTIME, dev.DEVELOPMENT)
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
    for section in (dev.RUNTIME, dev.DEVELOPMENT):
        assert PIN.sub("", dev.lock_section(section)).strip() == ""


def test_a_run_needs_only_the_first_section(project, pins):
    needed = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    assert unmet(needed, pins["runtime"]) == []


def test_tests_and_lint_find_their_tools_in_the_second(project, pins):
    groups = project["dependency-groups"]
    assert unmet([*groups["test"], *groups["lint"]], pins["development"]) == []


def test_no_package_is_in_both_sections(pins):
    assert pins["runtime"].keys() & pins["development"].keys() == set()


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
        for text in project["project"]["dependencies"]
        if text.startswith("PySide6")
    ]
    applying = [
        requirement
        for requirement in requirements
        if requirement.marker and requirement.marker.evaluate({"python_version": python})
    ]
    assert [requirement.specifier.contains(version) for requirement in applying] == [allowed]

"""The parts of packages that can be looked at without making them."""

from __future__ import annotations

import re

import pytest

from mtrrviz.cli.parser import COMMANDS
from mtrrviz.cli.window import QT_PACKAGES
from tests.distribution.__main__ import parse
from tests.distribution.deb import depends
from tests.distribution.man_page import man_page

PAGE = man_page(1_700_000_000)


def test_the_man_page_has_every_command_and_its_options():
    headings = re.findall(r'^\.SS "mtrrviz (.*)"$', PAGE, re.MULTILINE)
    assert [name for name in COMMANDS if name not in headings] == []
    assert "lesson grade" in headings
    assert r"\-\-noncoherent\-dma N" in PAGE
    assert PAGE.startswith('.TH MTRRVIZ 1 "2023-11-14" "mtrrviz ')


def test_no_line_of_a_help_is_taken_for_a_request_of_roff():
    requests = {line.split()[0] for line in PAGE.splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".nf", ".fi", ".B", ".BR"}


def test_the_package_depends_on_what_qt_needs_by_every_name_it_has(dev):
    found = depends()
    assert found[0].startswith("libc6 (>= 2.")
    for need in dev.QT_NEEDS:
        assert " | ".join(need.packages) in found


def test_the_program_and_the_readme_name_the_libraries_below_qt(dev, root):
    assert list(QT_PACKAGES) == [need.packages[-1] for need in dev.QT_NEEDS]
    assert f"sudo apt-get install {' '.join(QT_PACKAGES)}" in " ".join(
        (root / "README.md").read_text().replace("\\\n", " ").split()
    )


@pytest.mark.parametrize(("words", "only"), [([], "deb"), (["--only", "wheel"], "wheel")])
def test_all_is_made_unless_told(words, only):
    assert parse(words).only == only

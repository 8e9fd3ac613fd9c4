"""Names that stand for numbers: no two names of one kind stand for the same one."""

from __future__ import annotations

import importlib
import pkgutil
from enum import Enum

import pytest

import mtrrviz
from mtrrviz.facts.tables.filtering import Term, parse_filter
from mtrrviz.facts.trace.mismatch_causes import Cause

_PACKAGES = (
    "core", "scenario", "sim", "facts", "importers", "analysis", "geometry", "exporters",
    "lessons", "session",
)  # fmt: skip


def kinds() -> list[type[Enum]]:
    """Return every enumeration of the packages without Qt."""
    found: dict[str, type[Enum]] = {}
    for package in _PACKAGES:
        path = [f"{place}/{package}" for place in mtrrviz.__path__]
        for info in pkgutil.walk_packages(path, f"mtrrviz.{package}."):
            for value in vars(importlib.import_module(info.name)).values():
                if isinstance(value, type) and issubclass(value, Enum):
                    found[f"{value.__module__}.{value.__qualname__}"] = value
    return [kind for name, kind in sorted(found.items()) if name.startswith("mtrrviz.")]


def test_no_two_names_stand_for_one_value() -> None:
    found = kinds()
    assert len(found) > 30
    assert {str(kind): len(kind) for kind in found} == {
        str(kind): len(kind.__members__) for kind in found
    }


def test_each_cause_has_words_and_a_story_of_its_own() -> None:
    assert [int(cause) for cause in Cause] == list(range(len(Cause)))
    assert len({cause.words for cause in Cause}) == len({cause.story for cause in Cause}) == 10


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("-", (Term("", ("-",)),)),
        ("-x", (Term("", ("x",), negated=True),)),
        ("--", (Term("", ("-",), negated=True),)),
        ("A:b,C", (Term("a", ("b", "c")),)),
        ("-a:b", (Term("a", ("b",), negated=True),)),
        ("a:", (Term("a", ()),)),
        (":b", (Term("", ("b",)),)),
        ("a:b:c d", (Term("a", ("b:c",)), Term("", ("d",)))),
        ("a,,b", (Term("", ("a", "b")),)),
    ],
)
def test_filters_are_words_with_a_field_values_and_a_sign(
    text: str, terms: tuple[Term, ...]
) -> None:
    assert parse_filter(text) == terms

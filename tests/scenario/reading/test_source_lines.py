"""An error names the line on which what is wrong stands, or none where that is not certain."""

from __future__ import annotations

import tomllib

import pytest

from mtrrviz.scenario.files.source import ScenarioSource, wanted_words

TEXT = """\
title = "t"
  schema = 1

[machine]  # what there is
vcpus = 2
memory = "1 GiB"

[[machine.region]]
name = "RAM"
start = 0

[[machine.region]]
start = 1
name = "flash"

[view]

[[event]]
t = 0.5
value = 1
[[event]]
vcpu = 1
t = 0.7
"""


def source(text: str = TEXT) -> ScenarioSource:
    return ScenarioSource("s.toml", text, tomllib.loads(text))


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("title", 1), ("schema", 2), ("missing", 1), ("machine", 4), ("machine.vcpus", 5),
        ("machine.memory", 6), ("machine.region[0]", 8), ("machine.region[0].start", 10),
        ("machine.region[1]", 12), ("machine.region[1].start", 13),
        ("machine.region[1].name", 14), ("machine.region[1].kind", 12),
        ("machine.region[2]", None), ("view", 16), ("view.page", 16), ("event[0].value", 20),
        ("event[1].value", 21), ("event[1].t", 23), ("event[0].t", 19), ("", None),
    ],
)  # fmt: skip
def test_a_place_is_on_the_line_of_its_key_or_of_its_tables_header(place, line) -> None:
    assert source().line_of(place) == line
    words = str(source().error(place, "bad", "good"))
    assert (f"(line {line})" in words) == (line is not None)


def test_a_file_without_tables_has_lines_as_well() -> None:
    assert source("a = 1\nb = 2\n").line_of("b") == 2
    assert ScenarioSource("s.toml").line_of("b") == 1


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_what_could_be_in_a_text_of_several_lines_has_no_line(quotes) -> None:
    assert source(f"a = {quotes}\nb = 3\n{quotes}\nb = 2\n").line_of("b") is None


def test_rows_that_are_written_otherwise_have_no_line() -> None:
    inline = source("event = [{t = 1}, {t = 2}]\n")
    assert inline.line_of("event[1].t") is None
    assert inline.value_at("event[1].t") == 2


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("title", "t"), ("machine.vcpus", 2), ("event[1].t", 0.7), ("event[2]", None),
        ("event.t", None), ("title.x", None), ("x", None), ("machine.region[1].name", "flash"),
    ],
)  # fmt: skip
def test_values_are_looked_up_by_their_place(place, value) -> None:
    assert source().value_at(place) == value


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("Expected `int`, got `str`", "an integer"),
        ("Expected `int | str`, got `float`", "an integer or text"),
        ("Expected `float | null`", "a number"),
        ("Expected `array` of length <= 3", "a list of length <= 3"),
        ("Expected `object`", "a table"),
        ("Expected `bool`", "true or false"),
        ("Expected `date`", "date"),
    ],
)
def test_what_is_wanted_is_said_in_words(problem, words) -> None:
    assert wanted_words(problem) == words

"""Texts of very many keys, tables or values are refused unread; long scenarios are not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.broad_text import too_broad_line
from mtrrviz.scenario.files.loader import load_scenario, parse_scenario
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.scenario_error import ScenarioError

BYTES = 1 << 19
SHAPES = {
    "keys": "k%d = 1\n",
    "quoted keys": '"{,=%d" = 1\n',
    "tables": "[k%d]\n",
    "dotted keys": "a.b.k%d = 1\n",
    "dotted tables": "[k%d.a.b.c.d.e.f.g]\n",
    "arrays of tables": "[[k%d]]\n",
    "empty tables of events": "[[event]]\n",
    "strange tables of events": "[[event]]\nx = 1\n",
    "numbers in an array": ("x = [", "1,", "]"),
    "arrays in an array": ("x = [", "[],", "]"),
    "tables in an array": ("x = [", "{},", "]"),
    "strings in an array": ("tags = [", '"",', "]"),
    "an array of many lines": ("x = [\n", "1,\n", "]"),
    "keys in a table": ("x = {", "k%d = 1,", "z = 1}"),
}


def text_of(shape) -> str:
    head, part, tail = shape if isinstance(shape, tuple) else ("", shape, "")
    count = BYTES // len(part)
    parts = (part % number for number in range(count)) if "%d" in part else [part] * count
    return f"schema = 1\n{head}{''.join(parts)}{tail}\n"


@pytest.mark.parametrize("name", SHAPES)
def test_breadth_is_refused_in_one_message_without_being_read(name, monkeypatch):
    text = text_of(SHAPES[name])
    monkeypatch.setattr(tomllib, "loads", lambda _text: pytest.fail("it was read"))
    with pytest.raises(ScenarioError, match="too many keys, tables or values") as caught:
        parse_scenario(text, "made.toml", Path())
    assert caught.value.place.startswith("line ")


def test_scenarios_of_any_length_are_taken():
    for path in sorted(scenarios_dir().glob("*.toml")):
        text = path.read_text()
        assert too_broad_line(text * (1 + BYTES // 4 // len(text))) is None


@pytest.mark.parametrize("is_in_rows", [False, True])
def test_a_hundred_thousand_events_are_taken(is_in_rows):
    pair = ["t = 0.001 # s", 'kind = "wrmsr"', "vcpu = 1", 'register = "IA32_PAT"', "value = 0x7_0"]
    text = "[[event]]\n" + "\n".join(pair) + "\n\n"
    if is_in_rows:
        text = f"  {{ {', '.join([pair[0][:9], *pair[1:]])} }},\n"
    assert too_broad_line(text * 100_000) is None


def test_what_the_program_writes_is_familiar():
    scenario = load_scenario(scenarios_dir() / "small-machine.toml")
    text = scenario_text(scenario)
    assert too_broad_line(text * 100) is None


def test_long_strings_and_comments_are_no_breadth():
    assert too_broad_line('description = """' + "a, = [ ' \n" * 20_000 + '"""\n') is None
    assert too_broad_line("# a, = [ ' \n" * 20_000) is None


@pytest.mark.parametrize(("brackets", "line"), [(2, None), (3, None), (4, 2), (9, 2)])
def test_a_long_text_may_have_some_tokens_that_no_scenario_has(brackets, line, monkeypatch):
    module = "mtrrviz.scenario.files.broad_text"
    monkeypatch.setattr(f"{module}.SMALL_CHARS", 10)
    monkeypatch.setattr(f"{module}.MAX_STRANGE_TOKENS", 3)
    assert too_broad_line("schema = 1\n" + "]" * brackets) == line

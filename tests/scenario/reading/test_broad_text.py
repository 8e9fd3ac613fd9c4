"""Texts of very many or very long parts are refused unread; long scenarios are not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.broad_text import too_broad
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
        assert too_broad(text * (1 + BYTES // 4 // len(text))) is None


@pytest.mark.parametrize("is_in_rows", [False, True])
def test_a_hundred_thousand_events_are_taken(is_in_rows):
    pair = ["t = 0.001 # s", 'kind = "wrmsr"', "vcpu = 1", 'register = "IA32_PAT"', "value = 0x7_0"]
    text = "[[event]]\n" + "\n".join(pair) + "\n\n"
    if is_in_rows:
        text = f"  {{ {', '.join([pair[0][:9], *pair[1:]])} }},\n"
    assert too_broad(text * 100_000) is None


def test_what_the_program_writes_is_familiar():
    scenario = load_scenario(scenarios_dir() / "small-machine.toml")
    text = scenario_text(scenario)
    assert too_broad(text * 100) is None


def test_long_strings_and_comments_are_no_breadth():
    assert too_broad('description = """' + "a, = [ ' \n" * 20_000 + '"""\n') is None
    assert too_broad("# a, = [ ' \n" * 20_000) is None


@pytest.mark.parametrize(("brackets", "line"), [(2, None), (3, None), (4, 2), (9, 2)])
def test_a_long_text_may_have_some_tokens_that_no_scenario_has(brackets, line, monkeypatch):
    module = "mtrrviz.scenario.files.broad_text"
    monkeypatch.setattr(f"{module}.SMALL_CHARS", 10)
    monkeypatch.setattr(f"{module}.MAX_STRANGE_TOKENS", 3)
    found = too_broad("schema = 1\n" + "]" * brackets)
    assert (found and found[0]) == line


LONG = {
    "a hexadecimal number": "0x" + "f" * BYTES,
    "a binary number": "0b" + "1_" * (BYTES // 2) + "1",
    "a fraction": "1." + "9" * BYTES,
    "an exponent": "1e+" + "9" * BYTES,
    "a time": "1979-05-27T07:32:00." + "9" * BYTES,
    "a name": "a" * BYTES,
    "a string": f'"{"x" * BYTES}"',
    "a literal string": f"'{'x' * BYTES}'",
    "a string of escapes": '"' + r"\n" * (BYTES // 2) + '"',
    "a string of many lines": '"""' + "x\n" * (BYTES // 2) + '"""',
    "space": " " * BYTES + "1",
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("key", ["duration", "strange"])
def test_length_is_refused_without_being_read(key, name, monkeypatch):
    monkeypatch.setattr(tomllib, "loads", lambda _text: pytest.fail("it was read"))
    text = f"schema = 1\n{key} = {LONG[name]}\n"
    with pytest.raises(ScenarioError, match=r"line 2: .*far too long"):
        parse_scenario(text, "made.toml", Path())


def test_a_long_comment_is_taken():
    assert too_broad(f"# {'x' * BYTES}\ntitle = 'x' # {'-' * BYTES}\nx = 1 #{'y' * BYTES}") is None


@pytest.mark.parametrize(
    ("row", "most"),
    [
        ("[[touch]]\nt = 0\n", 100_000),
        ("[[phase]]\nt = 0\n", 10_000),
        ('[[machine.region]]\nname = "RAM"\n', 1000),
        ("[[stop]]\nt = 0\n", 1000),
    ],
)
def test_more_tables_than_a_scenario_may_have_are_not_read(row, most):
    filler = "# \n" * BYTES
    assert too_broad(filler + row * most) is None
    found = too_broad(filler + row * (most + 1))
    assert found == (BYTES + 2 * most + 1, "there are too many keys, tables or values")


def test_more_rows_or_lines_than_all_lists_may_have_are_not_read():
    rows = too_broad("x = [\n" + "{},\n" * 1_200_000)
    assert rows is not None
    assert rows[1].startswith("there are too many keys")
    assert too_broad("\n" * 4_000_001) == (4_000_000, "there are too many lines")
    assert too_broad("\n" * 4_000_000) is None

"""Keys of very many parts are found in every spelling, and taken for none where there is none."""

from __future__ import annotations

import tomllib
import tracemalloc
from pathlib import Path

import pytest

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.endless_keys import MAX_KEY_PARTS, endless_key_line
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.scenario_error import ScenarioError

PARTS = {
    "bare": "a.",
    "double quotes": '"a".',
    "single quotes": "'a'.",
    "escapes": r'"\"\\a".',
    "empty": '"".',
    "spaces": '"a" \t. ',
    "mixed": "a.'b' . \"c\".",
    "quoted signs": "\"#\".'[='.",
}
FORMS = ["{} = 1", "[{}]", "[[{}]]", "x = {{ {} = 1 }}", "x = [{{ y = 1, {} = 1 }}]"]
BEFORE = [
    "", "# ' \" \"\"\"\n", 'z = """a"" " b"""" # "\n',
    "z = '''it's ''''' # '\n", 'z = "a\\"b#" # "\n', 'z = """\\\n  """\n', "z = 1.5\r\n",
    'z = ["""a"""", "", \'\', \'"\']\n',
]  # fmt: skip


def key(part: str, count: int) -> str:
    """Return a key of ``count`` parts, spelled like ``part``, which ends in a dot."""
    return ".".join((part.split(".")[:-1] * count)[:count])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PARTS)
def test_a_key_of_too_many_parts_is_found_in_any_spelling(name, form):
    for before in BEFORE:
        longest = before + form.format(key(PARTS[name], MAX_KEY_PARTS))
        tomllib.loads(longest)  # so that it is TOML that is tested
        assert endless_key_line(longest) is None
        longer = before + form.format(key(PARTS[name], MAX_KEY_PARTS + 1))
        tomllib.loads(longer)
        assert endless_key_line(longer) == before.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        "# " + "a." * 50,
        'x = "' + "a." * 50 + '"',
        "x = '" + "a." * 50 + "'",
        'x = """\n' + '"a".' * 50 + '\n"""',
        "x = '''\n" + "'a'." * 50 + "\n'''",
        "x = [" + "1.5," * 50 + "]",
    ],
)
def test_dots_elsewhere_are_no_keys(text):
    tomllib.loads(text)
    assert endless_key_line(text) is None


def test_no_scenario_of_the_program_has_such_a_key():
    paths = sorted(scenarios_dir().glob("*.toml"))
    assert paths
    assert [path.name for path in paths if endless_key_line(path.read_text())] == []


@pytest.mark.parametrize("name", PARTS)
def test_a_small_file_of_such_a_key_is_refused_without_much_memory(name):
    text = "schema = 1\n" + key(PARTS[name], 128 << 10) + " = 1\n"
    tracemalloc.start()
    try:
        with pytest.raises(ScenarioError, match="too many parts") as caught:
            parse_scenario(text, "made.toml", Path())
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.place == "line 2"
    assert peak_bytes < 10 << 20

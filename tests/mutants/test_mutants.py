"""The tool that changes the program: what it changes, what it leaves alone, how it tells."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.places import Source, mutants_of
from tests.mutants.reach import Reach, TimedTest
from tests.mutants.survivors import as_entry, read_survivors
from tests.mutants.trial import _Changed, ordered

ROOT = Path(__file__).resolve().parents[2]


def changes(text):
    source = Source(ROOT / "mtrrviz" / "core" / "made.py", "mtrrviz/core/made.py", text)
    return mutants_of(source)


def results(text):
    return {mutant.text for mutant in changes(text)}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("x = a < b", {"x = (a <= b)", "x = (a >= b)"}),
        ("x = a is b", {"x = (a is not b)"}),
        ("x = a and not b", {"x = (a or not b)", "x = a", "x = (not b)", "x = a and b"}),
        ("x = a << b", {"x = (a >> b)"}),
        ("x = -a", {"x = a"}),
        ("x = 7", {"x = 8", "x = 6"}),
        ("x = True", {"x = False"}),
        ("x = min(a, b)", {"x = max(a, b)"}),
        ('x = f(a, b, "left")', {"x = f(a, b, 'right')"}),
        ("x = a.get(b, c)", {"x = a.get(b)"}),
        ("x = a[b:c]", {"x = a[b + 1:c]", "x = a[b:c - 1]"}),
        ("x = a if b else c", {"x = (c if b else a)"}),
        ("x = [a for a in b if a]", {"x = ([a for a in b])"}),
        ("def f():\n    g()", {"def f():\n    pass"}),
        ("def f():\n    return a", {"def f():\n    return None"}),
        ("def f():\n    return False", {"def f():\n    return True"}),
    ],
)
def test_each_kind_of_change(text, changed):
    assert results(text) == changed


@pytest.mark.parametrize(
    "text",
    [
        '"""Words 1 < 2."""',
        "x: Literal[1]",
        "def f(a: A[1]) -> B[2]: pass",
        "@cached(5)\ndef f(): pass",
        '__all__ = ["a", 1]',
        "def __repr__(self): return 1",
        "if TYPE_CHECKING:\n    x = 1",
        'x = f"{a + 1}"',
        "x = zip(a, b, strict=True)",
        "def f():\n    return None",
    ],
)
def test_what_is_for_types_and_readers_is_left_alone(text):
    assert results(text) == set()


def test_a_change_is_named_by_what_stands_there():
    text = "class A:\n    def f(self):\n        return a\n"
    (mutant,) = changes(text)
    (moved,) = changes("\n\n" + text)
    assert mutant.key == (
        *("mtrrviz/core/made.py", "A.f"),
        *("return a", "return a", "return None"),
    )
    assert moved.key == mutant.key
    assert (mutant.line, moved.line) == (3, 5)
    assert mutant.diff.splitlines() == ["-         return a", "+         return None"]


def test_a_survivor_can_be_listed_once_it_has_a_reason(tmp_path):
    path = tmp_path / "survivors.toml"
    (mutant,) = changes('def f():\n    return "\\\\\\"\\n"')
    path.write_text(as_entry(mutant))
    with pytest.raises(ValueError, match="no reason"):
        read_survivors(path)
    path.write_text(as_entry(mutant).replace('reason = ""', 'reason = "looks only"'))
    assert read_survivors(path) == {mutant.key: "looks only"}


def test_the_list_names_changes_that_are_there():
    known = read_survivors(Path(__file__).with_name("survivors.toml"))
    for name in {key[0] for key in known}:
        text = (ROOT / name).read_text(encoding="utf-8")
        there = {mutant.key for mutant in mutants_of(Source(ROOT / name, name, text))}
        assert {key for key in known if key[0] == name} <= there


def test_code_of_a_function_is_for_the_tests_that_run_it_and_other_code_for_all():
    reach = Reach(ROOT)
    tests = {"a": (0.1, {"m.py": [1, 2]}), "b": (0.2, {"m.py": [1]}), "c": (0.3, {})}
    reach.add("test_m.py", {"tests": tests, "loading": {}})
    names = {t.name for t in reach.tests_of("m.py", range(2, 4), in_function=True)}
    everywhere = {t.name for t in reach.tests_of("m.py", range(9, 10), in_function=False)}
    assert (names, everywhere) == ({"a"}, {"a", "b"})


def test_a_constant_is_for_all_tests_of_the_modules_that_load_it():
    reach = Reach(ROOT)
    reach.add("test_a.py", {"tests": {"a": (0.1, {})}, "loading": {"constants.py": [1, 3]}})
    reach.add("test_b.py", {"tests": {"b": (0.1, {})}, "loading": {"constants.py": [1]}})
    found = [
        {test.name for test in reach.tests_after_loading("constants.py", range(line, line + 1))}
        for line in (1, 2, 3)
    ]
    assert found == [{"a", "b"}, set(), {"a"}]


_SHARED = """
import pytest
from mtrrviz import made

@pytest.fixture(scope="module")
def shared():
    return made.shared()

@pytest.fixture
def own():
    return made.own()

def test_a(shared, own):
    assert (shared, own) == (1, 2)

def test_b(shared):
    assert shared == 1
"""


def test_what_a_fixture_of_a_module_runs_is_for_all_tests_of_the_module(tmp_path, monkeypatch):
    (tmp_path / "mtrrviz").mkdir()
    (tmp_path / "mtrrviz" / "__init__.py").write_text("")
    code = "def shared():\n    return 1\ndef own():\n    return 2\n"
    (tmp_path / "mtrrviz" / "made.py").write_text(code)
    (tmp_path / "test_it.py").write_text(_SHARED)
    script = (
        "import json, sys; from pathlib import Path; from tests.mutants import reach;"
        "sys.path.insert(0, str(Path.cwd()));"
        "print(json.dumps(reach._measured(Path.cwd(), 'test_it.py')))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    entry = json.loads(found.stdout.splitlines()[-1])
    reach = Reach(tmp_path)
    reach.add("test_it.py", entry)
    by_line = {
        line: {
            test.name[-1]
            for test in reach.tests_of("mtrrviz/made.py", range(line, line + 1), in_function=True)
        }
        for line in (2, 4)
    }
    after = {test.name[-1] for test in reach.tests_after_loading("mtrrviz/made.py", range(2, 3))}
    assert (by_line, after) == ({2: set(), 4: {"a"}}, {"a", "b"})


def test_tests_that_were_only_loaded_after_the_change_come_last_and_the_quickest_of_them():
    (mutant, *_) = changes("x = 7")
    quick, slow, running = (
        TimedTest("quick", "tests/core/test_a.py", 1.0),
        TimedTest("slow", "tests/core/test_b.py", 100.0),
        TimedTest("running", "tests/core/test_c.py", 5.0),
    )
    found = ordered(mutant, [running], [slow, quick, running])
    assert [test.name for test in found] == ["running", "quick"]


def test_the_tests_of_the_own_package_come_first_and_slow_ones_of_others_are_left_out():
    (mutant, *_) = changes("x = 7")
    tests = [
        TimedTest("far", "tests/sim/test_a.py", 1.0),
        TimedTest("slow", "tests/sim/test_b.py", 100.0),
        TimedTest("near", "tests/core/test_c.py", 5.0),
        TimedTest("near and slow", "tests/core/test_d.py", 500.0),
    ]
    assert [test.name for test in ordered(mutant, tests)] == ["near", "far", "near and slow"]


def test_a_few_quick_tests_of_each_file_come_first_and_then_all_others():
    (mutant, *_) = changes("x = 7")
    near = [TimedTest(f"near {i}", "tests/core/test_c.py", 1.0 + 3 * (i > 3)) for i in range(6)]
    far = [TimedTest(f"far {i}", "tests/sim/test_a.py", 1.0 + i) for i in range(5)]

    def names(**options):
        return [test.name for test in ordered(mutant, [*far, *near], **options)]

    quick = [*(f"near {i}" for i in range(5)), "far 0"]
    assert names(only_quick=True) == quick
    assert names() == [*quick, "near 5", "far 1", "far 2", "far 3", "far 4"]


def test_the_changed_module_is_the_one_that_is_imported(monkeypatch, tmp_path):
    path = tmp_path / "made_up_module.py"
    path.write_text("x = 7")
    source = Source(path, "made_up_module.py", "x = 7")
    monkeypatch.setattr(sys, "meta_path", [_Changed(mutants_of(source)[0]), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "made_up_module", raising=False)
    assert importlib.import_module("made_up_module").x == 8
    sys.modules.pop("made_up_module")


def test_a_package_that_is_not_there_is_refused():
    command = [sys.executable, "-m", "tests.mutants", "gui"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'gui' is none of core" in done.stderr

"""Property tests with fresh examples: what fails is reported with the line to run it again."""

from __future__ import annotations

import shlex

import pytest

from tests import explore


@pytest.fixture
def module(tmp_path):
    """Return a module whose property holds for a few numbers only."""
    path = tmp_path / "test_made.py"
    path.write_text(
        "from hypothesis import given, strategies as st\n"
        "@given(st.integers())\n"
        "def test_small(number):\n    assert number < LIMIT\n"
        "def test_without_examples():\n    assert False\n"
    )
    return path


def limited(module, limit):
    module.write_text(module.read_text().replace("LIMIT", limit))
    return str(module)


def test_a_failing_property_is_found_and_can_be_run_again(module, capsys):
    name = limited(module, "1000")
    assert explore.main(["--minutes", "0.01", "--jobs", "1", "--examples", "50", name]) == 1
    out = capsys.readouterr().out
    assert "number=1000" in out
    again = out.splitlines()[-1].removeprefix("again: ")
    words = shlex.split(again)
    assert words[:2] == ["HYPOTHESIS_PROFILE=explore", "HYPOTHESIS_EXAMPLES=50"]
    assert any(word.startswith("--hypothesis-seed=") for word in words)
    assert words[-1] == name


def test_a_property_that_holds_is_good(module):
    name = limited(module, "float('inf')")
    assert explore.main(["--minutes", "0.01", "--jobs", "1", "--examples", "5", name]) == 0


def test_a_module_that_is_not_there_is_no_success(tmp_path):
    missing = str(tmp_path / "test_missing.py")
    assert explore.main(["--minutes", "0.01", "--jobs", "1", missing]) == 2


def test_every_trial_has_a_seed_of_its_own():
    found = explore.trials(["a", "b"], 1)
    seeds = {next(found).seed for _ in range(20)}
    assert len(seeds) == 20


def test_modules_with_properties_are_found():
    assert "tests/core/registers/test_mtrr.py" in explore.property_modules()
    assert "tests/packaging/test_lock.py" not in explore.property_modules()

"""Text tables and the figures of runs in them."""

from __future__ import annotations

import pytest
from msgspec.structs import asdict

from mtrrviz.exporters.results import results_text, run_result
from mtrrviz.exporters.text_tables import text_table
from mtrrviz.facts.figures import figures
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate


def test_words_go_left_and_numbers_right():
    rows = [["a", "1"], ["long", "100"]]
    assert text_table(("name", "n"), rows) == ["name    n", "a       1", "long  100"]


def test_lines_have_no_trailing_blanks():
    rows = [["a", ""], ["b", "words"]]
    assert text_table(("x", "y"), rows, left_columns=2) == ["x  y", "a", "b  words"]


def test_a_cell_stays_on_one_line():
    assert text_table(("x",), [["a\nb\tc"]])[1] == "a b c"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        text_table(("x", "y"), [["only one"]])


def test_no_runs_make_no_table():
    with pytest.raises(ValueError, match="at least one run"):
        results_text([])


def test_zaps_that_no_vcpu_made_have_a_column():
    run = simulate(open_scenario("small-machine"), "per-vm")
    header, row = results_text([run]).splitlines()[-2:]
    assert header.split()[-1] == "VM"
    assert sum(map(int, row.split()[1:])) == figures(run).zap_count


def test_a_result_agrees_with_the_runs_summary():
    run = simulate(open_scenario("small-machine"), "per-vcpu")
    result = run_result(run)
    shared = set(result) & set(asdict(figures(run))) - {"zaps_per_vcpu"}
    assert {key: pytest.approx(asdict(figures(run))[key], abs=1e-6) for key in shared} == {
        key: result[key] for key in shared
    }
    assert tuple(result["zaps_per_vcpu"]) == figures(run).zaps_per_vcpu
    assert result["memory_bytes"] == 64 << 20

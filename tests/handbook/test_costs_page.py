"""The page of costs has today's constants and today's errors."""

from __future__ import annotations

from mtrrviz.analysis.published import published_rows
from mtrrviz.analysis.validation import validate
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from tests.analysis.test_validation import FITTED_OFF, PREDICTED_OFF

TEXT = the_handbook().page("costs").text


def test_every_constant_stands_there_with_its_value():
    for entry in DEFAULT_COSTS.entries():
        constant = entry.constant
        assert f"| {entry.name} | {constant.value:.7g} {constant.unit} |" in TEXT


def test_every_constant_is_said_to_be_fitted_assumed_or_given():
    told = TEXT.split("## The constants")[1].split("[Model]")[0].replace(",", "")
    kinds = {"all 46": "46 rows", "four b": "four boot", "given,": "Given"}
    for entry in DEFAULT_COSTS.entries():
        (sentence,) = (part for part in told.split(". ") if f" {entry.name}" in part)
        assert kinds.get(entry.constant.fitted_to[:6], "Chosen") in sentence


def test_the_errors_are_those_of_the_fits():
    for row, (median, most) in {
        "nothing": FITTED_OFF,
        "the row's firmware": PREDICTED_OFF["firmware"],
        "the row's number of vCPUs": PREDICTED_OFF["vcpus"],
        "the row's policy": PREDICTED_OFF["policy"],
    }.items():
        assert f"| {row} | {median} % | {most} % |" in TEXT


def test_the_evidence_is_counted_right():
    rows = list(published_rows())
    assert len(rows) == 46
    assert {row.vcpus for row in rows} == {8, 16}
    assert sum(row.boot_s is not None for row in rows) == 4
    assert len({row.policy for row in validate()}) == 9
    assert "All 46 counts" in TEXT
    assert "under nine policies" in TEXT

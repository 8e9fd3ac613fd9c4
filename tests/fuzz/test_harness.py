"""The harness without atheris: its command line, its changes to inputs, its oracle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers import import_texts
from tests.fuzz.__main__ import main
from tests.fuzz.mutator import mutate
from tests.fuzz.oracle import check_import, check_message, check_scenario
from tests.fuzz.targets import TARGETS

DUMP = b"0x2ff c06\n0x200 80000000\n0x201 ff80000800\nwhat is this\n"


def test_targets_are_listed(capsys):
    assert main(["--list"]) == 0
    assert capsys.readouterr().out.split() == list(TARGETS)


def test_unknown_targets_are_refused(capsys):
    assert main(["nonesuch"]) == 2
    assert "no target nonesuch" in capsys.readouterr().err


def test_without_atheris_it_says_how_to_get_it(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["rdmsr", "--work", str(tmp_path)]) == 2
    assert "atheris is not installed" in capsys.readouterr().err


def test_changes_are_the_same_for_the_same_seed_and_bounded():
    others = [b"0x250 0", b"cpus=2"]
    changed = [mutate(DUMP, seed, others, 60) for seed in range(50)]
    assert changed == [mutate(DUMP, seed, others, 60) for seed in range(50)]
    assert len(set(changed)) > 40
    assert max(map(len, changed)) <= 60


def test_messages_of_several_lines_and_endless_ones_are_findings():
    for words in ("one\ntwo", "", "x" * 1000, "\ud800"):
        with pytest.raises((AssertionError, UnicodeEncodeError)):
            check_message(MtrrvizError(words))


def test_lines_that_are_not_accounted_for_are_findings():
    result = import_texts([("dump", DUMP)])
    check_import(result, DUMP)
    (report,) = result.sources
    for wrong in (replace(report, lines=5), replace(report, unknown_lines=2)):
        with pytest.raises(AssertionError):
            check_import(replace(result, sources=(wrong,)), DUMP)


def test_scenarios_out_of_order_are_findings():
    scenario = import_texts([("dump", DUMP)]).scenario
    first = scenario.events[0]
    for wrong in (replace(first, time_ns=5), replace(first, vcpu=9), replace(first, value=-1)):
        with pytest.raises(AssertionError):
            check_scenario(replace(scenario, events=(wrong, *scenario.events[1:])))

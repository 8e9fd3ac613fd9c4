"""What was probably meant by a word that nobody knows."""

from __future__ import annotations

import pytest

from mtrrviz.core.wording.slips import did_you_mean, slips_between

COMMANDS = ["run", "list", "check", "compare", "export", "record", "explain", "policies", "sweep"]
SCENARIOS = ["ovmf-8vcpu-2g", "ovmf-8vcpu-16g", "seabios-8vcpu-2g", "sandbox", "range-moved"]


@pytest.mark.parametrize(
    ("one", "two", "slips"),
    [
        ("", "", 0), ("run", "run", 0), ("run", "", 3), ("rnu", "run", 1), ("run", "runs", 1),
        ("rum", "run", 1), ("un", "run", 1), ("abcd", "badc", 2), ("ca", "abc", 3),
    ],
)  # fmt: skip
def test_slips_are_counted(one, two, slips):
    assert slips_between(one, two) == slips_between(two, one) == slips


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("rnu", COMMANDS, "run"),
        ("lst", COMMANDS, "list"),
        ("Chek", COMMANDS, "check"),
        ("polcise", COMMANDS, "policies"),
        ("repord", COMMANDS, "record"),
        ("report", COMMANDS, ""),
        ("expl", COMMANDS, "explain"),
        ("co", COMMANDS, ""),
        ("xyz", COMMANDS, ""),
        ("ls", COMMANDS, ""),
        ("plot", COMMANDS, ""),
        ("sbox", SCENARIOS, ""),
        ("sandbx", SCENARIOS, "sandbox"),
        ("Range", SCENARIOS, "range-moved"),
        ("ovmf-8vcpu-4g", SCENARIOS, "ovmf-8vcpu-2g"),
        ("ovmf", SCENARIOS, "ovmf-8vcpu-2g or ovmf-8vcpu-16g"),
        ("s", ["s1", "s2"], ""),
        ("same", ["same1", "same2", "same3"], "same1, same2 or same3"),
        ("same", ["same1", "same2", "same3", "same4"], ""),
        ("x" * 1000, ["x" * 1001], ""),
        ("run", [], ""),
    ],
)
def test_what_was_meant(word, known, meant):
    assert did_you_mean(word, known) == (f"did you mean {meant}? " if meant else "")

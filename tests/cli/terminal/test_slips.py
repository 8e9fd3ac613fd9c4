"""Slips of the hand in commands and names: what was probably meant is said."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["swep"], "no such command or file; did you mean sweep?"),
        (["Chek", "x.toml"], "did you mean check?"),
        (["polices", "per-vm"], "did you mean policies?"),
        (["run", "laging-ap"], "no such file (did you mean lagging-ap? expected a file or one of"),
        (["ovmf-8vcpu-2"], "did you mean ovmf-8vcpu-2g?"),
        (["run", "sandbox", "--policy", "per-vpcu"], "; did you mean per-vcpu? known are"),
        (["run", "sandbox", "--policy", "per-mv:srcu-leak"], "did you mean per-vm?"),
        (["lesson", "worksheet", "variable-range"], "did you mean variable-ranges?"),
    ],
)
def test_what_was_meant_is_said(refused, arguments, words):
    assert words in refused(*arguments)


@pytest.mark.parametrize(
    "arguments", [["zzz"], ["run", "zzz"], ["run", "sandbox", "--policy", "z"]]
)
def test_nothing_is_guessed_for_a_word_that_is_like_no_other(refused, arguments):
    assert "did you mean" not in refused(*arguments)


def test_a_file_whose_name_is_nearly_a_command_is_opened(refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    (tmp_path / "runs").write_text("")
    assert "did you mean" not in refused("runs", "nonesuch.txt")

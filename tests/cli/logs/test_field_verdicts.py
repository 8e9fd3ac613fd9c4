"""What explain, check and solve say of logs of real machines, against answers worked out by hand.

tests/data/samples/field/README.md has them and the rules behind them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.msr.registers import FIXED_MSRS
from mtrrviz.importers import import_texts
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.sim import simulate
from tests.analysis.solve.solve_judge import (
    Values,
    all_registers,
    borders,
    made_write_back,
    not_write_back,
    type_at,
)
from tests.importers.helpers import SAMPLES
from tests.importers.test_field_answers import RESERVED, ROWS

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario

FIELD = SAMPLES / "field"
NAMES = sorted(path.stem for path in FIELD.glob("k*.txt"))
COMPLAINTS_ALONE = ("k06-pat-conflict", "k06-refused-requests")


def path_of(name: str) -> str:
    return str(FIELD / f"{name}.txt")


def scenario_of(name: str) -> Scenario:
    path = FIELD / f"{name}.txt"
    return import_texts([(path.name, path)]).scenario


def test_every_sample_has_a_row():
    assert set(NAMES) == {*ROWS, *COMPLAINTS_ALONE} == {*EXIT_CODES}


# Explain


@pytest.mark.parametrize("name", ROWS)
def test_explain_gives_the_type_of_every_address_as_text_and_json(mtrrviz, name):
    for words in ROWS[name].types.split(", "):
        address, kind = words.split()
        answer = json.loads(mtrrviz("explain", path_of(name), address, "--json").out)
        assert (address, answer["mtrr_type"]) == (address, kind)
        assert [step for step in answer["steps"] if step["decides"]]
        assert [entry["entry"] for entry in answer["pat"]["entries"]] == list(range(8))
        text = mtrrviz("explain", path_of(name), address).out
        is_leaf = answer["next_fault"] is not None
        assert is_leaf or f"\nMTRR type   {kind}, by " in text, text
        assert sum(line.startswith("  PA") for line in text.splitlines()) == 8


# Check

EXIT_CODES = dict.fromkeys(NAMES, 0) | {
    "k04-disabled-by-bios": 1,
    "k04-disabled-old-words": 1,
    "k06-lost-ram": 1,
    "k07-xen-console": 1,
    "k11-tom2": 1,
    "k11-tom2-not-forced": 1,
    "k12-base-off-its-size": 1,
    "k14-register-differs": 1,
}
NOTHING = (
    "k01-uc-hole-over-wb", "k02-reserved-touches-ram", "k02-stolen-graphics",
    "k03-high-ram-without-map", "k03-small-old-machine", "k05-outside-ram",
    "k07-indented-journal", "k07-quoted-wrapped", "k08-coreboot-temporary", "k09-ten-pairs",
    "k10-big-host", "k13-size-at-start", "k14-register-not-printed", "k15-edk2-0x",
    "k15-linuxbios-setting", "k15-pairs-in-a-sentence", "k16-mail-with-dates",
)  # fmt: skip
"""Machines that are as they should be, as far as their logs tell."""


def found(mtrrviz, name):
    outcome = mtrrviz("check", path_of(name), "--json")
    return outcome.code, json.loads(outcome.out)


@pytest.mark.parametrize("name", NAMES)
def test_the_exit_code_says_whether_something_is_wrong(mtrrviz, name):
    code, problems = found(mtrrviz, name)
    assert code == EXIT_CODES[name], problems
    assert mtrrviz("check", path_of(name)).code == code
    assert mtrrviz("check", path_of(name), "--sarif").code == code


@pytest.mark.parametrize("name", NOTHING)
def test_of_a_sound_machine_nothing_is_said(mtrrviz, name):
    assert found(mtrrviz, name) == (0, [])


@dataclass(frozen=True)
class Finding:
    """What is found of a file alone: rule, range of bytes (last one included), words."""

    rule: str
    start: int | None = None
    last: int | None = None
    words: str = ""
    line: int | None = None


FOUND = {
    "k04-disabled-by-bios": [Finding("mtrrs-disabled", words="MTRRs are off")],
    "k04-disabled-old-words": [
        Finding("mtrrs-disabled", words="MTRRs are off"),
        Finding("pat-without-wc", words="no WC entry in the PAT"),
    ],
    "k04-map-line": [Finding("host-mtrrs-not-told", words="the MTRRs are on, but")],
    "k06-lost-ram": [Finding("host-ram-not-wb", 0x1_0000_0000, 0x1_3FFF_FFFF, "losing 1024MB", 11)],
    "k06-pat-conflict": [
        Finding("host-mtrrs-not-told", words="the MTRRs are not known"),
        Finding("kernel-pat-conflict", 0xE0_0000_0000, 0xE0_7FFF_FFFF, "uncached-minus", 1),
    ],
    "k06-refused-requests": [
        Finding("host-mtrrs-not-told", words="the MTRRs are not known"),
        Finding("kernel-type-mismatch", 0xD000_0000, 0xD7FF_FFFF, "write-combining", 2),
        Finding("kernel-overlap", 0xE800_0000, 0xEBFF_FFFF, "overlaps", 4),
        Finding("kernel-not-aligned", 0xE802_0000, 0xE819_FFFF, "not aligned", 5),
        Finding("kernel-no-free-pair", words="no more MTRRs", line=6),
    ],
    "k07-caller-column": [Finding("host-mtrrs-not-told", words="the MTRRs are on, but")],
    "k07-human-times": [Finding("kernel-no-optimum", words="optimal", line=22)],
    "k07-xen-console": [Finding("kernel-inconsistent-cpus", words="inconsistent", line=11)],
    "k11-tom2": [Finding("host-ram-not-wb", 0x1_0000_0000, 0x1_01FF_FFFF, "is UC: pair 2 (32 MiB")],
    "k11-tom2-not-forced": [
        Finding("host-ram-not-wb", 0x1_0000_0000, 0x2_2FFF_FFFF, "losing 4864MB", 22)
    ],
    "k12-base-off-its-size": [Finding("host-base-unaligned", 0xFF80_0000, 0xFFFF_FFFF)],
    "k13-xen-dom0": [Finding("host-mtrrs-not-told", words="the MTRRs are not known")],
    "k13-xen-half-open": [Finding("host-mtrrs-not-told", words="the MTRRs are not known")],
    "k14-register-differs": [
        Finding("cpus-disagree", words="CPU 1 differs from CPU 0 in IA32_MTRR_FIX4K_C0000 (0x268)")
    ],
    "k15-cleanup-trials": [Finding("kernel-no-optimum", words="optimal", line=28)],
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found_is_found_once_with_range_line_and_remedy(mtrrviz, name):
    _, problems = found(mtrrviz, name)
    assert [problem["rule"] for problem in problems] == [one.rule for one in FOUND[name]]
    for problem, one in zip(problems, FOUND[name], strict=True):
        assert one.words in problem["title"]
        assert problem["remedy"]
        assert (problem["start"], problem["line"]) == (one.start, one.line)
        assert problem["end"] == (None if one.last is None else one.last + 1)


def test_every_sample_is_sound_or_has_findings():
    assert {*NOTHING, *FOUND, "k07-quoted-printable"} == {*NAMES}


@pytest.mark.parametrize("name", COMPLAINTS_ALONE)
def test_a_log_of_complaints_alone_is_a_good_input(mtrrviz, name):
    outcome = mtrrviz("import", path_of(name))
    assert outcome.code == 0
    text = (outcome.out + outcome.err + mtrrviz("check", path_of(name)).out).lower()
    assert "mtrrs are off" not in text
    assert "they are off" not in text


@pytest.mark.parametrize(
    "name", ["k04-map-line", "k07-caller-column", "k15-linuxbios-setting", "k06-refused-requests"]
)
def test_nothing_says_that_mtrrs_are_off(mtrrviz, name):
    outcome = mtrrviz("check", path_of(name))
    assert " off" not in (outcome.out + outcome.err).replace("to be off", "")


# Mend

KEPT = {
    "k03-high-ram-without-map": ((0x1_0000_0000, 0x2_7FFF_FFFF),),
    "k06-lost-ram": ((0x1_0000_0000, 0x1_3FFF_FFFF),),
    "k07-caller-column": ((0x10_0000, 0xDCFF_FFFF),),
    "k08-coreboot-temporary": ((0x1_0000_0000, 0x1_7FFF_FFFF),),
    "k09-ten-pairs": ((0x1_0000_0000, 0x1_2F5F_FFFF),),
    "k11-tom2-not-forced": ((0x1_0000_0000, 0x2_2FFF_FFFF),),
    "k13-size-at-start": ((0x1_0000_0000, 0x1_3FFF_FFFF),),
}
REFUSED = ("k04-map-line", *COMPLAINTS_ALONE)


def before_of(scenario: Scenario) -> Values:
    machine = simulate(scenario, "per-vcpu").at(scenario.duration_ns).machine
    state = machine.mtrr(0)
    known = (msr for msr in all_registers(scenario.machine.pairs) if msr not in state.unknown)
    return dict.fromkeys(all_registers(scenario.machine.pairs)) | {m: state.read(m) for m in known}


def mended(mtrrviz, name: str, *options: str) -> tuple[MachineSpec, Values, Values, bool]:
    """Return the machine, its registers before and after, and whether that is exact."""
    scenario = scenario_of(name)
    outcome = mtrrviz("solve", path_of(name), "--format", "json", *options)
    answer = json.loads(outcome.out)
    assert outcome.code == int(not answer["exact"])
    written = {one["msr"]: int(one["value"], 16) for one in answer["registers"]}
    before = before_of(scenario)
    return scenario.machine, before, before | written, answer["exact"]


GUESTS = ("k04-disabled-by-bios", "k04-disabled-old-words", "k07-quoted-printable")
HOSTS = [name for name in NAMES if name not in (*REFUSED, *GUESTS)]


@pytest.mark.parametrize("name", HOSTS)
def test_what_must_never_be_write_back_is_not_even_where_any_type_will_do(mtrrviz, name):
    spec, before, after, _ = mended(mtrrviz, name, "--rest", "any")
    for start, last in RESERVED.get(name, ()):
        inside = [at for at in borders(spec, before, after) if start <= at <= last]
        assert not [hex(at) for at in inside if type_at(spec, after, at) == "WB"]


@pytest.mark.parametrize("rest", ["keep", "UC"])
@pytest.mark.parametrize("name", HOSTS)
def test_mend_makes_nothing_but_ram_write_back(mtrrviz, name, rest):
    spec, before, after, is_exact = mended(mtrrviz, name, "--rest", rest)
    ram = [(r.start, r.end) for r in spec.regions if r.kind is RegionKind.RAM]
    assert not [hex(at) for at in made_write_back(spec, ram, before, after)]
    for start, last in RESERVED.get(name, ()):
        inside = [at for at in borders(spec, before, after) if start <= at <= last]
        inside += [start, last & -4096]
        assert not [hex(at) for at in inside if type_at(spec, after, at) == "WB"]
    for start, last in KEPT.get(name, ()) if is_exact else ():
        assert not [hex(at) for at in not_write_back(spec, [(start, last + 1)], after)]


@pytest.mark.parametrize("name", HOSTS)
def test_mend_keeps_all_ram_write_back_or_says_what_would(mtrrviz, name):
    spec, _, after, is_exact = mended(mtrrviz, name)
    ram = [(r.start, r.end) for r in spec.regions if r.kind is RegionKind.RAM]
    if is_exact:
        assert not [hex(at) for at in not_write_back(spec, ram, after)]
    else:
        assert "has an exact answer" in mtrrviz("solve", path_of(name)).out


def test_tom2_that_the_kernel_counts_saves_pairs_above_4_gib(mtrrviz):
    spec, _, after, is_exact = mended(mtrrviz, "k07-caller-column")
    assert is_exact
    assert spec.tom2_end == 0x7_DE30_0000
    assert type_at(spec, after, 0x7_DE2F_F000) == "WB"


@pytest.mark.parametrize("name", REFUSED)
def test_mend_refuses_where_nothing_tells_what_may_be_write_back(mtrrviz, name):
    outcome = mtrrviz("solve", path_of(name))
    assert outcome.code == 2
    assert outcome.out == ""
    assert "mtrr=debug" in outcome.err


def test_a_large_host_is_told_what_has_an_exact_answer(mtrrviz):
    asked = ("solve", path_of("k10-big-host"), "--rest", "UC")
    assert mtrrviz(*asked).code == 0
    outcome = mtrrviz(*asked, "--pairs", "4")
    assert outcome.code == 1
    assert "--rest any has an exact answer: " in outcome.out
    assert "--rest keep has an exact answer: 2 of 10 variable pairs" in outcome.out
    assert "--pairs 10 has an exact answer: " in outcome.out
    assert mtrrviz("solve", path_of("k10-big-host"), "--rest", "any", "--pairs", "4").code == 0
    aside = mtrrviz(*asked, "--pairs", "4", "--format", "wrmsr")
    assert "has an exact answer" in aside.err
    assert "has an exact answer" not in aside.out


def test_as_many_pairs_as_the_machine_has_may_be_used(mtrrviz):
    assert mtrrviz("solve", path_of("k09-ten-pairs"), "--pairs", "10").code == 0
    refused = mtrrviz("solve", path_of("k09-ten-pairs"), "--pairs", "11")
    assert refused.code == 2
    assert "the machine has 10 variable pairs (expected 0 to 10)" in refused.err


def test_a_script_says_which_machine_it_is_for(mtrrviz):
    out = mtrrviz("solve", path_of("k09-ten-pairs"), "--format", "wrmsr").out
    assert "# For a real machine with 10 variable pairs." in out
    assert "KVM" not in out
    guest = mtrrviz("solve", path_of("k07-quoted-printable"), "--format", "wrmsr").out
    assert "# For a guest under KVM with 8 variable pairs." in guest


def test_fixed_registers_that_a_log_does_not_show_are_in_no_script(mtrrviz):
    out = mtrrviz("solve", path_of("k06-lost-ram"), "--format", "wrmsr").out
    assert not [msr for msr in FIXED_MSRS if f"wrmsr -a {msr:#x} " in out]


def test_what_follows_from_registers_that_nobody_told_is_said(mtrrviz):
    words = "what is reserved, and what no map names, becomes UC: its present type is not known"
    assert words in mtrrviz("solve", path_of("k13-xen-dom0")).out
    aside = mtrrviz("solve", path_of("k13-xen-dom0"), "--format", "json")
    assert words in aside.err
    assert words not in aside.out
    assert "nothing tells" not in mtrrviz("solve", path_of("k01-uc-hole-over-wb")).out

"""`mtrrviz check` and `mtrrviz solve`: what they print, their exit codes, what they refuse."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mtrrviz.analysis.checks import RULES
from tests.cli.sarif_form import check_form


def test_problems_are_exit_code_1_and_notes_0(mtrrviz):
    bad = mtrrviz("check", "range-moved")
    assert bad.code == 1
    assert bad.out.startswith("error: vCPU 1 differs from vCPU 0")
    assert "[stale-leaves]" in bad.out
    notes = mtrrviz("check", "ovmf-8vcpu-2g")
    assert (notes.code, notes.out.splitlines()[-1]) == (0, "3 notes")


def test_time_vcpu_and_policy_are_heard(mtrrviz):
    assert "MTRRs are off" in mtrrviz("check", "ovmf-8vcpu-2g", "--at", "0").out
    assert "vCPU 1" not in mtrrviz("check", "range-moved", "--vcpu", "0").out
    out = mtrrviz("check", "range-moved", "--vcpu", "1", "--policy", "kvm-6.11").out
    assert "note: MTRRs are off on vCPU 1" in out


def test_json_has_the_documented_keys_in_order(mtrrviz):
    problems = json.loads(mtrrviz("check", "range-moved", "--json").out)
    text = mtrrviz("check", "--help").out
    places = [text.index(f"\n  {key} ") for key in problems[0]]
    assert places == sorted(places)
    (stale,) = [problem for problem in problems if problem["rule"] == "stale-leaves"]
    assert (stale["start"], stale["event"]) == (0x100_0000, 6)


@pytest.mark.parametrize("name", ["range-moved", "small-machine", "ovmf-8vcpu-2g", "sandbox"])
def test_sarif_is_as_the_standard_wants_it(mtrrviz, name):
    log = json.loads(mtrrviz("check", name, "--sarif").out)
    check_form(log)
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert ids == list(RULES)
    assert run["results"]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == name


@pytest.mark.parametrize(
    ("break_it", "place"),
    [
        (lambda log: log.pop("version"), "log: {'version'} missing"),
        (lambda log: log["runs"][0]["tool"].clear(), r"tool: {'driver'} missing"),
        (lambda log: log["runs"][0].update(problems=[]), "{'problems'} not known"),
        (lambda log: log["runs"][0]["results"][0].update(level="fatal"), r"results\[0\].level"),
        (lambda log: log["runs"][0]["results"][0].update(ruleIndex="0"), "'0' is no int"),
    ],
)
def test_the_check_of_sarif_minds_what_is_wrong(mtrrviz, break_it, place):
    log = json.loads(mtrrviz("check", "range-moved", "--sarif").out)
    break_it(log)
    with pytest.raises(AssertionError, match=place):
        check_form(log)


def test_sarif_names_files_by_uri_and_registers_by_name(mtrrviz, tmp_path):
    path = tmp_path / "my machine.txt"
    path.write_text("0x2ff c06\n0x200 0\n0x201 ff40000800\n")
    outcome = mtrrviz("check", path, "--sarif", "--machine=guest")
    (run,) = json.loads(outcome.out)["runs"]
    (holes,) = [result for result in run["results"] if result["ruleId"] == "mask-holes"]
    (location,) = holes["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"].endswith("/my%20machine.txt")
    names = [place["fullyQualifiedName"] for place in location["logicalLocations"]]
    assert names == ["vcpu0.IA32_MTRR_PHYSBASE0", "vcpu0.IA32_MTRR_PHYSMASK0"]


def test_a_dump_is_checked_and_what_was_assumed_is_said_aside(mtrrviz, tmp_path):
    path = tmp_path / "dump.txt"
    path.write_text("0x2ff 800\n")
    outcome = mtrrviz("check", path, "--machine=guest")
    assert outcome.code == 1
    assert "are UC by default" in outcome.out
    assert "memory map" in outcome.err


def places(mtrrviz, *arguments):
    """Return (rule, address of the file, line) of each result."""
    log = json.loads(mtrrviz("check", *arguments, "--sarif").out)
    check_form(log)
    found = []
    for result in log["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        line = place.get("region", {}).get("startLine")
        found.append((result["ruleId"], place["artifactLocation"]["uri"], line))
    return found


def test_sarif_names_the_line_that_a_finding_rests_on(mtrrviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    iomem, msrs = tmp_path / "iomem.txt", tmp_path / "my msrs.txt"
    iomem.write_text("00000000-0009ffff : System RAM\n00100000-7fffffff : System RAM\n")
    msrs.write_text("0x200 40000000\n0x201 fffc0000800\n\n0x2ff c06\n")
    found = places(mtrrviz, iomem.name, msrs.name, "--machine", "host")
    assert ("host-device-cached", "my%20msrs.txt", 4) in found
    assert places(mtrrviz, iomem, msrs, "--machine", "host") == found
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    elsewhere = places(mtrrviz, "../iomem.txt", msrs, "--machine", "host")
    assert ("host-device-cached", msrs.as_uri(), 4) in elsewhere


def test_sarif_names_the_line_of_a_write_in_a_trace(mtrrviz):
    trace = Path(__file__).parents[1] / "data" / "samples" / "ftrace-6.18-kvm-mtrr.txt"
    lines = trace.read_text().splitlines()
    refused = [line for rule, _, line in places(mtrrviz, trace) if rule == "write-refused"]
    assert refused
    assert all("kvm_msr: msr_write" in lines[line - 1] for line in refused)
    assert all("#GP" in lines[line - 1] for line in refused)


def test_several_dumps_make_one_machine(mtrrviz, tmp_path):
    iomem, msrs = tmp_path / "iomem.txt", tmp_path / "msrs.txt"
    iomem.write_text("00000000-0009ffff : System RAM\n00100000-7fffffff : System RAM\n")
    msrs.write_text("0x2ff c06\n0x200 40000000\n0x201 ffc0000800\n")
    together = mtrrviz("check", str(iomem), str(msrs), "--json")
    assert together.code == 1
    assert "RAM" in json.loads(together.out)[0]["title"]
    assert "no memory map" in mtrrviz("check", str(msrs)).err
    assert "no memory map" not in together.err
    why = mtrrviz("explain", str(iomem), str(msrs), "0x4000_0000", "--json")
    assert json.loads(why.out)["region"]["end"] == 0x8000_0000
    assert "variable range 0" in why.out
    assert mtrrviz("solve", str(iomem), str(msrs)).code == 0
    dumps = (str(iomem), str(msrs), "--machine", "guest")
    for command in ("run", "compare"):
        outcome = mtrrviz(command, *dumps, "--json")
        assert (outcome.code, outcome.err.count("no memory map")) == (0, 0)
    exported = mtrrviz("export", *dumps, "--what", "ranges", "--format", "json")
    assert any(row["region"] == "RAM" for row in json.loads(exported.out)["rows"])


def test_no_problems_at_all(mtrrviz, tmp_path):
    path = tmp_path / "good.txt"
    fixed = [f"{msr:#x} 606060606060606" for msr in (0x250, 0x258, *range(0x268, 0x270))]
    pair = ["0x200 80000000", "0x201 ff80000800"]
    path.write_text("\n".join([*fixed, *pair, "0x277 407050600070106", "0x2ff c06"]))
    outcome = mtrrviz("check", path, "--machine=guest")
    assert (outcome.code, outcome.out) == (0, "no problems found\n")


def test_mend_prints_the_fewest_registers(mtrrviz):
    outcome = mtrrviz("solve", "ovmf-8vcpu-2g")
    assert outcome.code == 0
    assert "1 of 8 variable pairs, default type UC" in outcome.out
    assert "IA32_MTRR_PHYSBASE0" in outcome.out


def test_mend_says_what_the_machine_has_at_a_time(mtrrviz):
    assert "0 of 8 pairs in use" in mtrrviz("solve", "ovmf-8vcpu-2g", "--at", "0").out
    assert "2 of 8 pairs in use" in mtrrviz("solve", "ovmf-8vcpu-2g").out


def test_mend_says_with_1_that_it_cannot_be_done(mtrrviz):
    outcome = mtrrviz("solve", "ovmf-8vcpu-16g", "--pairs", "1", "--default", "UC")
    assert outcome.code == 1
    assert "takes 4 pairs, at most 1 may be used" in outcome.out


def test_mend_makes_no_range_smaller_than_it_may(mtrrviz, tmp_path):
    path = tmp_path / "wanted.txt"
    path.write_text("0 3GiB WB\n0xc0000000 1MiB WC\n")
    arguments = ("solve", "sandbox", "--map", path, "--no-fixed")
    assert mtrrviz(*arguments).code == 0
    outcome = mtrrviz(*arguments, "--smallest", "2MiB")
    assert outcome.code == 1
    assert "no number of ranges that large gives the map" in outcome.out


def test_mend_takes_a_map_from_a_file(mtrrviz, tmp_path):
    path = tmp_path / "wanted.txt"
    path.write_text("0 1GiB WB\n1GiB 1GiB WT\n")
    outcome = mtrrviz("solve", "sandbox", "--map", path, "--no-fixed", "--format", "json")
    value = json.loads(outcome.out)
    assert (value["exact"], value["fixed_ranges"]) == (True, False)
    assert [one["type"] for one in value["ranges"]] == ["WB", "WT"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check"], "FILE"),
        (["check", "nonesuch"], "nonesuch"),
        (["check", "sandbox", "--vcpu", "9"], "no vCPU 9"),
        (["check", "sandbox", "--json", "--sarif"], "not allowed with"),
        (["check", "sandbox", "--at", "99"], "ends at 10 s"),
        (["solve", "sandbox", "--pairs", "9"], "the machine has 8 variable pairs"),
        (["solve", "sandbox", "--smallest", "3MiB"], "not a power of two"),
        (["solve", "sandbox", "--smallest", "big"], "'big' is not a size"),
        (["solve", "sandbox", "--format", "pdf"], "invalid choice"),
        (["solve", "sandbox", "--default", "XX"], "invalid choice"),
        (["solve", "sandbox", "--map", "/nonesuch"], "/nonesuch"),
    ],
)
def test_wrong_input_is_one_line(refused, arguments, words):
    assert words in refused(*arguments)


def test_a_map_that_is_too_large_is_one_line(refused, tmp_path):
    path = tmp_path / "wanted.txt"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    assert "larger than 64 MiB" in refused("solve", "sandbox", "--map", path)


def test_mend_takes_a_memory_map_that_a_machine_printed(mtrrviz, tmp_path):
    path = tmp_path / "e820.txt"
    path.write_text("BIOS-e820: [mem 0x0000000000000000-0x000000003fffffff] usable\n")
    outcome = mtrrviz("solve", "sandbox", "--map", path)
    assert outcome.code == 0
    assert "1 GiB at 0x0, WB" in outcome.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "wanted.txt"),
        (b"rdmsr 0x2ff\nc06\n", "no memory map in it"),
        (b"0 1GiB XX", "line 1"),
        (b"0 2TiB WB", "beyond the guest's physical addresses"),
    ],
)
def test_wrong_maps_are_one_line(refused, tmp_path, content, words):
    path = tmp_path / "wanted.txt"
    path.write_bytes(content)
    assert words in refused("solve", "sandbox", "--map", path)


def test_a_map_in_a_pipe_that_nobody_writes_is_refused(refused, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = refused("solve", "sandbox", "--map", pipe)
    assert f"{pipe}: this is a pipe, and nothing writes into it" in words


def test_a_map_that_breaks_off_is_named(refused, tmp_path):
    assert "/proc/self/mem: Input/output error" in refused(
        "solve", "sandbox", "--map", "/proc/self/mem"
    )


def test_a_map_of_very_many_rows_is_refused_before_they_are_kept(refused, tmp_path):
    path = tmp_path / "map"
    path.write_text("0x0 4KiB WB\n" * 400_000)
    assert f"{path}: larger than 4 MiB" in refused("solve", "sandbox", "--map", path)

"""`mtrrviz explain`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FIELD = Path(__file__).parent.parent / "data" / "samples" / "field"


def test_it_marks_the_one_rule_that_decides(mtrrviz):
    lines = mtrrviz("explain", "ovmf-8vcpu-2g", "0xC000_0000").out.splitlines()
    (marked,) = [line for line in lines if line.startswith("->")]
    assert "variable range 0, 2 GiB at 0x8000_0000, UC" in marked
    assert any(line.startswith("mapped now  UC, IPAT 0: 2 MiB") for line in lines)


def test_json_says_the_same_to_programs(mtrrviz):
    answer = json.loads(mtrrviz("explain", "ovmf-8vcpu-2g", "3GiB", "--json").out)
    (decisive,) = [step for step in answer["steps"] if step["decides"]]
    assert (decisive["kind"], decisive["register"]) == ("variable", "IA32_MTRR_PHYSBASE0")
    assert answer["next_fault"] == {"type": "UC", "ipat": 0, "level": 2}
    assert (answer["gpa"], answer["gfn"], answer["region"]["kind"]) == (
        3 << 30,
        3 << 18,
        "device-ram",
    )


def test_help_documents_every_key_in_order(mtrrviz):
    answer = json.loads(mtrrviz("explain", "sandbox", "0", "--json").out)
    text = mtrrviz("explain", "--help").out
    places = [text.index(f"\n  {key} ") for key in answer]
    assert places == sorted(places)


def test_cr0_has_a_name_and_no_msr_number(mtrrviz):
    answer = json.loads(mtrrviz("explain", "sandbox", "0", "--json").out)
    (step,) = [step for step in answer["steps"] if step["kind"] == "cd"]
    assert (step["register"], step["msr"], step["decides"]) == ("CR0", None, True)


def test_time_vcpu_and_policy_are_heard(mtrrviz):
    arguments = ("--at", "1s", "--vcpu", "1", "--policy", "per-vm")
    out = mtrrviz("explain", "small-machine", "2MiB", *arguments).out
    assert "fault by vCPU 1 at 1.000 s, policy per-vm" in out
    assert "the MTRRs of vCPU 0 count, though vCPU 1 faults" in out


def test_a_stale_leaf_is_called_so(mtrrviz):
    arguments = ("--at", "2", "--vcpu", "4")
    out = mtrrviz("explain", "ovmf-8vcpu-2g", "0x7fe0_0000", *arguments).out
    assert "\nstale " in out
    assert "mapped now  WB, IPAT 1" in out


def test_the_text_tells_since_when_and_what_the_pat_makes_of_it(mtrrviz):
    out = mtrrviz("explain", "small-machine", "33MiB", "--at", "1.1").out
    (marked,) = [line for line in out.splitlines() if line.startswith("->")]
    assert marked.endswith("[since 280.000 ms, firmware]")
    assert "guest PAT of vCPU 0 = 0x" in out
    assert sum(line.startswith("  PA") for line in out.splitlines()) == 8
    assert "vCPU 0   refault: 4 KiB leaf, WT, IPAT 0" in out


def test_json_points_at_field_range_and_event(mtrrviz):
    answer = json.loads(mtrrviz("explain", "small-machine", "33MiB", "--at", "1.1", "--json").out)
    (step,) = [step for step in answer["steps"] if step["decides"]]
    assert (step["vcpu"], step["field"]) == (0, "Type")
    assert (step["start"], step["end"]) == (0, 2 << 30)
    assert isinstance(step["event"], int)
    assert [entry["entry"] for entry in answer["pat"]["entries"]] == list(range(8))
    assert set(answer["pat"]["notes"]) == {"2"}
    assert {moment["kind"] for moment in answer["moments"]} == {"fault", "zap"}
    assert answer["hardware"] == "WB"


def test_a_page_without_a_slot(mtrrviz):
    out = mtrrviz("explain", "sandbox", "0xA0000").out
    assert "no memory slot" in out
    assert "next fault  makes no leaf" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "FILE, GPA"),
        (["sandbox"], "GPA"),
        (["sandbox", "here"], "'here' is not an address"),
        (["sandbox", "0x1_0000_0000_0000_0000"], "64 bits"),
        (["sandbox", "1TiB"], "beyond this guest's physical addresses"),
        (["sandbox", "0", "--vcpu", "4"], "no vCPU 4"),
        (["sandbox", "0", "--vcpu", "one"], "'one' is not a vCPU number"),
        (["sandbox", "0", "--at", "soon"], "'soon' is not a time"),
        (["sandbox", "0", "--at", "nan"], "'nan' is not a time"),
        (["sandbox", "0", "--at=-1"], "'-1' is not a time"),
        (["sandbox", "0", "--at", "10.5"], "ends at 10 s"),
        (["sandbox", "0", "--policy", "nonesuch"], "nonesuch"),
        (["nonesuch", "0"], "nonesuch"),
    ],
)
def test_wrong_input_is_one_line(refused, arguments, words):
    assert words in refused("explain", *arguments)


def test_an_imported_real_machine_tells_no_time(mtrrviz):
    out = mtrrviz("explain", FIELD / "k03-high-ram-without-map.txt", "0x7800_0000").out
    assert "MTRR type   UC" in out
    assert "[since" not in out

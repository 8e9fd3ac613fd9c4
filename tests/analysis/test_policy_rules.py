"""The rules found by asking each policy, against the table of what they are."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.policy_rules import policy_rules, story
from mtrrviz.core.policies import get_policy, policy_ids
from tests.core.policies.policy_table import ROWS

_LEAF = {"WB": "WB, IPAT 0", "WB+I": "WB, IPAT 1", "UC+I": "UC, IPAT 1"}
_WHOSE = {
    "own": "the faulting vCPU's MTRR type, IPAT 0",
    "vcpu0": "vCPU 0's MTRR type, IPAT 0",
    "WB": "WB, IPAT 0",
}
_EDGE = {"-": "nothing", "all": "all memory", "all~": "all memory", "non-WB": "what is not WB"}
_PART = "the range written"
_WRITES = {
    "any": [_PART, _PART, _PART],
    "vcpu0": [_PART, "nothing", _PART],
    "CD=0": [_PART, _PART, "nothing"],
    "-": ["nothing", "nothing", "nothing"],
}


def answers(policy_id):
    return [rule.answer for rule in policy_rules(get_policy(policy_id))]


@pytest.mark.parametrize("policy_id", policy_ids())
def test_the_rules_are_those_of_the_table(policy_id):
    cells = ROWS[policy_id].cells
    wanted = [
        "UC, IPAT 0",
        _LEAF[cells["none"]],
        _LEAF[cells["CD=1"]],
        _LEAF[cells["CD=1 off"]],
        _WHOSE[cells["CD=0"]],
        "only where types do not mix" if cells["levels"] == "yes" else "anywhere",
        *_WRITES[cells["writes"]],
        _EDGE[cells["edge"]],
        _EDGE[cells["edge off"]],
        "all memory" if cells["dma"] == "yes" else "nothing",
        f"for {cells['lock']}",
        cells["ser"],
        cells["cut"],
    ]
    assert [answer.partition(";")[0] for answer in answers(policy_id)] == wanted


def test_other_hosts_and_vmms_are_named_where_they_matter():
    assert answers("self-snoop")[1] == "WB, IPAT 0; without self-snoop: WB, IPAT 1"
    assert answers("kvm-6.16")[11] == "all memory; IGNORE_GUEST_PAT off: nothing"
    assert not any(";" in answer for answer in answers("kvm-6.7"))


def test_a_switch_shows_in_the_rules():
    plain, switched = answers("per-vm"), answers("per-vm:sdm-lookup")
    changed = [two for one, two in zip(plain, switched, strict=True) if one != two]
    assert changed == ["vCPU 0's MTRR type, by the SDM, IPAT 0"]


def test_a_story_has_all_its_parts():
    told = dict(story(get_policy("per-vm")))
    assert list(told) == [
        "What it does", "What it changed", "Why it came", "What became of it", "Source"
    ]  # fmt: skip
    assert all(told.values())

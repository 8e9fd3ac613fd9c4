"""The registry of policies and what each says of itself."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.machine import Machine
from mtrrviz.core.policies import get_policy, policy_ids


def test_the_first_two_are_known() -> None:
    assert policy_ids()[:2] == ("per-vcpu", "per-vm")


def test_an_unknown_policy_is_answered_with_the_known_ones() -> None:
    with pytest.raises(MtrrvizError, match="'nope'; known are per-vcpu, per-vm"):
        get_policy("nope")
    with pytest.raises(MtrrvizError, match="nope"):
        Machine(1, "nope")


@pytest.mark.parametrize("policy_id", policy_ids())
def test_each_describes_itself(policy_id: str) -> None:
    policy = get_policy(policy_id)
    assert policy.id == policy_id
    assert all((policy.title, policy.versions, policy.summary, policy.defects, policy.source))


def test_a_policy_object_does_as_well_as_its_id() -> None:
    assert Machine(1, get_policy("per-vm")).policy is Machine(1, "per-vm").policy

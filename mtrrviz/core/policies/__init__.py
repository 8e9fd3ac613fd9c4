"""The registry of policies: one module a policy, listed once in ``_POLICIES``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies.per_vcpu import PerVcpu
from mtrrviz.core.policies.per_vm import PerVm

if TYPE_CHECKING:
    from mtrrviz.core.policy import Policy

_POLICIES: tuple[Policy, ...] = (PerVcpu(), PerVm())
_BY_ID = {policy.id: policy for policy in _POLICIES}


def policy_ids() -> tuple[str, ...]:
    """Return the ids of all policies, oldest KVM version first."""
    return tuple(_BY_ID)


def get_policy(policy_id: str) -> Policy:
    """Return the policy with this id; MtrrvizError names the known ids if there is none."""
    try:
        return _BY_ID[policy_id]
    except KeyError:
        known = ", ".join(_BY_ID)
        raise MtrrvizError(f"unknown policy {policy_id!r}; known are {known}") from None

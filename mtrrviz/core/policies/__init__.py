"""The registry of policies: a file each, or one for several of a kind, listed once here.

Plug-ins add theirs after these.
"""

from __future__ import annotations

from functools import cache

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.kvm_rules.policy import Policy
from mtrrviz.core.plugins import POLICIES, plugins
from mtrrviz.core.policies.bare_metal import Hardware
from mtrrviz.core.policies.cd_toggle import CdToggle
from mtrrviz.core.policies.fine_grained import FineGrained
from mtrrviz.core.policies.kvm_6_7 import Kvm67
from mtrrviz.core.policies.kvm_6_11 import Kvm611
from mtrrviz.core.policies.kvm_6_16 import Kvm616
from mtrrviz.core.policies.per_vcpu import PerVcpu
from mtrrviz.core.policies.per_vm import PerVm
from mtrrviz.core.policies.self_snoop import SelfSnoop
from mtrrviz.core.policies.serialized import Serialized
from mtrrviz.core.policies.shared_lock import FineGrainedShared, SharedLock, SlotSplitShared
from mtrrviz.core.policies.slot_split import SlotSplit
from mtrrviz.core.wording.slips import did_you_mean

_CLASSES: tuple[type[Policy], ...] = (
    PerVcpu,
    PerVm,
    CdToggle,
    Serialized,
    FineGrained,
    SlotSplit,
    SharedLock,
    FineGrainedShared,
    SlotSplitShared,
    Kvm67,
    Kvm611,
    SelfSnoop,
    Kvm616,
)
_BY_ID: dict[str, Policy] = {policy.id: policy for policy in (kind() for kind in _CLASSES)}
_SWITCHED: dict[str, Policy] = {}

HARDWARE = Hardware()
"""What answers for a real machine in place of a policy; no guest can be run under it."""

DEFAULT_POLICY_ID = PerVcpu.id
"""What KVM did in most of its versions that honour MTRRs."""

DEFAULT_COMPARED_ID = PerVm.id
"""What it is first compared with."""


def policy_ids() -> tuple[str, ...]:
    """Return the ids of all policies of KVM, in the order in which they were written or merged.

    Those of plug-ins come last.
    """
    return (*_BY_ID, *_added())


@cache
def _added() -> dict[str, Policy]:
    """Return the policies of plug-ins by id."""
    added: dict[str, Policy] = {}

    def take(_words: str, found: object) -> None:
        policy = found() if isinstance(found, type) else found
        if not isinstance(policy, Policy):
            raise MtrrvizError(f"{policy!r} is no policy (expected a subclass of mtrrviz.Policy)")
        if not policy.id or ":" in policy.id or policy.id in (*_BY_ID, HARDWARE.id, *added):
            raise MtrrvizError(f"the id {policy.id!r} is taken or none (expected one of its own)")
        added[policy.id] = policy

    plugins(POLICIES, take)
    return added


def compared_with(policy_id: str, before_id: str, compared_id: str) -> str:
    """Return what a policy that is used from now on is compared with.

    That stays ``compared_id``, but for this policy itself: then it is the one used before.
    """
    return before_id if policy_id == compared_id else compared_id


def get_policy(policy_id: str) -> Policy:
    """Return the policy with this id; "id:switch:switch" has some of its switches on.

    MtrrvizError names the known ids, or the policy's switches, if there is no such one. Equal ids
    give the same object, the order of switches aside.
    """
    if policy_id == HARDWARE.id:
        return HARDWARE
    name, *switch_ids = policy_id.split(":")
    policy = _BY_ID.get(name) or _added().get(name)
    if policy is None:
        known = ", ".join(policy_ids())
        meant = did_you_mean(name, policy_ids())
        raise MtrrvizError(f"unknown policy {policy_id!r}; {meant}known are {known}")
    if not switch_ids:
        return policy
    switched = type(policy)(*switch_ids)
    return _SWITCHED.setdefault(switched.id, switched)

"""The registry of policies: a file each, or one for several of a kind, listed once here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
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

if TYPE_CHECKING:
    from mtrrviz.core.policy import Policy

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
    """Return the ids of all policies of KVM, in the order in which they were written or merged."""
    return tuple(_BY_ID)


def get_policy(policy_id: str) -> Policy:
    """Return the policy with this id; "id:switch:switch" has some of its switches on.

    MtrrvizError names the known ids, or the policy's switches, if there is no such one. Equal ids
    give the same object, the order of switches aside.
    """
    if policy_id == HARDWARE.id:
        return HARDWARE
    name, *switch_ids = policy_id.split(":")
    if name not in _BY_ID:
        known = ", ".join(_BY_ID)
        raise MtrrvizError(f"unknown policy {policy_id!r}; known are {known}")
    if not switch_ids:
        return _BY_ID[name]
    switched = type(_BY_ID[name])(*switch_ids)
    return _SWITCHED.setdefault(switched.id, switched)

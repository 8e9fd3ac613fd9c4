"""A policy: only the MTRRs of vCPU 0 count, and only its writes zap."""

from __future__ import annotations

import mtrrviz
from mtrrviz.core.kvm_rules.zap_rules import WrittenRange


class Lazy(mtrrviz.Policy):
    """As Linux 4.2 to 6.6, but for what vCPU 0 alone decides."""

    id = "lazy"
    title = "vCPU 0 decides"
    versions = "none; an example"
    summary = "Only vCPU 0's MTRRs count, and only its writes zap."
    owner = 0
    write_rule = WrittenRange(only_vcpu=0)


class Twice(Lazy):
    """Broken: its id is the one of a policy of KVM."""

    id = "per-vm"

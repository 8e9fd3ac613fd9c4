"""No KVM at all: a real machine, whose processors read their own MTRRs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.kvm_rules.leaf_rules import AlwaysMtrrs
from mtrrviz.core.kvm_rules.policy import Policy, Switch
from mtrrviz.core.kvm_rules.zap_rules import NoZap
from mtrrviz.core.sdm.hardware import hardware_layout

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.vm_view import VmView
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.core.sdm.sdm_types import SdmLayout


class Hardware(Policy):
    """A real machine answers: every address has a type, no leaf is made, nothing is zapped."""

    id = "hardware"
    title = "Hardware"
    versions = "no KVM: a real machine"
    summary = (
        "Every address has the type that the CPU's own MTRRs give it: UC wins over all, WT over "
        "WB, fixed ranges decide below 1 MiB. No hypervisor is in between."
    )
    changed = "There is no KVM that could read the MTRRs its own way."
    why = "This is what MTRRs are for."
    fate = "In every x86 processor since the Pentium Pro."
    source = "SDM vol. 3A, 12.11; AMD64 APM vol. 2, 7.7 and 7.9"

    leaf_rule = AlwaysMtrrs()
    limits_levels = False
    write_rule = NoZap()
    cd_rule = NoZap()
    dma_rule = NoZap()

    @property
    def switches(self) -> tuple[Switch, ...]:
        """Return none: the only lookup of a processor is the SDM's."""
        return ()

    def sdm_layout(self, vm: VmView, state: MtrrState) -> SdmLayout:
        """Return what the processor's own lookup depends on."""
        return hardware_layout(state, vm.tom2_end)

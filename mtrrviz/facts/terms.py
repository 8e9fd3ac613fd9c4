"""What things are called: a guest's machine and a real one have the same parts by other names.

Whatever speaks of either takes its nouns from here, so that no view asks which of them is open.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from mtrrviz.core.record import Record
from mtrrviz.scenario.machine_spec import MachineKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mtrrviz.scenario.machine_spec import MachineSpec


class Terms(Record, dict=True):
    """The nouns for one kind of machine. Texts name them in braces: "Next {cpu}".

    ``cpu`` is a processor, ``cpu_key`` the same in filters, ``address`` what is inspected,
    ``space`` all of these, ``types`` what the map shows, ``source`` where a page's type comes from
    before the PAT, ``pat`` the PAT, ``kinds`` the kinds of events as filters name them, ``kind``
    one of these.
    """

    cpu: str
    cpu_key: str
    address: str
    space: str
    types: str
    source: str
    pat: str
    kinds: str
    kind: str

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The nouns by name, as tables take them for their titles."""
        return asdict(self)

    def fill(self, text: str) -> str:
        """Return a text with the nouns that it names in braces."""
        return text.format_map(self.names)

    def title(self, text: str) -> str:
        """Return a filled text that begins with a capital."""
        filled = self.fill(text)
        return filled[:1].upper() + filled[1:]


_TERMS = {
    MachineKind.GUEST: Terms(
        cpu="vCPU",
        cpu_key="vcpu",
        address="guest physical address",
        space="guest physical address space",
        types="EPT map",
        source="EPT entry",
        pat="guest PAT",
        kinds="wrmsr, vmm-wrmsr, mov-cr0, init, dma-attach, dma-detach, disable-cd-nw-quirk, "
        "disable-ignore-guest-pat, note",
        kind="zap",
    ),
    MachineKind.HOST: Terms(
        cpu="CPU",
        cpu_key="cpu",
        address="physical address",
        space="physical address space",
        types="map of memory types",
        source="MTRRs",
        pat="PAT",
        kinds="initial value, wrmsr, mov-cr0, init, note",
        kind="initial",
    ),
}

GUEST_TERMS, HOST_TERMS = _TERMS[MachineKind.GUEST], _TERMS[MachineKind.HOST]
"""Both sets of nouns, for where no machine is at hand; help of the command line is on guests."""


def terms_of(machine: MachineSpec) -> Terms:
    """Return the nouns for a machine."""
    return _TERMS[machine.kind]

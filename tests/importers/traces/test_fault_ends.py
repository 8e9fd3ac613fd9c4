"""Page faults of a trace at the ends of what they may hold."""

from __future__ import annotations

from mtrrviz.importers import NoteKind
from tests.importers.helpers import imported, texts

HEAD = "   qemu-5745   [000] .....  100.000001: "


def test_one_address_that_is_virtual_leaves_the_physical_ones_up_to_the_last_page():
    addresses = (0x1000, (1 << 52) - 1, 1 << 52)
    faults = [f"{HEAD}kvm_page_fault: address {one:x} error_code 2\n" for one in addresses]
    result = imported(f"{HEAD}kvm_msr: msr_write 2ff = 0xc06\n" + "".join(faults))
    assert result.scenario.touches.gfn.tolist() == [1, (1 << 40) - 1]
    assert "beyond 52-bit addresses" in texts(result, NoteKind.WARNING)


def test_what_a_narrower_machine_cannot_have_is_left_out_and_told():
    faults = [f"{HEAD}kvm_page_fault: address {one:x} error_code 2\n" for one in (0x1000, 1 << 40)]
    text = f"{HEAD}kvm_msr: msr_write 2ff = 0xc06\n" + "".join(faults)
    result = imported(text, maxphyaddr=40)
    assert result.scenario.touches.gfn.tolist() == [1]
    assert "1 row of a trace beyond 40-bit addresses: left out" in texts(result, NoteKind.WARNING)

"""What the page on adding to the program shows works as it is said there."""

from __future__ import annotations

from typing import Any

import pytest

from mtrrviz.analysis.checks import rule_registry
from mtrrviz.core.machine import Machine
from mtrrviz.importers import registry
from mtrrviz.importers.reading import import_texts
from tests.handbook.blocks import ROOT, blocks_of

PAGE = ROOT / "docs" / "manual" / "adding.md"
POLICY, FORMAT, CHECK = (block.text for block in blocks_of(PAGE) if block.language == "python")


def run(text: str) -> dict[str, Any]:
    """Return the names that a block makes."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(text, PAGE, "exec"), names)  # of our own documents
    return names


def test_the_policy_ignores_mtrrs_and_zaps_for_nothing():
    machine = Machine(2, run(POLICY)["OnlyDevices"](), maxphyaddr=36)
    machine.attach_noncoherent_dma()
    machine.write_msr(0, 0x2FF, 0xC06)
    assert machine.zap_requests == 0
    assert machine.leaf(1, 0x1000) == (6, 0)


def test_the_format_is_recognised_and_read(monkeypatch):
    monkeypatch.setattr(registry, "FORMATS", (run(FORMAT)["FORMAT"],))
    text = b"range 0 from 0 size 80000000 is WB\n"
    chosen = registry.recognise(text.decode().splitlines())
    assert [found.format.id for found in chosen] == ["range-lines"]
    imported = import_texts([("a", text)], "range-lines")
    state = imported.scenario
    values = {event.register: event.value for event in state.events}
    assert (values[0x200], values[0x201] & 0xFFFF_FFFF) == (0x6, 0x8000_0800)


@pytest.mark.parametrize(("devices", "found"), [(8, []), (9, ["9 devices have non-coherent DMA"])])
def test_the_check_finds_something_from_nine_devices_on(monkeypatch, devices, found):
    monkeypatch.setattr(rule_registry, "RULES", {})
    find = run(CHECK)["many_devices"]
    machine = Machine(1, "per-vcpu")
    for _ in range(devices):
        machine.attach_noncoherent_dma()
    subject = type("Subject", (), {"machine": machine})
    assert [one.title for one in find(subject)] == found
    assert "many-devices" in rule_registry.RULES

"""Where the document looks when a user follows a step of an explanation."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.explaining.explanation import Step
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.scenario.events import EventKind
from mtrrviz.session.document import Document
from mtrrviz.session.pointing import has_target, show_event, show_step, target_of
from mtrrviz.session.registers.register_writes import can_go_as_kernel
from mtrrviz.session.selection import Selection
from tests.session.booting import DEFTYPE, EVENTS, MS, PAT, boot

DEVICES = Step("dma", "a device")
DEFAULT = Step("default", "the default type", msr=DEFTYPE, vcpu=1, field="E")
PLACE = Step("region", "a device's memory", gfns=(0x80, 0x100))


@pytest.fixture
def document():
    document = Document(boot())
    document.set_playhead(1300 * MS)
    return document


def number_of(time_ms, kind):
    return next(i for i, e in enumerate(EVENTS) if (e.time_ns, e.kind) == (time_ms * MS, kind))


def test_only_steps_that_speak_of_something_can_be_followed():
    assert has_target(DEVICES)
    assert has_target(DEFAULT)
    assert has_target(PLACE)
    assert not has_target(Step("policy", "in words"))
    assert target_of(PLACE) == Selection(gfns=(0x80, 0x100))
    assert target_of(DEFAULT) == Selection(1, DEFTYPE, "E")


def test_a_step_on_a_register_selects_its_vcpu_and_the_last_write_of_it(document):
    words = show_step(document, DEFAULT)
    assert document.vcpu == 1
    event = number_of(600, EventKind.WRMSR)
    assert document.selection == Selection(1, DEFTYPE, "E", None, event)
    assert document.playhead_ns == 1300 * MS
    assert REGISTERS[DEFTYPE].name in words
    assert "vCPU 1" in words


def test_a_step_on_addresses_names_first_and_last_byte(document):
    assert show_step(document, PLACE) == "0x8_0000 to 0xf_ffff"
    assert document.selection == Selection(gfns=(0x80, 0x100))
    assert document.vcpu == 0


def test_a_step_on_devices_goes_to_the_last_one_that_came_or_went(document):
    event = number_of(1000, EventKind.DMA_DETACH)
    assert show_step(document, DEVICES).startswith(f"Event {event + 1} at ")
    assert document.playhead_ns == 1000 * MS
    assert document.selection == Selection(event=event)


def test_what_no_event_set_leaves_the_playhead_where_it_is(document):
    document.set_playhead(700 * MS)
    for show in (show_step, show_event):
        assert "from the start" in show(document, DEVICES)
        assert document.playhead_ns == 700 * MS


def test_the_event_behind_a_register_is_gone_to(document):
    event = number_of(600, EventKind.WRMSR)
    assert show_event(document, DEFAULT).startswith(f"Event {event + 1} at ")
    assert document.playhead_ns == 600 * MS
    assert document.selection == Selection(1, DEFTYPE, "E", None, event)


def test_the_kernels_sequence_carries_mtrrs_and_pat_but_neither_cr0_nor_what_is_read_only():
    assert [can_go_as_kernel(msr) for msr in (DEFTYPE, 0x200, PAT, CR0_ID, 0xFE)] == [
        *(True, True, True, False, False)
    ]

"""Events on the clipboard are checked, whoever put them there."""

from __future__ import annotations

import json

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.session.exchange.event_clip import events_from_clip, events_to_clip
from tests.session.booting import EVENTS

WIDE = Event(7, EventKind.WRMSR, 3, 0x277, (1 << 64) - 1, "user", "\u00e9\n")


def test_they_come_back_as_they_were():
    assert events_from_clip(events_to_clip([*EVENTS, WIDE])) == [*EVENTS, WIDE]


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[" * 100_000,
        b"\xff",
        b"{}",
        json.dumps([{"time_ns": -1, "kind": "init"}]).encode(),
        json.dumps([{"time_ns": 0.5, "kind": "init"}]).encode(),
        json.dumps([{"time_ns": 0, "kind": "reset"}]).encode(),
        json.dumps([{"time_ns": 0, "kind": "wrmsr", "register": 0x10}]).encode(),
        json.dumps([{"time_ns": 0, "kind": "wrmsr", "register": 0x2FF, "value": "0x"}]).encode(),
        json.dumps([{"time_ns": 0, "kind": "init", "vcpu": 255}]).encode(),
        json.dumps([{"time_ns": 0, "kind": "init", "more": 1}]).encode(),
    ],
)
def test_anything_else_is_refused(wrong):
    with pytest.raises(MtrrvizError, match="clipboard"):
        events_from_clip(wrong)

"""Events on the clipboard: as JSON, checked when they are pasted, whoever put them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.events import KNOWN_MSRS, MSR_KINDS, Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The clipboard's name of such data.
MIME_TYPE = "application/x-mtrrviz-events+json"
_MOST_BYTES = 64 << 20
_WORD = Annotated[int, Meta(ge=0)]


class _ClipEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event as it lies on the clipboard; the value is hex text, since JSON has no 64 bits."""

    time_ns: Annotated[int, Meta(ge=0, le=86_400_000_000_000)]
    kind: EventKind
    vcpu: Annotated[int, Meta(ge=0, lt=255)] = 0
    register: _WORD = 0
    value: Annotated[str, Meta(pattern=r"^0x[0-9a-f]{1,16}$")] = "0x0"
    origin: Annotated[str, Meta(max_length=10_000)] = ""
    text: Annotated[str, Meta(max_length=10_000)] = ""


def events_to_clip(events: Iterable[Event]) -> bytes:
    """Return events as data for the clipboard."""
    return msgspec.json.encode(
        [
            _ClipEvent(e.time_ns, e.kind, e.vcpu, e.register, hex(e.value), e.origin, e.text)
            for e in events
        ]
    )


def events_from_clip(data: bytes) -> list[Event]:
    """Return the events in data of the clipboard; MtrrvizError if they are none."""
    if len(data) > _MOST_BYTES:
        raise MtrrvizError("the clipboard holds too many events to paste at once")
    try:
        found = msgspec.json.decode(data, type=list[_ClipEvent])
    except (msgspec.DecodeError, RecursionError) as error:
        raise MtrrvizError("the clipboard does not hold events that can be pasted") from error
    for one in found:
        if one.kind in MSR_KINDS and one.register not in KNOWN_MSRS:
            raise MtrrvizError(f"the clipboard names {one.register:#x}, no MTRR or PAT register")
    return [
        Event(e.time_ns, e.kind, e.vcpu, e.register, int(e.value, 16), e.origin, e.text)
        for e in found
    ]

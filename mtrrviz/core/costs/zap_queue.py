"""The per-VM list of ranges to zap, as the serialising patches keep it, and the cut by slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.core.kvm_rules.vm_view import GfnRange


def drain_order(span: GfnRange) -> tuple[int, int]:
    """Return the sort key of a queued range: length ascending, then start descending.

    Long ranges go last: they stay queued for longer, so that more later requests are duplicates.
    KVM computes the length modulo 2^64.
    """
    return (span[1] - span[0]) & WORD, -span[0]


def queued(ranges: Iterable[GfnRange]) -> tuple[GfnRange, ...]:
    """Return ranges as the list holds them: exact duplicates dropped, in the order of draining.

    Ranges that touch, overlap or hold each other are kept apart, as KVM's list does.
    """
    return tuple(sorted(set(ranges), key=drain_order))


def within_slots(span: GfnRange, slots: Sequence[GfnRange]) -> tuple[GfnRange, ...]:
    """Return the parts of a range that lie in memory slots, as queued; all of it if none is given.

    Slots of several address spaces may repeat: equal parts vanish in the list.
    """
    if not slots:
        return (span,)
    parts = ((max(span[0], start), min(span[1], end)) for start, end in slots)
    return queued(part for part in parts if part[0] < part[1])

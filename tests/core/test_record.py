"""Values: equal by their fields, never changed, told as they are written."""

from __future__ import annotations

import inspect
import pickle
from functools import cached_property
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import force_setattr, replace

import mtrrviz
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from decimal import Decimal


class Span(Record, dict=True):
    """A span whose start is never below 0."""

    start: int
    end: int = 9
    of: Decimal | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "start", max(0, self.start))

    @cached_property
    def size(self) -> int:
        return self.end - self.start


def test_values_are_equal_and_hashed_by_their_fields():
    assert Span(1) == Span(1, 9) != Span(2)
    assert len({Span(1), Span(1, 9), Span(2)}) == 2


def test_no_field_can_be_set():
    with pytest.raises(AttributeError):
        Span(1).start = 2  # pyright: ignore[reportAttributeAccessIssue]


def test_a_changed_copy_is_checked_as_a_new_one():
    assert replace(Span(5), start=-3) == Span(0)


def test_what_was_worked_out_is_not_taken_over():
    span = Span(4)
    assert (span.size, replace(span, end=20).size) == (5, 16)


def test_values_go_to_other_processes():
    assert pickle.loads(pickle.dumps(Span(3))) == Span(3)


def test_the_signature_needs_no_import_of_what_it_names():
    assert str(inspect.signature(Span)) == (
        "(start: 'int', end: 'int' = 9, of: 'Decimal | None' = None)"
    )


def test_every_promised_class_tells_its_signature():
    promised = [getattr(mtrrviz, name) for name in mtrrviz.__all__]
    records = [it for it in promised if isinstance(it, type) and issubclass(it, Record)]
    told = {it.__name__: list(inspect.signature(it).parameters) for it in records}
    assert told
    assert told == {it.__name__: list(it.__struct_fields__) for it in records}

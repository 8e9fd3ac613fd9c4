"""Which rows of a file are which after an edit, against the slowest way to tell."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.scenario.files.writing.row_matching import partners, staying
from mtrrviz.scenario.files.writing.spelling import Plain
from mtrrviz.scenario.files.writing.table_tree import TableRows

KEYS = ("t", "kind", "vcpu", "value")


def rows(*items: tuple[int | str | None, ...]) -> TableRows:
    """Return rows of up to four cells; None stands for a key that is not there."""
    return TableRows(
        items,
        lambda item: {
            key: None if cell is None else Plain(cell)
            for key, cell in zip(KEYS, item, strict=False)
        },
    )


small_rows = st.lists(st.tuples(*[st.integers(0, 2)] * 3), max_size=6)


@given(small_rows, small_rows)
def test_no_row_is_two_and_equal_rows_are_never_left_over(before, after) -> None:
    found = partners(rows(*before), rows(*after))
    assert len(found) == len(after)
    numbers = [number for number in found if number is not None]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= number < len(before) for number in numbers)
    new = [row for row, number in zip(after, found, strict=True) if number is None]
    gone = [row for number, row in enumerate(before) if number not in numbers]
    assert not set(new) & set(gone)
    by_number = [(row, before[n]) for row, n in zip(after, found, strict=True) if n is not None]
    # A row is never taken for one with which it shares less than half of its keys.
    assert all(2 * sum(a == b for a, b in zip(*pair, strict=True)) >= 3 for pair in by_number)


@given(small_rows, st.data())
def test_rows_that_stay_in_order_keep_their_places_when_others_go(before, data) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(before), max_size=len(before)))
    numbered = [(number, *row) for number, row in enumerate(before)]
    numbers = [number for number, stays in enumerate(kept) if stays]
    found = partners(rows(*numbered), rows(*(numbered[number] for number in numbers)))
    assert found == numbers
    assert partners(rows(*(numbered[n] for n in numbers)), rows(*numbered)) == [
        numbers.index(number) if number in numbers else None for number in range(len(before))
    ]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([], [], []),
        ([(1,)], [], []),
        ([], [(1,)], [None]),
        ([(1, "a"), (2, "b")], [(2, "b"), (1, "a")], [1, 0]),
        # One key differs: the same row, wherever it went.
        ([(1, "a", 0), (2, "b", 1)], [(2, "b", 7), (1, "a", 0)], [1, 0]),
        # Two of four keys are equal, at the place of the old row: half is enough.
        ([(1, "a", 0, 5)], [(1, "a", 9, 9)], [0]),
        ([(1, "a", 0, 5)], [(1, "x", 9, 9)], [None]),
        # As much alike, but at the place of another.
        ([(0, "z", 0, 0), (1, "a", 0, 5)], [(1, "a", 9, 9)], [None]),
        ([(0, "z", 8, 8), (1, "a", 0, 5)], [(0, "z", 8, 8), (1, "a", 9, 9)], [0, 1]),
        # A key that neither has says nothing.
        ([(1, None, None, 5)], [(1, None, None, 9)], [0]),
        ([(1, None, 4, 5)], [(1, None, 8, 9)], [None]),
        ([(1, "a"), (1, "a"), (2, "b")], [(1, "a"), (2, "b")], [0, 2]),
        ([(1, "a"), (2, "b"), (2, "b")], [(1, "a"), (2, "b")], [0, 1]),
    ],
)
def test_equal_rows_then_rows_of_one_changed_key_then_rows_in_the_same_place(
    before, after, found
) -> None:
    assert partners(rows(*before), rows(*after)) == found


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=7, unique_by=lambda n: n or object())
)
def test_those_that_stay_are_a_longest_ascending_run(found) -> None:
    kept = sorted(staying(found))
    numbers = [found[row] for row in kept]
    assert None not in numbers
    assert numbers == sorted(set(numbers))
    there = [number for number in found if number is not None]
    longest = max(
        len(run)
        for length in range(len(there) + 1)
        for run in combinations(there, length)
        if list(run) == sorted(set(run))
    )
    assert len(kept) == longest

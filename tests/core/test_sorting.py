"""Columns of numbers as codes and as runs, against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.sorting import coded, distinct, is_another, runs_of

NUMBERS = st.lists(st.integers(0, 9) | st.integers(0, 2**64 - 1), max_size=30)


@given(NUMBERS)
def test_codes_lead_to_the_numbers_and_to_where_each_comes_first(numbers: list[int]) -> None:
    column = np.array(numbers, np.uint64)
    first, codes = coded(column)
    assert distinct(column).tolist() == sorted(set(numbers)) == column[first].tolist()
    assert first.tolist() == [numbers.index(number) for number in sorted(set(numbers))]
    assert column[first[codes]].tolist() == numbers


@given(NUMBERS)
def test_of_equal_numbers_in_order_the_first_is_another(numbers: list[int]) -> None:
    ordered = sorted(numbers)
    found = is_another(np.array(ordered, np.uint64)).tolist()
    assert found == [number not in ordered[:at] for at, number in enumerate(ordered)]


@given(st.sets(st.integers(0, 30)))
def test_runs_hold_each_number_once_and_end_where_the_next_is_missing(numbers: set[int]) -> None:
    firsts, ends = runs_of(np.array(sorted(numbers), np.intp))
    spans = list(zip(firsts.tolist(), ends.tolist(), strict=True))
    assert [n for first, end in spans for n in range(first, end)] == sorted(numbers)
    assert not any(end in numbers for end in ends.tolist())

"""Lists of numbers go on as they begin; what is wrong with one is told."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.number_lists import memory_list, number_list, vcpu_list


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("8", [8]),
        ("1, 2,4", [1, 2, 4]),
        ("1,2,4,...,255", [1, 2, 4, 8, 16, 32, 64, 128, 255]),
        ("1,2,...,8", [1, 2, 4, 8]),
        ("2,5,...,12", [2, 5, 8, 11, 12]),
        ("1,3,...,27,30,...,36", [1, 3, 9, 27, 30, 33, 36]),
        ("0.5,2.5", [0.5, 2.5]),
    ],
)
def test_lists_go_on_as_they_begin(text, numbers):
    assert number_list(text) == numbers


def test_lists_of_vcpus_are_whole_and_those_of_memory_may_have_units():
    assert vcpu_list("1,2,...,8") == [1, 2, 4, 8]
    assert memory_list("2GiB,16 GiB,0.5") == [2, 16, 0.5]


@pytest.mark.parametrize("text", ["", "1,,2", "x", "1,2,...", "...,4", "2,1,...,8", "1,2,...,2"])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(MtrrvizError):
        number_list(text)


def test_a_part_of_a_vcpu_is_refused():
    with pytest.raises(MtrrvizError, match="whole number"):
        vcpu_list("1.5")

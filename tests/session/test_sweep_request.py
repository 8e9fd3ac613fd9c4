"""A sweep is read from lists as people type them; what cannot be is told."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.session.forms.sweep_request import read_request
from mtrrviz.sim.cost_model import DEFAULT_COSTS


def test_lists_are_read_and_repeated_numbers_dropped() -> None:
    request = read_request("ovmf", "1,2,4,...,16,8", "2, 16", ["per-vm"], DEFAULT_COSTS)
    assert request.vcpus == (1, 2, 4, 8, 16)
    assert request.memory_gib == (2, 16)
    assert request.policies == ("per-vm",)


@pytest.mark.parametrize(
    ("vcpus", "memory", "policies", "words"),
    [
        ("1,x", "2", ["per-vm"], "vCPUs: '1,x': 'x' is not a number"),
        ("1.5", "2", ["per-vm"], "vCPUs: '1.5': a number of vCPUs is a whole number"),
        ("1,256", "2", ["per-vm"], "256 vCPUs: expected 1 to 255"),
        ("1", "", ["per-vm"], "memory: ''"),
        ("1", "2,99999", ["per-vm"], "99999.0 GiB of memory: expected"),
        ("1", "2", [], "no policy is chosen"),
    ],
)
def test_what_cannot_be_swept_is_told(vcpus, memory, policies, words) -> None:
    with pytest.raises(MtrrvizError) as caught:
        read_request("ovmf", vcpus, memory, policies, DEFAULT_COSTS)
    assert words in str(caught.value)

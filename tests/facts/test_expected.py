"""What the next faults get, asked by page, by stretch and by set: the answers are one."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from mtrrviz.core.ept import TYPE_SHIFT
from mtrrviz.core.policies import policy_ids
from mtrrviz.facts.expected import Expected, expected_at, first_bits, set_bits
from mtrrviz.sim import simulate
from tests.sim.strategies import EDGES, LAST_NS, scenarios

policies = st.sampled_from([*policy_ids(), "per-vcpu:sdm-lookup"])
borders = st.sampled_from([0, *EDGES])


def places(expected: Expected) -> list[int]:
    """Return pages at and beside everything at which an answer can change."""
    starts = set(expected.starts.tolist())
    if expected.pagewise is not None:
        starts |= set(expected.pagewise.starts.tolist())
    return sorted({max(0, gfn + off) for gfn in (*starts, *EDGES) for off in (-1, 0, 1)})


@given(scenarios(), policies, st.integers(0, LAST_NS), borders, borders)
def test_a_stretch_holds_what_its_pages_get_and_nothing_else(scenario, policy, time_ns, one, other):
    assume(one != other)
    first, end = sorted((one, other))
    expected = expected_at(simulate(scenario, policy).at(time_ns), 0)
    spans = expected.spans(first, end)
    assert spans[0][0] == first
    assert spans[-1][1] == end
    assert all(a < b for a, b, _ in spans)
    assert all(a[1] == b[0] or a[:2] == b[:2] for a, b in itertools.pairwise(spans))
    inside = [gfn for gfn in places(expected) if first <= gfn < end]
    for gfn in inside:
        assert expected.at(gfn) in [bits for a, b, bits in spans if a <= gfn < b]
    if expected.pagewise is None:
        assert {expected.at(gfn) for gfn in inside} == {bits for _, _, bits in spans}
        assert all(expected.at(a) == expected.at(b - 1) == bits for a, b, bits in spans)
        assert all(a[2] != b[2] for a, b in itertools.pairwise(spans))


@given(scenarios(), policies, st.integers(0, LAST_NS), borders, borders)
def test_the_set_of_a_stretch_is_that_of_its_pages(scenario, policy, time_ns, one, other):
    assume(one != other)
    first, end = sorted((one, other))
    expected = expected_at(simulate(scenario, policy).at(time_ns), 0)
    edges = np.array([first], np.uint64), np.array([end], np.uint64)
    (found,) = expected.sets_in(*edges).tolist()
    bits = {bits for _, _, bits in expected.spans(first, end)}
    assert set(set_bits(found)) == bits
    assert int(first_bits(np.array([found], np.uint16))[0]) == min(bits)
    types = {code >> TYPE_SHIFT & 7 for code in bits}
    assert int(expected.types_in(*edges)[0]) == sum(1 << code for code in types)

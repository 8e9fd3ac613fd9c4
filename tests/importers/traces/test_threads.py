"""Threads become vCPUs: by what they tell, by their names, then in order of appearance."""

from __future__ import annotations

import pytest

from mtrrviz.importers.traces.threads import ThreadMap
from mtrrviz.importers.traces.trace_columns import Trace
from mtrrviz.scenario.machine_check import MAX_VCPUS
from mtrrviz.scenario.scenario_error import ScenarioError


def mapped(names, active, told=None) -> ThreadMap:
    trace = Trace("t.txt")
    trace.threads[:] = list(names)
    trace.told_vcpu.update(told or {})
    found = ThreadMap(trace)
    found.update(list(active))
    return found


@pytest.mark.parametrize(
    ("names", "active", "told", "vcpus"),
    [
        ("abc", [0, 1, 2], {}, [0, 1, 2]),
        ("abc", [2, 0], {}, [1, -1, 0]),
        ("abc", [0, 1, 2], {1: 0}, [1, 0, 2]),
        ("abc", [0, 2], {1: 5}, [0, 5, 1]),
        (["CPU 1/KVM", "CPU 0/KVM"], [0, 1], {}, [1, 0]),
        (["x", "CPU 0/KVM"], [0, 1], {}, [1, 0]),
        (["CPU 3/KVM"], [0], {0: 2}, [2]),
        (["CPU 3/KVM"], [], {}, [-1]),
        ([], [], {}, []),
    ],
)
def test_numbers_are_told_or_named_or_the_lowest_that_is_free(names, active, told, vcpus) -> None:
    found = mapped(names, active, told)
    assert found.array().tolist() == vcpus
    assert [found.vcpu(thread) for thread in range(len(vcpus))] == [
        None if vcpu < 0 else vcpu for vcpu in vcpus
    ]
    assert found.notes == []


def test_names_say_how_each_was_known() -> None:
    found = mapped(["a", "CPU 1/KVM", "c"], [1, 2], {0: 0})
    assert found.names() == {
        0: "a (by its own events)",
        1: "CPU 1/KVM (by its name)",
        2: "c (by order of appearance)",
    }


def test_a_number_is_kept_when_more_threads_appear() -> None:
    found = mapped(["a", "b"], [1])
    found.update([0, 1])
    assert found.array().tolist() == [1, 0]


def test_the_second_thread_of_a_number_is_of_another_vm_and_left_out() -> None:
    found = mapped(["CPU 0/KVM", "b", "CPU 0/KVM"], [0, 1, 2])
    assert found.array().tolist() == [0, 1, -1]
    (note,) = found.notes
    assert "CPU 0/KVM and CPU 0/KVM are both vCPU 0" in note.text
    assert set(found.names()) == {0, 1}


def test_numbers_have_an_end() -> None:
    last = MAX_VCPUS - 1
    assert mapped([f"CPU {last}/KVM"], [0]).array().tolist() == [last]
    with pytest.raises(ScenarioError, match=f"vCPU {MAX_VCPUS}"):
        mapped([f"CPU {MAX_VCPUS}/KVM"], [0])

"""Following a trace that grows, shrinks, is replaced, or is a pipe."""

from __future__ import annotations

import os
import threading

import pytest

from mtrrviz.importers.traces.follow import Follower
from mtrrviz.scenario import ScenarioError
from tests.importers.traces.test_traces import line


def write(value, t):
    return line(f"msr_write 2ff = {value:#x}", t=f"{t:.6f}")


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "trace"
    path.write_text(write(0, 100))
    return path


@pytest.fixture
def follower(trace):
    found = Follower(trace)
    yield found
    found.close()


def append(path, text):
    with path.open("a") as stream:
        stream.write(text)


def values(arrival):
    return [(event.time_ns, event.value) for event in arrival.events]


def test_new_lines_become_events(trace, follower):
    assert values(follower.poll()) == [(0, 0)]
    assert values(follower.poll()) == []
    append(trace, write(0xC06, 100.5))
    assert values(follower.poll()) == [(500_000_000, 0xC06)]


def test_half_a_line_waits_for_the_rest(trace, follower):
    follower.poll()
    whole = write(0xC06, 101)
    append(trace, whole[:50])
    assert values(follower.poll()) == []
    append(trace, whole[50:])
    assert values(follower.poll()) == [(10**9, 0xC06)]


def test_a_truncated_file_is_read_again(trace, follower):
    follower.poll()
    append(trace, 10 * write(6, 101))
    follower.poll()
    trace.write_text(write(0xC06, 102))
    arrival = follower.poll()
    assert values(arrival) == [(2 * 10**9, 0xC06)]
    assert "truncated" in arrival.remarks[0]


def test_a_replaced_file_is_followed(trace, follower, tmp_path):
    follower.poll()
    append(trace, write(6, 101))
    trace.rename(tmp_path / "trace.1")
    trace.write_text(write(0xC06, 102))
    assert values(follower.poll()) == [(10**9, 6)]
    arrival = follower.poll()
    assert values(arrival) == [(2 * 10**9, 0xC06)]
    assert "replaced" in arrival.remarks[0]


def test_times_that_go_back_are_moved_aloud(trace, follower):
    follower.poll()
    append(trace, write(6, 102))
    follower.poll()
    append(trace, write(0xC06, 101))
    arrival = follower.poll()
    assert values(arrival) == [(2 * 10**9, 0xC06)]
    assert "earlier times" in arrival.remarks[0]


def test_unknown_lines_are_counted(trace, follower):
    append(trace, "nonsense\n# comment\n\n")
    assert follower.poll().unknown_lines == 1


def test_a_fifo_is_followed(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    follower = Follower(path)
    assert values(follower.poll()) == []
    with path.open("w") as stream:
        stream.write(write(0xC06, 100))
        stream.flush()
        assert values(follower.poll()) == [(0, 0xC06)]
    follower.close()


def test_iteration_ends_when_stopped(trace):
    stop = threading.Event()
    seen = []
    for arrival in Follower(trace, stop=stop, poll_s=0.001):
        seen.extend(values(arrival))
        if len(seen) == 1:
            append(trace, write(0xC06, 101))
        else:
            stop.set()
    assert seen == [(0, 0), (10**9, 0xC06)]


def test_a_missing_file_is_one_error(tmp_path):
    with pytest.raises(ScenarioError, match="No such file"):
        Follower(tmp_path / "nothing")


def test_vcpus_keep_their_numbers(trace, follower):
    follower.poll()
    append(trace, line("msr_write 2ff = 0x6", task="other-99", t="101.000000"))
    append(trace, write(0xC06, 102))
    assert [event.vcpu for event in follower.poll().events] == [1, 0]

"""Events read as columns, against the same file read row by row."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.files.data_files import recorded_events
from mtrrviz.scenario.files.data_files.csv_file import EVENT_COLUMNS, event_rows

GOOD = "10,1,wrmsr,0x2ff,0xc06,kernel"
CELLS = (
    st.sampled_from(["0", "7", "0x10", "1.5", "12.123456789", "9_9", "-1", "", "1e3", "9" * 20]),
    st.sampled_from(["0", "1", "255", "256", "-1", "", "0x3"]),
    st.sampled_from([*EventKind, "nothing", ""]),
    st.sampled_from(["0x2ff", "0x200", "0x10", "", "-", str(0x277)]),
    st.sampled_from(["0", "0xc06", "", "-", "-1", str(1 << 64), str((1 << 64) - 1)]),
    st.sampled_from(["kernel", "", "-", '"a, b"', '"two\nlines"', "a\rb", "a\0b"]),
)
TEXTS = st.sampled_from(["", "words", '"quoted, words"'])
GOOD_ROWS = st.builds("{},{}".format, st.integers(0, 99), st.just(GOOD.partition(",")[2]))
ROWS = st.tuples(*CELLS).map(",".join) | GOOD_ROWS | st.sampled_from(["", GOOD + ",", "1,2"])


def told(text: str) -> object:
    """Return what there is to say of a file: its events with their times, or what is wrong."""
    try:
        found = recorded_events.events_of(text, Path("x.csv"))
        return list(zip(found.times_ns, found.stretched(0.0), strict=True))
    except ScenarioError as error:
        return str(error)


def told_by_row(text: str) -> object:
    try:
        return list(event_rows(text, Path("x.csv")))
    except ScenarioError as error:
        return str(error)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(recorded_events, "_BATCH", 2)
    monkeypatch.setattr(recorded_events, "_BATCH_CHARACTERS", 40)


@example([GOOD, "11,0,note,-,-,-", "12,0,mov-cr0,-,0x10,x"], False, "\n")
@example(["10,1,wrmsr,0x2ff,0xc06", "kernel,11,1,wrmsr,0x2ff,0xc06,kernel"], False, "")
@example(["10,1,wrmsr,-,0,kernel"], False, "\n")
@given(st.lists(ROWS, max_size=5), st.booleans(), st.sampled_from(["", "\n", "\n\n"]))
def test_a_file_tells_the_same_either_way(rows, has_text, end):
    header = ",".join([*EVENT_COLUMNS, "text"] if has_text else EVENT_COLUMNS)
    text = "\n".join([header, *rows]) + end
    assert told(text) == told_by_row(text)


@given(st.lists(st.tuples(GOOD_ROWS, TEXTS).map(",".join), max_size=5))
def test_a_good_file_is_read_quickly(rows):
    rows = sorted(rows, key=lambda row: int(row.partition(",")[0]))
    text = "\n".join([",".join([*EVENT_COLUMNS, "text"]), *rows, ""])
    assert len(recorded_events._quickly(text).times_ns) == len(rows)
    assert told(text) == told_by_row(text)

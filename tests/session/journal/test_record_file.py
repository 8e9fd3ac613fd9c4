"""A file of records is read up to the first byte that is not as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.session.journal import record_file
from mtrrviz.session.journal.record_file import MAGIC, DamagedError, RecordFile, read_records

CONTENTS = [b"", b"one", b"x" * 3000]


def read(place):
    """Return the contents of a file, and whether damage follows."""
    found = []
    try:
        found.extend(read_records(place))
    except DamagedError:
        return found, True
    return found, False


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("records") / "edits"


@pytest.mark.parametrize("many", range(4))
def test_what_was_written_and_added_is_read(place, many):
    file = RecordFile(place)
    assert file.size_bytes == 0
    file.write(CONTENTS[:many])
    for content in CONTENTS[many:]:
        file.append([content])
    assert file.size_bytes == place.stat().st_size
    assert read(place) == (CONTENTS, False)


@pytest.mark.parametrize("data", [b"", b"x", MAGIC[:-1], b"X" + MAGIC[1:], b"\0" * 99])
def test_a_file_that_does_not_begin_as_a_journal_has_no_records(place, data):
    place.write_bytes(data)
    assert read(place) == ([], True)


def test_every_cut_leaves_the_records_before_it(place):
    file, ends = RecordFile(place), []
    file.write([])
    for content in CONTENTS:
        file.append([content])
        ends.append(file.size_bytes)
    whole = place.read_bytes()
    for end in range(len(MAGIC), len(whole) + 1):
        place.write_bytes(whole[:end])
        count = sum(end >= one for one in ends)
        assert read(place) == (CONTENTS[:count], end not in {len(MAGIC), *ends})


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_ends_what_is_read(place, at, change):
    file = RecordFile(place)
    file.write([b"one", b"two", b"three"])
    whole = bytearray(place.read_bytes())
    whole[at % len(whole)] ^= change
    place.write_bytes(whole)
    found, is_damaged = read(place)
    assert is_damaged
    assert found == [b"one", b"two", b"three"][: len(found)]
    assert len(found) < 3


def test_what_is_torn_is_overwritten_by_the_next(place):
    file = RecordFile(place)
    file.write([b"one"])
    with place.open("ab") as torn:
        torn.write(b"half of another")
    assert read(place) == ([b"one"], True)
    file.append([b"two"])
    assert read(place) == ([b"one", b"two"], False)


@pytest.mark.parametrize(("bound", "count"), [("_LARGEST_BYTES", 2), ("_MOST_BYTES", 3)])
def test_what_unpacks_to_more_than_a_journal_has_is_damage(place, monkeypatch, bound, count):
    monkeypatch.setattr(record_file, bound, 1000 if bound == "_LARGEST_BYTES" else 2000)
    contents = [b"one", b"two", b"x" * 1001, b"x" * 999]
    RecordFile(place).write(contents)
    assert place.stat().st_size < 200
    assert read(place) == (contents[:count], True)

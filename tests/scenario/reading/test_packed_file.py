"""Gzip is unpacked as long as that is worth the size of what is packed."""

from __future__ import annotations

import gzip
import io
import random

import pytest

from mtrrviz.importers import import_texts
from mtrrviz.scenario.files.data_files.csv_file import csv_text
from mtrrviz.scenario.files.packed_file import PackedFile
from mtrrviz.scenario.scenario_error import ScenarioError

KIB, MIB = 1 << 10, 1 << 20
HEAD = gzip.compress(b"", mtime=0)[:10]
NAMED = HEAD[:3] + b"\x08" + HEAD[4:]  # RFC 1952, 2.3.1: FLG.FNAME
TEXT = b"MSR 0x2ff: 0xc06\n"

WORTHLESS = {
    "members of nothing": gzip.compress(b"", mtime=0) * 100_000,
    "members of a byte each": gzip.compress(b"a", mtime=0) * 100_000,
    "padding": gzip.compress(TEXT) + bytes(2 * MIB) + gzip.compress(TEXT),
    "a name without end": NAMED + b"x" * 2 * MIB,
}


@pytest.mark.parametrize("name", WORTHLESS)
def test_packed_data_that_unpack_to_next_to_nothing_are_refused(tmp_path, name):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(WORTHLESS[name])
    with pytest.raises(ScenarioError, match="much of it unpacks to next to nothing") as caught:
        import_texts([(path.name, path)])
    assert caught.value.file == path.name
    with pytest.raises(ScenarioError, match="much of it unpacks to next to nothing") as caught:
        csv_text(path)
    assert caught.value.file == str(path)


@pytest.mark.parametrize("size", [64 * KIB, 5 * MIB])
def test_what_cannot_be_packed_is_read_in_pieces_of_any_size(size):
    data = random.Random(1).randbytes(5 * MIB)
    members = [data[at : at + 64 * KIB] for at in range(0, len(data), 64 * KIB)]
    packed = b"".join(gzip.compress(member, 0) for member in members) + gzip.compress(b"")
    stream, read = PackedFile(io.BytesIO(packed)), b""
    while piece := stream.read(size):
        read += piece
    assert read == data


def test_some_padding_is_no_reason_to_refuse():
    packed = gzip.compress(TEXT) + bytes(64 * KIB) + gzip.compress(TEXT)
    stream = PackedFile(io.BytesIO(packed))
    assert stream.read(KIB) + stream.read(KIB) == 2 * TEXT

"""Small files that claim to be large are refused before memory is taken, unless one asks for it."""

from __future__ import annotations

import gzip
import io
import re
import struct
import tracemalloc
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.files.claims import LARGE, most_pages, most_unpacked_bytes
from mtrrviz.scenario.files.data_files import csv_file
from mtrrviz.scenario.files.data_files.csv_file import (
    EVENT_COLUMNS,
    MAX_PHASES,
    MAX_ROWS,
    read_phases,
)
from mtrrviz.scenario.files.data_files.recorded_events import events_of
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.session.edits.touch_edits import add_touch
from tests.scenario.files import GOOD, PHASES, write_recorded, write_scenario

MIB = 1 << 20
MAX_PEAK_BYTES = 100 * MIB
"""Most memory that a refusal may take."""


@pytest.fixture(autouse=True)
def usual(monkeypatch):
    monkeypatch.delenv(LARGE, raising=False)


@contextmanager
def little_memory():
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MAX_PEAK_BYTES
    finally:
        tracemalloc.stop()


def refused(path) -> ScenarioError:
    with little_memory(), pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return caught.value


def swept(pages: int, parts: int = 1) -> str:
    head = GOOD.replace("maxphyaddr = 40", "maxphyaddr = 46")
    touch = f"[[touch]]\nt = 0.0\nstart = 0\nsize = {pages // parts * 4096}\n"
    return head.split("[[touch]]")[0] + touch * parts


@pytest.mark.parametrize("parts", [1, 4])
def test_touches_of_millions_of_pages_are_refused(tmp_path, parts):
    path = write_scenario(tmp_path, swept(most_pages(), parts))
    assert sum(sweep.pages for sweep in load_scenario(path).sweeps) == most_pages()
    more = write_scenario(tmp_path, swept(most_pages() + parts, parts))
    error = refused(more)
    assert error.place.startswith("touch")
    assert f"{LARGE}=1" in error.expected


def test_who_means_it_gets_more_touches_yet_not_any_number(tmp_path, monkeypatch):
    pages = 2 * most_pages()
    monkeypatch.setenv(LARGE, "1")
    assert load_scenario(write_scenario(tmp_path, swept(pages))).sweeps[0].pages == pages
    path = write_scenario(tmp_path, swept(most_pages() + 1))
    assert LARGE not in refused(path).expected


def test_what_may_be_edited_may_be_loaded(tmp_path):
    scenario = load_scenario(write_scenario(tmp_path, swept(1)))
    (sweep,) = load_scenario(write_scenario(tmp_path, swept(most_pages()))).sweeps
    assert add_touch(scenario, sweep) if sweep.pages < most_pages() else True
    with pytest.raises(Exception, match=LARGE):
        add_touch(scenario, sweep)


@pytest.mark.parametrize(
    ("packed", "limit", "most"),
    [(0, 1 << 30, 64 * MIB), (MIB, 1 << 30, 100 * MIB), (50 * MIB, 1 << 30, 1 << 30),
     (1000, 5 * MIB, 5 * MIB)],
)  # fmt: skip
def test_a_file_may_unpack_to_a_hundred_times_its_size(packed, limit, most, monkeypatch):
    assert most_unpacked_bytes(packed, limit) == most
    monkeypatch.setenv(LARGE, "1")
    assert most_unpacked_bytes(packed, limit) == limit


def npz_bomb(path, count: int) -> None:
    """Write ``count`` touches of one page at one time, which pack to nearly nothing."""
    kinds = {"t_ns": np.int64, "gfn": np.uint64, "vcpu": np.uint8, "access": np.uint8}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, kind in kinds.items():
            head = io.BytesIO()
            np.lib.format.write_array_header_1_0(
                head, {"descr": np.dtype(kind).str, "fortran_order": False, "shape": (count,)}
            )
            with made.open(f"{name}.npy", "w") as member:
                member.write(head.getvalue())
                size = count * np.dtype(kind).itemsize
                for _ in range(0, size, MIB):
                    member.write(bytes(MIB))
                member.write(bytes(size % MIB) if size % MIB else b"")


def test_columns_that_unpack_to_very_much_are_refused(tmp_path, monkeypatch):
    path = write_recorded(tmp_path)
    touches = tmp_path / "boot.touches.npz"
    npz_bomb(touches, 4 * MIB)
    assert touches.stat().st_size < MIB
    error = refused(path)
    assert error.file.endswith("boot.touches.npz")
    assert error.problem == "the data are too large"
    assert f"{LARGE}=1" in error.expected
    monkeypatch.setenv(LARGE, "1")
    assert len(load_scenario(path).touches) == 4 * MIB


ROW = b"0,0,init,,,\n"
CELL = b'"' + b"\n" * 1000 + b'"'


def test_more_rows_than_a_file_may_have_are_refused_before_they_are_kept(tmp_path):
    path = write_recorded(tmp_path)
    data = tmp_path / "boot.events.csv.gz"
    data.write_bytes(gzip.compress(ROW * (MAX_ROWS + 3), 1))
    error = refused(path)
    assert (error.file, error.problem) == (str(data), "too many rows")


def test_a_wrong_row_after_many_is_found_without_keeping_them():
    rows, head = 10_000, f"{','.join(EVENT_COLUMNS)}\n"
    text = head + ROW.decode() * rows + "0,0,none,,,\n"
    tracemalloc.start()
    try:
        with pytest.raises(ScenarioError, match=f"line {rows + 2}: kind is 'none'"):
            events_of(text, Path("x.csv"))
        assert tracemalloc.get_traced_memory()[1] < 150 * rows
    finally:
        tracemalloc.stop()


def test_lines_within_a_cell_are_no_rows(tmp_path):
    path = write_recorded(tmp_path)
    head = gzip.decompress((tmp_path / "boot.events.csv.gz").read_bytes()).splitlines(True)[0]
    rows = MAX_ROWS // 1000 + 1
    cells = head + (b"0,0,init,,," + CELL + b"\n") * rows
    (tmp_path / "boot.events.csv.gz").write_bytes(gzip.compress(cells, 1))
    assert len(load_scenario(path).events) == rows


@pytest.mark.parametrize("name", ["boot.events.csv.gz", "boot.phases.csv.gz"])
def test_packed_rows_that_unpack_to_very_much_are_refused(tmp_path, name):
    path = write_recorded(tmp_path)
    text = path.read_text().replace("boot.phases.csv", "boot.phases.csv.gz")
    path.write_text(text)
    (tmp_path / "boot.phases.csv.gz").write_bytes(gzip.compress(PHASES.encode()))
    (tmp_path / name).write_bytes(gzip.compress(b"0,0,init,,," + b"x" * (200 * MIB), 6))
    error = refused(path)
    assert error.file.endswith(name)
    assert error.problem == "the data are too large"


HEADER = ",".join(EVENT_COLUMNS).encode()
LONG_ROWS = {
    "cells": HEADER + b"\n0,0,init,,," + b"," * (40 * MIB) + b"\n",
    "a header": b"," * (40 * MIB) + b"\n",
    "a cell": HEADER + b"\n0,0,init,,," + b"x" * (40 * MIB) + b"\n",
    "a quoted cell": HEADER + b'\n0,0,init,,,"' + b"\n" * (40 * MIB) + b'"\n',
    "a quote without an end": HEADER + b'\n0,0,init,,,"' + b"\n" * (40 * MIB),
    "a number": HEADER + b"\n0x" + b"0" * (40 * MIB) + b",0,init,,,\n",
}


@pytest.mark.parametrize("name", LONG_ROWS)
def test_a_row_without_end_is_refused_before_it_is_kept(tmp_path, name):
    path = write_recorded(tmp_path)
    (tmp_path / "boot.events.csv.gz").write_bytes(gzip.compress(LONG_ROWS[name], 1))
    error = refused(path)
    assert (error.problem, error.expected) == ("a row is too long", "at most 1 MiB")


def test_phases_are_as_many_as_in_a_scenario_file(tmp_path):
    path, row = tmp_path / "x.phases.csv", "0,a,concurrent,b\r"
    path.write_text(PHASES.splitlines()[0] + "\r" + row * MAX_PHASES)
    assert len(read_phases(path)) == MAX_PHASES
    for more in (1, 1000):
        path.write_text(PHASES.splitlines()[0] + "\r" + row * (MAX_PHASES + more))
        with pytest.raises(ScenarioError, match=f"too many rows .expected at most {MAX_PHASES}"):
            read_phases(path)


def rows_of(data: bytes) -> list[bytes]:
    """Return what lies between ends of rows, quoted parts left out but for their first mark."""
    outside = b'"'.join(data.split(b'"')[::2])
    return re.split(rb"\r\n|\r|\n", outside)


@given(st.binary(max_size=60).map(lambda data: bytes(b'a,"\r\n"'[one % 6] for one in data)))
def test_rows_and_cells_are_measured_in_pieces_as_in_one(data):
    piece_bytes = 4
    rows, quoted = rows_of(data), data.split(b'"')[1::2]
    longest = max(map(len, [*rows, *quoted]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csv_file, "_PIECE_BYTES", piece_bytes)
        patched.setattr(csv_file, "_opened", lambda _path: io.BytesIO(data))
        size = csv_file._measured(Path("x.csv"), len(data) + 1)
    assert size.unpacked_bytes == len(data)
    assert size.line_ends == len(rows) - 1
    assert size.longest_row_bytes <= longest
    if longest > piece_bytes + 1 + data.count(b'"'):
        assert size.longest_row_bytes >= longest - data.count(b'"')


def many_members(path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        for number in range(5000):
            made.writestr(str(number), b"")


def told_few(path) -> None:
    """Write the same, with an end that tells of five members."""
    many_members(path)
    data = bytearray(path.read_bytes())
    data[-14:-10] = struct.pack("<HH", 5, 5)
    path.write_bytes(data)


def told_elsewhere(path) -> None:
    """Write an archive whose end leads to another, as those beyond 4 GiB have it."""
    many_members(path)
    data = path.read_bytes()
    (length, place) = struct.unpack("<II", data[-10:-2])
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 5000, 5000, length, place)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(data) - 22, 1)
    path.write_bytes(
        data[:-22] + end + locator + data[-22:-14] + struct.pack("<HHIIH", 5, 5, 0, 0, 0)
    )


@pytest.mark.parametrize("write", [many_members, told_few, told_elsewhere])
def test_an_archive_of_very_many_members_is_not_listed(tmp_path, write, monkeypatch):
    path = write_recorded(tmp_path)
    write(tmp_path / "boot.touches.npz")
    assert len(zipfile.ZipFile(tmp_path / "boot.touches.npz").infolist()) == 5000
    monkeypatch.setattr(zipfile, "ZipInfo", lambda *_: pytest.fail("it was listed"))
    assert "no archive as numpy writes it" in refused(path).problem

"""Bytes to lines: encodings, gzip, limits, progress; recognition and what stays unknown."""

from __future__ import annotations

import gzip
import random
import tracemalloc

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers import (
    FORMATS,
    ImportCancelledError,
    NoteKind,
    import_texts,
    reading,
    recognise,
)
from mtrrviz.importers import text as text_module
from mtrrviz.importers.lines.clean import cleaned
from mtrrviz.importers.traces import trace_columns as columns
from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.files.claims import LARGE
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.files.saver import save_scenario
from tests.importers.helpers import SAMPLES, import_files, imported, register, texts
from tests.importers.traces.test_traces import WRITE, line

DUMP = "0x2ff c06\n0x200 80000000\n0x201 ff80000800\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-8-sig"])
def test_encodings(encoding):
    result = imported((DUMP * 3).encode(encoding))
    assert register(result, 0x2FF) == 0xC06
    assert ("was converted" in texts(result, NoteKind.WARNING)) is (encoding != "utf-8-sig")


def test_latin_1_after_a_bad_byte():
    result = imported(b"caf\xe9\n" + DUMP.encode())
    assert register(result, 0x2FF) == 0xC06
    assert "Latin-1" in texts(result, NoteKind.WARNING)
    assert result.sources[0].unknown == ((1, "caf\xe9"),)


def test_a_character_cut_by_a_piece_is_whole(monkeypatch):
    monkeypatch.setattr(text_module, "CHUNK_BYTES", 3)
    result = imported("\u20ac\u20ac\n" + DUMP)
    assert result.sources[0].unknown == ((1, "\u20ac\u20ac"),)
    assert register(result, 0x2FF) == 0xC06


def test_terminal_escapes_and_nuls_are_taken_out():
    result = imported(b"\x1b[32m0x2ff\x1b[0m c06\r\n0x200 8000\x000000\r\n0x201 ff80000800\r\n" * 2)
    assert register(result, 0x200) == 0x8000_0000
    assert "NUL" in texts(result, NoteKind.WARNING)


@pytest.mark.parametrize("filler", [" ", "\t", "0", "f", "-", "[", '"', ": ", "# ", "] "])
def test_long_lines_cost_no_more_than_short_ones(filler):
    """No pattern takes longer than in proportion: a quadratic one would not end."""
    text = (filler * 100_000)[:200_000] + "\n"
    result = imported(DUMP + 3 * text)
    assert register(result, 0x2FF) == 0xC06


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "nothing about memory types"),
        (b"\n\n\n", "nothing about memory types"),
        (random.Random(1).randbytes(100_000), "this is not text"),
        (b"\x7fELF\x02\x01\x01", "this is a program"),
        (b"\x17\x08Dtracing6\0", "trace-cmd report -N"),
        (b"PERFILE2" + b"\0" * 50, "perf script"),
        (b"\0" * 1_000_000, "this is not text"),
        (b"a" * 1_000_000, "line 1: a line of more than"),
        (b"\n" + b"a" * 300_000 + b"\nx\n", "line 2: a line of more than"),
        (b"just some words\n", "line 1: nothing in it is known; the line reads 'just some words'"),
        (gzip.compress(DUMP.encode() * 1000)[:-30], "damaged or cut off"),
        (b"\x1f\x8b\x08garbage that is no gzip", "damaged or cut off"),
    ],
)
def test_what_is_no_text_is_one_clear_error(content, message):
    with pytest.raises(ScenarioError, match=message) as caught:
        imported(content, name="file.txt")
    assert str(caught.value).startswith("file.txt")
    assert "\n" not in str(caught.value)


def test_gzip_of_a_few_bytes_is_believed_to_hold_only_so_much(tmp_path, monkeypatch):
    monkeypatch.setattr("mtrrviz.scenario.files.claims._SMALL_BYTES", 1 << 17)
    monkeypatch.delenv(LARGE, raising=False)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(DUMP.encode() + (b" " * 1000 + b"\n") * 140))
    assert path.stat().st_size * 100 < 1 << 17
    with pytest.raises(ScenarioError, match=f"more than 128 KiB of text in a file of .*{LARGE}=1"):
        import_files(path)
    monkeypatch.setenv(LARGE, "1")
    assert register(import_files(path), 0x2FF) == 0xC06


def test_gzip_is_read(tmp_path):
    path = tmp_path / "dump.gz"
    path.write_bytes(gzip.compress(DUMP.encode()))
    assert register(import_files(path), 0x2FF) == 0xC06


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(text_module, "MAX_TEXT_BYTES", 1 << 18)
    with pytest.raises(ScenarioError, match="more than 256 KiB of text"):
        imported(gzip.compress(DUMP.encode() + b"some words\n" * 30_000))


def test_a_missing_file_is_one_error(tmp_path):
    with pytest.raises(ScenarioError, match="No such file"):
        import_files(tmp_path / "nothing")


def test_a_directory_is_one_error(tmp_path):
    with pytest.raises(ScenarioError, match="directory"):
        import_files(tmp_path)


def test_progress_and_cancel(tmp_path):
    path = tmp_path / "trace"
    path.write_text(WRITE * 10_000)
    seen = []
    import_texts([("t", path)], progress=lambda *told: seen.append(told))
    assert seen[-1] == ("t", path.stat().st_size, path.stat().st_size)
    with pytest.raises(ImportCancelledError):
        import_texts([("t", path)], is_cancelled=lambda: len(seen) > 0)


def test_memory_does_not_grow_with_the_text(tmp_path):
    path = tmp_path / "trace"
    exits = line("vcpu 0 reason EPT_VIOLATION rip 0xfff0 info1 0x182 info2 0x0", event="kvm_exit")
    path.write_text(WRITE + exits * 60_000)
    tracemalloc.start()
    import_files(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 2


def test_rows_beyond_the_limit_are_counted(monkeypatch):
    monkeypatch.setattr(columns, "MAX_WRITES", 10)
    result = imported(WRITE * 15)
    assert sum(e.origin == "guest" for e in result.scenario.events) == 10
    assert "5 events were left out" in texts(result, NoteKind.WARNING)


# Recognition


def test_the_reason_shows_a_line():
    result = imported("hello\n" + DUMP)
    assert result.sources[0].reason == '3 lines such as line 2: "0x2ff c06"'


def test_the_user_may_choose_the_format():
    result = imported("0x2ff c06\n" + WRITE, override="rdmsr")
    assert result.sources[0].formats == ("rdmsr",)
    assert result.sources[0].reason == "chosen by the user"
    assert result.sources[0].unknown_lines == 1


def test_an_unknown_format_is_one_error():
    with pytest.raises(MtrrvizError, match="no import format 'x'; there are ftrace, "):
        imported(DUMP, override="x")


def test_ids_differ_and_titles_say_something():
    assert len({f.id for f in FORMATS}) == len(FORMATS) == 21
    assert all(len(f.title) > 5 for f in FORMATS)


@pytest.mark.parametrize(
    ("name", "format_id"),
    [
        ("ftrace-6.18-kvm-mtrr.txt", "ftrace"),
        ("perf-script.txt", "perf-script"),
        ("trace-cmd-report.txt", "trace-cmd"),
        ("qemu-7.2-hmp-info-mtree.txt", "qemu-mtree"),
    ],
)
def test_samples_are_recognised(name, format_id):
    found = recognise((SAMPLES / name).read_text().splitlines())
    assert found[0].format.id == format_id


def test_unknown_lines_are_counted_and_the_first_are_shown():
    result = imported("0x2ff c06\n" + "".join(f"unknown {i}\n" for i in range(1000)))
    source = result.sources[0]
    assert source.unknown_lines == 1000
    assert source.unknown[0] == (2, "unknown 0")
    assert len(source.unknown) == 50


@pytest.mark.parametrize("kept", [1, 3])
def test_of_unknown_lines_as_many_as_are_kept_are_shown(monkeypatch, kept):
    monkeypatch.setattr("mtrrviz.importers.reading.KEPT_UNKNOWN", kept)
    (source,) = imported(f"{DUMP}what?\nwhy?\nwho?\nwhen?\n").sources
    assert source.unknown_lines == 4
    assert [words for _, words in source.unknown] == ["what?", "why?", "who?"][:kept]


def test_a_long_text_of_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(reading, "MAX_UNKNOWN", 100)
    with pytest.raises(ScenarioError, match="of the first 1001 lines 1000 are unknown"):
        imported("0x2ff c06\n" + "some words\n" * 1000)


def test_a_text_without_any_known_line_is_given_up_sooner(monkeypatch):
    monkeypatch.setattr(reading, "MAX_FOREIGN", 100)
    with pytest.raises(ScenarioError, match="of the first 1000 lines 1000 are unknown"):
        imported("some words\n" * 1000)
    found = imported("0x2ff c06\n" + "some words\n" * 1000)
    assert found.sources[0].unknown_lines == 1000


def test_every_line_is_accounted_for():
    """Lines taken, understood, unknown and blank add up: none is dropped in silence."""
    text = (SAMPLES / "ftrace-6.18-seabios-boot-2vcpu.txt").read_text() + "odd\n\n"
    result = imported(text)
    events = sum(e.origin == "guest" for e in result.scenario.events)
    reads, cap_read, blank = 0, 1, 1
    understood = sum(result.unused.values())
    headings = 2  # "# tracer" and "# entries-in-buffer"
    total = (
        events + reads + cap_read + understood + headings + result.sources[0].unknown_lines + blank
    )
    assert total == len(text.splitlines())


# Saving


def test_an_import_survives_saving(tmp_path):
    faults = "".join(
        line(f"vcpu 0 rip 0x0 address {0x1000 * n:#x} error_code 0x182", event="kvm_page_fault",
             t=f"100.{n:06}")
        for n in range(1, 100)
    )  # fmt: skip
    result = imported(line("msr_write 2ff = 0xc06", t="100.000000") + faults)
    save_scenario(result.scenario, tmp_path / "mine.toml")
    loaded = load_scenario(tmp_path / "mine.toml")
    assert loaded.events == result.scenario.events
    assert loaded.machine == result.scenario.machine
    assert loaded.touches.gfn.tolist() == result.scenario.touches.gfn.tolist()
    assert loaded.touches.time_ns.tolist() == result.scenario.touches.time_ns.tolist()


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.txt")))
def test_every_sample_survives_saving(name, tmp_path):
    result = import_files(SAMPLES / name)
    save_scenario(result.scenario, tmp_path / "mine.toml")
    loaded = load_scenario(tmp_path / "mine.toml")
    assert loaded.events == result.scenario.events
    assert loaded.machine == result.scenario.machine


@pytest.mark.parametrize(("lines", "times"), [(400, 1), (401, 2)])
def test_a_short_text_is_cleaned_once_and_a_long_one_also_as_a_sample(lines, times, monkeypatch):
    sizes: list[int] = []

    def counting(lines_read, *arguments, **named):
        sizes.append(len(lines_read))
        return cleaned(lines_read, *arguments, **named)

    monkeypatch.setattr(reading, "cleaned", counting)
    import_texts([("dump", b"MTRR default type: uncachable\n" * lines)])
    assert sizes == [400, lines][-times:]


def test_lines_that_came_clean_are_recognised_once(monkeypatch):
    asked: list[list[str]] = []

    def asking(lines):
        asked.append(lines)
        return recognise(lines)

    monkeypatch.setattr(reading, "recognise", asking)
    import_texts([("dump", b"MTRR default type: uncachable\n")])
    assert asked == [["MTRR default type: uncachable"]]
    import_texts([("dump", b"> MTRR default type: uncachable\n")])
    assert asked[1:] == [["> MTRR default type: uncachable"], ["MTRR default type: uncachable"]]


def test_the_description_says_what_was_assumed_and_no_more():
    result = imported("cafe\n" + DUMP)
    notes = [note for note in result.notes if note.kind is NoteKind.ASSUMED]
    assert 0 < len(notes) < len(result.notes)
    assert result.scenario.description == "Imported. " + " ".join(f"{n.text}." for n in notes)


def test_a_line_on_the_number_of_pairs_is_known():
    line = "[    0.1] mtrr: intel MTRR support, 8 var ranges, 88 fixed ranges\n"
    assert imported(DUMP + line).sources[0].unknown == ()


def test_columns_fill_a_table_up_to_its_limit():
    table = columns.Accesses(5)
    for first in (0, 3, 6):
        table.add_columns([[*range(first, first + 3)]] * 6)
    assert table.signed_column("line").tolist() == [0, 1, 2, 3, 4]
    assert table.dropped == 4

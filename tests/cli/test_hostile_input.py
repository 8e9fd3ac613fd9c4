"""Files that are no dump of a machine: one line, exit code 2, and nothing written."""

from __future__ import annotations

import gzip
import os
import sys
import threading

import pytest

DUMP = b"0x2ff c06\n0x200 80000000\n0x201 ff80000800\n"
PACKED = gzip.compress(DUMP * 50, mtime=0)
NEGATIVE = b" qemu-1 [000] ..... -5.0: kvm_msr: msr_write 2ff = 0xc06\n"
BEYOND = b" qemu-1 [000] ..... 999999999999.0: kvm_msr: msr_write 2ff = 0xc06\n"

HOSTILE = {
    "nothing": (b"", "nothing about memory types"),
    "blank lines": (b"\n \n\t\n", "nothing about memory types"),
    "prose": (b"Dear all,\nplease find attached.\n", "line 1: nothing in it is known"),
    "a web page": (b"<!DOCTYPE html><html>404</html>", "nothing in it is known"),
    "another JSON": (b'{"a": 1}', "nothing about memory types"),
    "a huge line": (b"A" * 3_000_000, "a line of more than 262144 characters, starting 'AAAA"),
    "a huge number": (b"0x2ff c06\n" + b"9" * 3_000_000, "line 2: a line of more than"),
    "binary junk": (bytes(range(256)) * 20, "this is not text (it starts 00 01 02"),
    "a program": (b"\x7fELF" + bytes(500), "this is a program"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(500), "this is a picture"),
    "packed junk": (gzip.compress(bytes(range(256)) * 40), "this is not text"),
    "packed zeros": (gzip.compress(bytes(5_000_000)), "this is not text"),
    "cut gzip": (PACKED[:-9], "damaged or cut off"),
    "gzip in name only": (b"\x1f\x8bjunk" * 30, "damaged or cut off"),
    "gzip with a wrong sum": (PACKED[:-8] + bytes(8), "CRC check failed"),
    "a value of 65 bits": (b"0x2ff c06\n0x200 1ffffffffffffffff\n", "line 2: 0x1ffffffffffffffff"),
    "too many CPUs": (b"[ 0.1] smpboot: Allowing 4096 CPUs, 0 hotplug CPUs\n", "4096 CPUs"),
    "iomem without rights": (b"00000000-00000000 : System RAM\n", "as root sees it"),
    "a range backwards": (b"80000000-00100000 : System RAM\n", "ends before it starts"),
    "a negative time": (NEGATIVE, "line 1: time -5.0"),
    "a time beyond all bounds": (BEYOND, "line 1: time 999999999999.0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_dump_is_refused_in_one_line(refused, tmp_path, name):
    content, words = HOSTILE[name]
    (tmp_path / "dump.txt").write_bytes(content)
    output = tmp_path / "made.toml"
    for arguments in (("check", tmp_path / "dump.txt"), ("import", tmp_path / "dump.txt")):
        target = ("-o", output) if arguments[0] == "import" else ()
        assert words in refused(*arguments, *target)
    assert [path.name for path in tmp_path.iterdir()] == ["dump.txt"]


@pytest.mark.parametrize("name", ["a folder", "no file", "a loop", "/dev/null"])
def test_what_is_no_file_is_refused_in_one_line(refused, tmp_path, name):
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a loop").symlink_to("a loop")
    words = {"a folder": "a folder", "no file": "no such file", "a loop": "symbolic links"}
    assert words.get(name, "nothing about memory types") in refused("check", tmp_path / name)


def test_a_file_that_may_not_be_read(refused, tmp_path, monkeypatch):
    path = tmp_path / "dump.txt"
    path.write_bytes(DUMP)

    def deny(self, *arguments, **options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.open", deny)
    assert refused("check", path).strip() == (
        f"mtrrviz: {path}: Permission denied (expected a readable file)"
    )


def test_a_pipe_is_read_like_a_file(mtrrviz, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(DUMP,))
    writer.start()
    outcome = mtrrviz("check", pipe, "--machine=guest")
    writer.join()
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "2 notes")


def test_without_standard_input_it_says_so(refused, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input is closed" in refused("check", "-")


def test_without_standard_output_the_exit_code_still_tells(tmp_path, monkeypatch):
    from mtrrviz.cli import main

    path = tmp_path / "dump.txt"
    path.write_bytes(b"0x2ff 800\n")
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["check", str(path), "--machine=guest"]) == 1


def test_a_text_with_a_nul_or_two_is_still_a_text(mtrrviz, tmp_path):
    path = tmp_path / "serial.txt"
    path.write_bytes(b"\0\0" + DUMP)
    outcome = mtrrviz("check", path, "--machine=guest")
    assert outcome.code == 0
    assert "NUL characters were taken out" in outcome.err


def test_files_of_different_machines_are_said_to_differ(mtrrviz, tmp_path):
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    pair = "reg00: base=0x{0}0000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
    one.write_text(pair.format("08") + "00100000-7fffffff : System RAM\n")
    other.write_text(pair.format("18") + "00100000-3fffffff : System RAM\n")
    outcome = mtrrviz("import", one, other)
    words = [line for line in outcome.out.splitlines() if "of one machine?" in line]
    assert [str(other) in line and str(one) in line for line in words] == [True, True]
    assert "memory maps" in words[0]
    assert "variable ranges" in words[1]
    alike = mtrrviz("import", one, one)
    assert "of one machine?" not in alike.out


def test_where_nothing_can_be_written_the_name_asked_for_is_told(refused, tmp_path):
    path = tmp_path / "dump.txt"
    path.write_bytes(DUMP)
    missing = tmp_path / "missing" / "made.toml"
    assert f"{missing}: No such file" in refused("import", path, "-o", missing)


def test_a_name_to_write_that_links_to_itself(refused, tmp_path):
    path, loop = tmp_path / "dump.txt", tmp_path / "loop.toml"
    path.write_bytes(DUMP)
    loop.symlink_to(loop)
    assert f"{loop}: Too many levels of symbolic links" in refused("import", path, "-o", loop)


def test_packed_data_in_a_pipe_are_named(refused, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(PACKED,))
    writer.start()
    assert "this is packed data" in refused("check", pipe)
    writer.join()

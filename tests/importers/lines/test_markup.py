"""What mail, web pages, journals and terminals put round a line, taken off; all else stays."""

from __future__ import annotations

import json
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.importers.lines.cut_lines import is_quoted_printable, soft_ends_joined
from mtrrviz.importers.lines.markup import (
    is_fence,
    is_printable_coded,
    printable_decoded,
    unpacked_strings,
    without_colours,
    without_tags,
)
from mtrrviz.importers.lines.surroundings import is_journal_field, is_shell

LINE = "reg00: base=0x0 ( 0MB), size= 1024MB: write-back"


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("```", True), ("~~~", True), ("  ````text", True), ("``` c++ ", True), ("``", False),
        ("```a b", False), (f"```{LINE}", False), ("x ```", False), ("", False), ("~~", False),
    ],
)  # fmt: skip
def test_a_fence_is_backquotes_or_tildes_and_at_most_a_word(line, is_one) -> None:
    assert is_fence(line) == is_one


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("", [""]),
        (LINE, [LINE]),
        ("a <b> c", ["a  c"]),
        ("a < b > c", ["a < b > c"]),
        ("one<br>two<br/>three", ["one", "two", "three"]),
        ("<p>one</p>", ["one"]),
        ("<br>", []),
        ("<td>&lt;1&gt;</td>", ["<1>"]),
        ("&lt;b&gt;&nbsp;x &amp; y", ["<b> x & y"]),
        ("AT&T; a&b", ["AT&T; a&b"]),
        ("&#65;&#x42;", ["AB"]),
        ("<unknown> x", ["<unknown> x"]),
    ],
)
def test_known_tags_go_and_breaks_make_lines(line, lines) -> None:
    assert without_tags(line) == lines


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("\x1b[31mred\x1b[0m", "red"), ("\x1b[Kx", "x"), ("^[[1;32mx", "x"), ("\\x1b[0mx", "x"),
        ("[0m[1;31mx", "x"), ("[    0.1] x", "[    0.1] x"), ("[0] x", "[0] x"), ("\x1bx", "x"),
        ("[1234m", "[1234m"), ("\u241b[0mx", "x"),
    ],
)  # fmt: skip
def test_colours_go_with_their_escape_or_without_and_times_stay(line, plain) -> None:
    assert without_colours(line) == plain


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ('{"MESSAGE": "a b"}', ["MESSAGE=a b"]),
        ('{"PRIORITY":"6","MESSAGE":"a\\nb"}', ["MESSAGE=a", "MESSAGE=b"]),
        ('{"log": "a b", "time": "x"}', ["a b"]),
        ('{"msg" : "say \\"x\\""}', ['say "x"']),
        ('["a\\nb", "c\\nd"]', ["a", "b", "c", "d"]),
        ('["a", "c\\nd"]', ["c", "d"]),
        ('["a", "c"]', ['["a", "c"]']),
        ('"whole",', ["whole"]),
        ("'whole'", ["whole"]),
        ('  "whole" ,', ["whole"]),
        ('""', ['""']),
        ('"x"', ["x"]),
        ("'(x)'", ["'(x)'"]),
        ("\"half'", ["\"half'"]),
        ('"\\q"', ["\\q"]),
        ('"a\\r\\u0000b"', ["ab"]),
        ('{"MESSAGE": 5}', ['{"MESSAGE": 5}']),
        (LINE, [LINE]),
    ],
)
def test_strings_of_json_are_unpacked_where_they_hold_lines(line, lines) -> None:
    assert unpacked_strings(line) == lines


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1))
def test_any_message_of_a_journal_comes_out_as_it_was(text) -> None:
    found = unpacked_strings(json.dumps({"MESSAGE": text}))
    kept = text.replace("\r", "").replace("\0", "")
    assert found == [f"MESSAGE={part}" for part in kept.split("\n")]


@pytest.mark.parametrize(
    ("line", "is_coded"),
    [
        ("", True), ("plain", True), ("a=3Db", True), ("a=3db", False), ("a=", True),
        ("a=  ", True), ("a=b", False), ("=E9=A0", True), ("a=3", False), ("= x", False),
    ],
)  # fmt: skip
def test_a_line_is_coded_if_every_sign_of_it_is(line, is_coded) -> None:
    assert is_printable_coded(line) == is_coded


@given(st.text("abz=09,.", min_size=1, max_size=300))
def test_coded_lines_are_decoded_as_the_library_codes_them(text) -> None:
    coded = quopri.encodestring(text.encode(), quotetabs=True).decode()
    lines = coded.split("\n")
    assert all(map(is_printable_coded, lines))
    joined = soft_ends_joined(enumerate(lines))
    assert [line for _, line in joined] == [text]
    assert printable_decoded("plain") == "plain"


SOFT = f"{'x' * 74}="


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [
        ([], False), ([LINE], False), (["a=3Db"], True), (["a=3Db=zz"], False),
        ([SOFT], False), ([SOFT, SOFT], True), ([SOFT[1:], SOFT[5:]], True),
        ([SOFT, SOFT[6:]], False), ([f"xx{SOFT}", SOFT], True), ([f"xxx{SOFT}", SOFT], False),
        ([SOFT, "=" + SOFT], False),
    ],
)  # fmt: skip
def test_a_text_is_coded_by_one_coded_sign_or_two_soft_ends(lines, is_one) -> None:
    assert is_quoted_printable(lines) == is_one


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("user@host:~$ cat x", True), ("[root@host ~]# dmesg", True), ("$ dmesg", True),
        ("root@host:~# rdmsr -a 0x2ff", False), ("$ sudo rdmsr 0x200", False), ("dmesg", True),
        ("sudo dmesg | grep MTRR", True), ("cat /proc/mtrr", True), ("cat /home/x", False),
        ("# cat /proc/iomem", True), ("dmesg is long", False), ("journalctl -k -b", True),
        ("C:\\Users>", True), ("PS C:\\x>", True), ("#", True), ("# text", False), (LINE, False),
        ("", False),
    ],
)  # fmt: skip
def test_prompts_and_commands_are_a_shell_but_for_rdmsr(line, is_one) -> None:
    assert is_shell(line) == is_one


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("    _TRANSPORT=kernel", True), ('  "__CURSOR" : "s=1",', True), ("PRIORITY=6", True),
        ("MESSAGE=x", False), ("SYSLOG_IDENTIFIER=kernel", True), ("{", True), ("},", True),
        ("]", True), ("{}", True), ("{ x", False), ("_x=1", False), (LINE, False), ("", False),
    ],
)  # fmt: skip
def test_fields_of_a_journal_are_all_but_its_message(line, is_one) -> None:
    assert is_journal_field(line) == is_one

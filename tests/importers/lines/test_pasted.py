"""However a log was pasted, it tells the same: samples in random dress give the same facts."""

from __future__ import annotations

import html
import json
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.lines.heads import Head, take_off_heads
from mtrrviz.importers.reading import read_texts
from tests.importers.helpers import SAMPLES

FIELD = SAMPLES / "field"
CLEAN = [
    "k01-uc-hole-over-wb", "k02-reserved-touches-ram", "k05-outside-ram", "k06-lost-ram",
    "k06-refused-requests", "k09-ten-pairs", "k11-tom2", "k11-tom2-not-forced",
    "k13-size-at-start", "k15-cleanup-trials",
]  # fmt: skip


def facts_of(text):
    """Return what a text tells, without places and without what only a head tells."""
    facts = Facts()
    read_texts(facts, [("pasted", text.encode())])
    return (
        sorted((r.msr, r.value) for r in facts.registers),
        sorted((r.index, r.base, r.size, r.type) for r in facts.ranges if not r.is_map),
        sorted((f.start, f.end, f.type) for f in facts.fixed),
        sorted((m.start, m.end, m.name, m.source) for m in facts.memory),
        sorted((what.name, value) for what, (value, _) in facts.told.items()),
        sorted((c.kind.name, c.start, c.end) for c in facts.complaints),
        sorted((s.sign.name, s.reason) for s in facts.signs),
    )


def bare_lines(name):
    """Return a sample's lines without any head."""
    text = (FIELD / f"{name}.txt").read_text()
    return [take_off_heads(line)[0] for line in text.splitlines()]


def on_lines(change):
    return lambda text: "\n".join(change(line) for line in text.split("\n"))


def numbered(text):
    return "\n".join(f"{n:6}\t{line}" for n, line in enumerate(text.split("\n"), 1))


def quoted_printable(text):
    lines = []
    for line in text.split("\n"):
        coded = line.replace("=", "=3D")
        while len(coded) > 76:
            cut = 75 if coded[73] != "=" and coded[74] != "=" else 73
            lines.append(coded[:cut] + "=")
            coded = coded[cut:]
        lines.append(coded)
    return "\n".join(lines)


LOG_HEADS = {
    "dmesg": on_lines(lambda line: f"[    0.001234] {line}"),
    "caller": on_lines(lambda line: f"[    0.001234] [    T0] {line}"),
    "raw": on_lines(lambda line: f"<6>[    0.001234] {line}"),
    "levels": on_lines(lambda line: f"kern  :info  : [    0.001234] {line}"),
    "human": on_lines(lambda line: f"[  +0.000003] {line}"),
    "ctime": on_lines(lambda line: f"[Tue Nov 28 12:00:00 2023] {line}"),
    "syslog": on_lines(lambda line: f"Nov 28 12:00:00 box kernel: {line}"),
    "syslog and dmesg": on_lines(lambda line: f"Nov  8 12:00:00 box kernel: [    0.001] {line}"),
    "iso": on_lines(lambda line: f"2023-11-28T12:00:00.123456+01:00 box kernel: {line}"),
    "short-full": on_lines(lambda line: f"Tue 2023-11-28 12:00:00 CET box kernel: {line}"),
    "short-unix": on_lines(lambda line: f"1701169200.123456 box kernel: {line}"),
    "short-monotonic": on_lines(lambda line: f"[    0.001234] box kernel: {line}"),
    "no hostname": on_lines(lambda line: f"[    0.001234] kernel: {line}"),
}
"""What logs put before a line; after one of them a line without is the rest of the one before."""

DRESS = {
    "nothing": lambda text: text,
    "quoted": on_lines(lambda line: f"> {line}"),
    "quoted twice": on_lines(lambda line: f">> {line}"),
    "indented": on_lines(lambda line: f"    {line}"),
    "bars": on_lines(lambda line: f"| {line}"),
    "html": lambda text: f"<pre>{html.escape(text)}</pre>",
    "breaks": lambda text: html.escape(text).replace("\n", "<br>\n"),
    "fenced": lambda text: f"```\n{text}\n```",
    "backquotes": on_lines(lambda line: f"`{line}`" if line else line),
    "colours": on_lines(lambda line: f"\x1b[32m{line}\x1b[0m"),
    "colours without escapes": on_lines(lambda line: f"[32m{line}[0m"),
    "carriage returns": on_lines(lambda line: f"{line}\r"),
    "json": json.dumps,
    "json in an object": lambda text: json.dumps({"host": "box", "dmesg": text}),
    "list of strings": on_lines(lambda line: f"  {json.dumps(line)},"),
    "quoted-printable": quoted_printable,
    "numbered": numbered,
    "grep": on_lines(lambda line: f"/var/log/dmesg.0:17:{line}"),
}
"""What people and programs do to a log; nested in any order."""

NO_HEADS_NEEDED = set(DRESS) - {"grep"}


@pytest.mark.parametrize("head", LOG_HEADS)
@pytest.mark.parametrize("name", ["k01-uc-hole-over-wb", "k11-tom2-not-forced"])
def test_heads_of_logs_change_nothing(name, head):
    text = "\n".join(bare_lines(name))
    assert facts_of(LOG_HEADS[head](text)) == facts_of(text)


@pytest.mark.parametrize("dress", DRESS)
def test_dress_changes_nothing(dress):
    text = LOG_HEADS["dmesg"]("\n".join(bare_lines("k01-uc-hole-over-wb")))
    assert facts_of(DRESS[dress](text)) == facts_of(text)


@pytest.mark.parametrize("dress", sorted(NO_HEADS_NEEDED))
def test_dress_without_heads_changes_nothing(dress):
    text = "\n".join(bare_lines("k09-ten-pairs"))
    assert facts_of(DRESS[dress](text)) == facts_of(text)


@pytest.mark.parametrize("width", [72, 76, 80])
@pytest.mark.parametrize("name", CLEAN)
def test_lines_wrapped_by_mail_are_put_together(name, width):
    lines = [f"Nov 28 12:00:00 some-example-box kernel: {line}" for line in bare_lines(name)]
    wrapped = [
        f"> {part}"
        for line in lines
        for part in textwrap.wrap(line, width, break_long_words=False, drop_whitespace=True) or [""]
    ]
    assert facts_of("\n".join(wrapped)) == facts_of("\n".join(lines))


def test_lines_cut_by_a_terminal_are_put_together():
    lines = [
        f"Nov 28 12:00:00 some-example-machine kernel: [    0.000000] {line}"
        for line in bare_lines("k01-uc-hole-over-wb")
    ]
    cut = [line[at : at + 80] for line in lines for at in range(0, len(line), 80)]
    assert facts_of("\n".join(cut)) == facts_of("\n".join(lines))


@pytest.mark.parametrize(
    "layers",
    [
        ("quoted-printable", "backquotes"),
        ("quoted-printable", "colours without escapes"),
        ("quoted-printable", "list of strings"),
        ("json", "quoted-printable", "backquotes"),
        ("json in an object", "quoted-printable", "breaks"),
        ("list of strings", "quoted-printable", "quoted"),
        ("html", "quoted-printable", "list of strings"),
    ],
)
@pytest.mark.parametrize("name", ["k01-uc-hole-over-wb", "k09-ten-pairs"])
def test_coded_mail_within_other_dress_changes_nothing(name, layers):
    text = LOG_HEADS["dmesg"]("\n".join(bare_lines(name)))
    wanted = facts_of(text)
    for layer in layers:
        text = DRESS[layer](text)
    assert facts_of(text) == wanted


@settings(max_examples=60)
@given(
    name=st.sampled_from(CLEAN),
    heads=st.lists(st.sampled_from(sorted(LOG_HEADS)), min_size=1, max_size=2),
    dress=st.lists(st.sampled_from(sorted(DRESS)), max_size=3, unique=True),
)
def test_any_nesting_changes_nothing(name, heads, dress):
    text = "\n".join(bare_lines(name))
    wanted = facts_of(text)
    for head in heads:
        text = LOG_HEADS[head](text)
    for one in dress:
        text = DRESS[one](text)
    assert facts_of(text) == wanted


@pytest.mark.parametrize(
    "dressed",
    [
        lambda line: ("[    0.000000] " + line).replace(" ", "\xa0"),
        lambda line: "\u200b[    0.000000] " + line + "\u200b",
        lambda line: "\t[    0.000000]\t" + line,
        lambda line: "6,123,4567,-;" + line,
        lambda line: "6,123,4567,-,caller=T0;" + line,
        lambda line: "12:00:01.123456 " + line,
    ],
)
def test_spaces_of_web_pages_and_kmsg_heads_change_nothing(dressed):
    lines = [
        "BIOS-e820: [mem 0x0000000000100000-0x000000007bffffff] usable",
        "MTRR default type: uncachable",
        "MTRR variable ranges enabled:",
        "  0 base 000000000 mask F80000000 write-back",
    ]
    wanted = facts_of("\n".join(lines))
    assert facts_of("\n".join(map(dressed, lines))) == wanted


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_type_cut_by_a_terminal_is_the_type(cut):
    text = "MTRR default type: uncachable\n  1 base 07C000000 mask FFC000000 write-back"
    lines = [line[:-cut] for line in text.splitlines()]
    assert facts_of("\n".join(lines)) == facts_of(text)


def test_prose_between_is_skipped_and_counted():
    lines = bare_lines("k05-outside-ram")
    prose = "This is what my box prints, and I wonder why it is so slow."
    mixed = [line for one in lines for line in (prose, one)]
    assert facts_of("\n".join(mixed)) == facts_of("\n".join(lines))
    facts = Facts()
    (report,) = read_texts(facts, [("mail", "\n".join(mixed).encode())])
    assert report.unknown_lines == len(lines)


@pytest.mark.parametrize(
    "line",
    [
        "  0 base 000000000 mask E00000000 write-back",
        "0x200 80000000",
        "00000000-00000fff : Reserved",
        "WB:0000000000000000-000000000009FFFF",
        "MTRR: 0 base 0x0000000080000000 mask 0x0000007f80000000 type 0",
        " BIOS-e820: 0000000000000000 - 000000000009f000 (usable)",
        "  0: 0000000000000000-000000000009ffff write-back",
        "On Mon, Feb 12, 2024 at 09:41:17AM +0100, X wrote:",
        "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back",
    ],
)
def test_a_line_without_a_head_stays_as_it_is(line):
    assert take_off_heads(line) == (line, Head.NONE)

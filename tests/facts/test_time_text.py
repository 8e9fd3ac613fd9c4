"""Times as they are typed and as a clock shows them."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from mtrrviz.cli.options.values import time_ns
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.time_text import clock_text, exact_text, parse_time_ns, short_clock_text


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("6.9 s", 6_900_000_000),
        ("6.9", 6_900_000_000),
        ("850 ms", 850_000_000),
        ("12us", 12_000),
        ("12 \u00b5s", 12_000),
        (" 7 NS ", 7),
        (".5", 500_000_000),
        ("18.822400001", 18_822_400_001),
        (f"{'0' * 23}7", 7_000_000_000),
        (f"{'0' * 20}.007", 7_000_000),
    ],
)
def test_a_time_is_read_exactly(text, time_ns):
    assert parse_time_ns(text) == time_ns


def test_a_sign_counts_from_the_origin():
    assert parse_time_ns("+10 ms", 1_000_000_000) == 1_010_000_000
    assert parse_time_ns("- 0.5", 1_000_000_000) == 500_000_000


@pytest.mark.parametrize("text", ["", "s", "1 h", "1,5", "0x10", "1 2 s", "nan", 25 * "9"])
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(MtrrvizError, match=r"write e\.g\. 6\.9 s"):
        parse_time_ns(text)


@pytest.mark.parametrize("text", ["6.9 s", "850 ms", "12 \u00b5s", "100.123456789"])
def test_the_command_line_reads_the_times_that_the_window_reads(text):
    assert time_ns(text) == parse_time_ns(text)
    assert time_ns(exact_text(parse_time_ns(text))) == parse_time_ns(text)


@pytest.mark.parametrize("text", ["+1", "-1 s", "soon", ""])
def test_the_command_line_refuses_distances_and_words(text):
    with pytest.raises(ArgumentTypeError, match="or end"):
        time_ns(text)


def test_a_clock_never_shows_what_has_not_begun():
    assert clock_text(1_999_999_999) == "1.999 s"
    assert clock_text(1_000_500, 6) == "0.001000 s"


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (800_000_000, "0.800 s"),
        (0, "0.000 s"),
        (12_000_000_000, "12.000 s"),
        (800_123_000, "0.800123 s"),
        (1_000_000_001, "1.000000001 s"),
    ],
)
def test_a_short_clock_has_the_decimals_that_it_needs(time_ns, text):
    assert short_clock_text(time_ns) == text


@pytest.mark.parametrize(
    ("nanoseconds", "words"),
    [(0, "0 s"), (140_000_000, "0.14 s"), (7_000_000_000, "7 s"), (1, "0.000000001 s")],
)
def test_a_time_to_be_typed_again_has_the_decimals_it_needs(nanoseconds, words):
    assert exact_text(nanoseconds) == words

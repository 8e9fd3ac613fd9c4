"""Pieces of lines that mail and terminals cut: put together where the whole says more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.importers.lines.cut_lines import (
    MAX_JOINED,
    MAX_JOINED_CHARS,
    MAX_SILENT,
    MAX_SILENT_LOG,
    SHORTEST_WRAP,
    LinePiece,
    soft_ends_joined,
    wrapped_joined,
)
from mtrrviz.importers.lines.heads import Head

WIDE = "-" * SHORTEST_WRAP


def facts_in(text: str) -> int:
    """Count "fact" up to "end": what a format finds in a line that is whole."""
    return text.count("fact") if text.rstrip().endswith("end") else 0


def facts_from_the_start(text: str) -> int:
    """Count the same where nothing stands before the first of them."""
    return facts_in(text) if text.startswith("fact") else 0


def joined(*texts, head=Head.NONE, first=Head.LOG, width=0, count=facts_in):
    """Return lines that pieces make: the first has a head of a log, the others another one."""
    pieces = [
        LinePiece(at, text, first if at == 1 else head, max(width, len(text)))
        for at, text in enumerate(texts, 1)
    ]
    return [(piece.number, piece.text) for piece in wrapped_joined(pieces, count)]


@pytest.mark.parametrize("head", [head for head in Head if head < Head.LOG])
def test_a_line_that_says_more_than_its_pieces_is_one(head) -> None:
    assert joined(f"fact {WIDE}", "end", head=head) == [(1, f"fact {WIDE} end")]


def test_a_piece_with_a_head_of_its_own_is_another_line() -> None:
    assert joined(f"fact {WIDE}", "end", head=Head.LOG) == [(1, f"fact {WIDE}"), (2, "end")]


def test_lines_that_each_say_all_stay_apart() -> None:
    lines = [f"fact {WIDE} end", f"fact {WIDE} end"]
    assert joined(*lines, first=Head.NONE) == [*enumerate(lines, 1)]


@pytest.mark.parametrize("many", range(2, MAX_JOINED + 2))
def test_at_most_so_many_pieces_are_one_line(many) -> None:
    """Each further piece makes it say more."""
    texts = [f"{at}{WIDE}{'-' * at}" for at in range(many)]
    found = joined(*texts, count=lambda text: len(text) ** 2)
    assert found[0] == (1, " ".join(texts[:MAX_JOINED]))
    assert len(found) == 1 + (many > MAX_JOINED)


@pytest.mark.parametrize(("needed", "is_one"), [(2, True), (3, True), (4, True), (5, False)])
def test_a_few_pieces_ahead_are_tried_though_the_first_of_them_say_nothing(needed, is_one) -> None:
    texts = [f"fact {WIDE}", *(f"more {WIDE[:-at]}" for at in range(1, needed - 1)), "end"]
    found = joined(*texts, first=Head.NONE)
    assert found[0] == (1, " ".join(texts) if is_one else texts[0])


@pytest.mark.parametrize(
    ("silent", "needed", "is_one"),
    [
        (MAX_SILENT - 1, 4, True),
        (MAX_SILENT, 4, False),
        (MAX_SILENT, 3, False),
        (MAX_SILENT, 2, True),
        (9 * MAX_SILENT, 2, True),
    ],
)
def test_after_many_lines_that_say_nothing_fewer_pieces_are_tried(silent, needed, is_one) -> None:
    nothing = [f"{at:04}{WIDE}" for at in range(silent)]
    cut = [f"fact {WIDE}", *(f"more {WIDE[:-at]}" for at in range(1, needed - 1)), "end"]
    lines = joined(*nothing, *cut, first=Head.NONE, count=facts_from_the_start)
    found = [text for _, text in lines]
    assert found[: len(nothing)] == nothing
    assert (found[len(nothing)] == " ".join(cut)) == is_one


@pytest.mark.parametrize(
    ("silent", "is_one"), [(MAX_SILENT_LOG - 1, True), (MAX_SILENT_LOG, False)]
)
@pytest.mark.parametrize("start", ["MTRR ", "BIOS-e820: ", "0x"])
def test_longer_where_a_line_begins_as_one_of_a_log(start, silent, is_one) -> None:
    nothing = [f"{at:04}{WIDE}" for at in range(silent)]
    cut = [f"{start}fact {WIDE}", f"more {WIDE[:-1]}", "end"]
    count = lambda text: facts_in(text) if text.startswith(start) else 0  # noqa: E731
    found = [text for _, text in joined(*nothing, *cut, first=Head.NONE, count=count)]
    assert (found[len(nothing)] == " ".join(cut)) == is_one


def test_a_line_that_says_something_has_more_pieces_tried_again() -> None:
    cut = [f"fact {WIDE}", f"more {WIDE[:-1]}", "end"]
    lines = [*(f"{at:04}{WIDE}" for at in range(MAX_SILENT)), f"fact {WIDE} end", *cut]
    assert joined(*lines, first=Head.NONE)[-1][1] == " ".join(cut)


def test_lines_that_say_nothing_are_asked_about_few_times_each() -> None:
    asked: list[str] = []
    lines = [f"{at:05}{WIDE}" for at in range(20 * MAX_SILENT)]
    joined(*lines, first=Head.NONE, count=lambda text: asked.append(text) or 0)
    assert len(asked) < 9 * len(lines)


@pytest.mark.parametrize(
    ("rest", "is_one"),
    [
        ("a b c", True), ("some few words", True), ("four words are here now", False),
        ("It ended.", False), ("what?", False), ("and then:", False), ("no more!", False),
    ],
)  # fmt: skip
def test_in_a_log_a_line_without_a_head_is_the_rest_unless_it_is_a_sentence(rest, is_one) -> None:
    found = joined(WIDE, rest, count=lambda _text: 0)
    assert len(found) == (1 if is_one else 2)
    assert len(joined(WIDE, rest, first=Head.NONE, count=lambda _text: 0)) == 2


@pytest.mark.parametrize("rest", ["$ dmesg", "user@host:~$ ls", "PRIORITY=6", "{", "", "   "])
def test_a_prompt_a_field_and_an_empty_line_go_on_with_nothing(rest) -> None:
    assert len(joined(f"fact {WIDE}", rest, "end", count=lambda text: len(text) ** 2)) > 1


@pytest.mark.parametrize(("gap", "is_one"), [(0, True), (3, True), (4, False)])
def test_a_line_is_wrapped_only_where_the_next_word_had_no_room(gap, is_one) -> None:
    """The column is that of the paragraph's longest line, up to the shortest wrap."""
    first = "fact " + "x" * (40 - 5 - gap)
    third = "y " + "z" * 38
    found = joined(first, "end", third, first=Head.NONE)
    assert found[0] == (1, f"{first} end" if is_one else first)


@pytest.mark.parametrize(("more", "is_one"), [(0, True), (1, False)])
def test_a_line_that_is_too_long_already_goes_on_with_nothing(more, is_one) -> None:
    first = "fact" + "x" * (MAX_JOINED_CHARS - 4 + more)
    assert (len(joined(first, "end", first=Head.NONE)) == 1) == is_one


@pytest.mark.parametrize(("lines", "is_cut"), [(2, False), (3, True), (4, True)])
def test_a_terminal_cut_where_several_lines_have_the_greatest_width(lines, is_cut) -> None:
    """There the pieces go on without a space first; the first way that says more is taken."""
    width = 80
    whole = "fact " + "x" * (width - 5)
    pieces = [LinePiece(at, whole, Head.LOG, width) for at in range(1, lines)]
    pieces += [LinePiece(lines, whole, Head.LOG, width), LinePiece(99, "yend", Head.NONE, 4)]
    found = list(wrapped_joined(pieces, facts_in))
    assert found[-1].text == whole + ("yend" if is_cut else " yend")


@given(st.lists(st.sampled_from(["fact", "end", WIDE, "", "a b", "$ dmesg"]), max_size=9))
def test_no_piece_is_lost_or_told_twice(texts) -> None:
    pieces = [LinePiece(at, text, Head.NONE, len(text)) for at, text in enumerate(texts)]
    found = list(wrapped_joined(pieces, facts_in))
    numbers = [piece.number for piece in found]
    assert numbers == sorted(set(numbers))
    assert "".join("".join(piece.text.split()) for piece in found) == "".join(
        "".join(text.split()) for text in texts
    )


@pytest.mark.parametrize(("spare", "many"), [(1, 1), (0, 2), (-1, 2)])
def test_a_coded_line_goes_on_until_it_is_as_long_as_any_that_is_put_together(spare, many) -> None:
    first = "x" * (MAX_JOINED_CHARS - spare)
    assert len(soft_ends_joined([(1, f"{first}="), (2, "rest")])) == many

"""A text becomes the next by its middle alone, which is as short as it can be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.session.journal import text_change
from mtrrviz.session.journal.text_change import TextChange, change_between

texts = st.text("ab", max_size=12)


@pytest.mark.parametrize("block", [1, 2, 5, 4096])
def test_any_text_becomes_any_other_by_the_shortest_middle(monkeypatch, block) -> None:
    monkeypatch.setattr(text_change, "_BLOCK", block)

    @settings(max_examples=60)
    @given(texts, texts)
    def holds(old, new) -> None:
        change = change_between(old, new)
        assert change.of(old) == new
        assert change.before + change.after <= min(len(old), len(new))
        gone = old[change.before : len(old) - change.after]
        if gone and change.middle:
            assert gone[0] != change.middle[0]
            assert gone[-1] != change.middle[-1]

    holds()


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("", "", (0, "", 0)), ("", "ab", (0, "ab", 0)), ("ab", "", (0, "", 0)),
        ("abc", "abc", (3, "", 0)), ("abc", "aXc", (1, "X", 1)), ("aa", "aaa", (2, "a", 0)),
        ("abab", "ab", (2, "", 0)),
    ],
)  # fmt: skip
def test_what_both_begin_with_is_taken_first(old, new, change) -> None:
    assert change_between(old, new) == change


@pytest.mark.parametrize(("before", "after"), [(-1, 0), (0, -1), (2, 2), (4, 0), (0, 4)])
def test_a_change_of_a_longer_text_is_refused(before, after) -> None:
    with pytest.raises(ValueError, match="another text"):
        TextChange(before, "x", after).of("abc")


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [(3, 0, "abcx"), (0, 3, "xabc"), (1, 2, "axbc"), (0, 0, "x"), (1, 1, "axc")],
)
def test_a_change_that_just_fits_is_made(before, after, new) -> None:
    assert TextChange(before, "x", after).of("abc") == new

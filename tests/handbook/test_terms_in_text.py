"""The term that a reader points at is found in a text, and everyday words are not."""

from __future__ import annotations

import pytest

from mtrrviz.handbook.terms_in_text import term_at

TEXT = "The guest's MTRRs, UC- by the PAT: KVM zaps leaves; pat a VMM, per-vcpu runs"


@pytest.mark.parametrize(
    ("word", "slug"),
    [
        ("guest", "guest"),
        ("MTRRs", "mtrr"),
        ("UC-", "uc-minus-uc-"),
        ("PAT", "page-attribute-table-pat"),
        ("zaps", "zap"),
        ("leaves", "leaf"),
        ("VMM", "vmm"),
        ("per-vcpu", "per-vcpu"),
        ("pat a", None),
        ("runs", None),
        ("by", None),
    ],
)
def test_a_word_of_the_glossary_is_known_where_it_stands(word, slug):
    found = term_at(TEXT, TEXT.index(word) + 1)
    assert (None if found is None else found.address) == (slug and f"glossary/{slug}")


def test_the_longer_of_two_names_counts():
    text = "the effective memory type of it"
    found = term_at(text, text.index("memory"))
    assert found is not None
    assert found.address == "glossary/effective-memory-type"

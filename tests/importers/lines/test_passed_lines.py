"""Lines that are passed by for what is not in them would not have had any facts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.importers.likeness import FactCounter, facts_in

TESTS = Path(__file__).parents[2]


def lines_of_samples() -> list[str]:
    """Return lines of all logs and dumps that the tests have, and what lines come to together."""
    found: dict[str, None] = {}
    for folder in ("data/samples", "data/forms", "fuzz/corpus"):
        for path in sorted((TESTS / folder).rglob("*")):
            if path.is_file():
                lines = path.read_bytes()[:100_000].decode("latin-1").split("\n")[:200]
                found |= dict.fromkeys(line[:300] for line in lines)
                found |= dict.fromkeys(f"{a[:200]} {b[:200].strip()}" for a, b in pairwise(lines))
    return list(found)


SAMPLES = lines_of_samples()


def test_what_formats_find_in_lines_of_samples_is_counted():
    assert len(SAMPLES) > 5000
    count = FactCounter()
    told = {line: facts for line in SAMPLES if (facts := facts_in(line) if line.strip() else 0)}
    assert len(told) > 500
    assert {line: count(line) for line in told} == told
    assert sum(map(count, SAMPLES)) == sum(told.values())


@given(st.sampled_from(SAMPLES), st.integers(0, 200), st.integers(0, 200), st.characters())
def test_what_formats_find_in_changed_lines_is_counted(line, start, cut, character):
    changed = line[start:cut] if cut > start else line[:cut] + character + line[cut:]
    assert FactCounter()(changed) == (facts_in(changed) if changed.strip() else 0)

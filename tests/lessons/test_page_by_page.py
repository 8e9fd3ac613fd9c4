"""What is answered of a range of pages is what is answered of its pages, one after the other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.reading.conditions import build_question

if TYPE_CHECKING:
    from mtrrviz.lessons.situation import Situation

SOURCES = ("fault", "leaf", "mtrr", "sdm")
MS = 1_000_000


def ask(situation, word, **keys):
    return answer_of(build_question({"ask": word, **keys}, "q"), situation)


def borders(situation: Situation) -> list[int]:
    """Return gfns at which a leaf or a type begins or ends."""
    state = situation.state(situation.time_ns)
    rows = state.live_rows
    firsts = state.run.leaves.first_gfn[rows].astype(int)
    ends = firsts + state.run.leaves.pages[rows].astype(int)
    starts = {int(gfn) for vcpu in (0, 1) for gfn in state.machine.mtrr(vcpu).intervals()[0]}
    memory = range(1, situation.scenario.machine.memory_bytes >> 12)
    found = sorted({*firsts.tolist(), *ends.tolist(), *starts}.intersection(memory))
    return [*found[:6], *found[len(found) // 2 :][:6], *found[-6:]]


@pytest.mark.parametrize("source", SOURCES)
def test_types_of_a_range_are_those_of_its_pages(small, source) -> None:
    at = replace(small, time_ns=960 * MS)
    for gfn in borders(at):
        for first, last in ((gfn - 1, gfn - 1), (gfn - 1, gfn), (gfn, gfn), (gfn, gfn + 1)):
            pages = [
                ask(at, "type", page=page << 12, vcpu=0, source=source).values
                for page in range(first, last + 1)
            ]
            keys = {"start": first << 12, "size": (last + 1 - first) << 12, "vcpu": 0}
            found = ask(at, "type", **keys, source=source).values
            assert found == frozenset().union(*pages), (gfn, first, last)
            for kind in found:
                where = ask(at, "first-page", **keys, source=source, type=kind).values
                hit = next(page for page, of in enumerate(pages, first) if kind in of)
                assert where == {hit << 12}


def test_a_range_between_two_borders_has_what_lies_between(small) -> None:
    at = replace(small, time_ns=960 * MS)
    for first, end in pairwise(borders(at)):
        for source in SOURCES:
            keys = {"start": first << 12, "size": (end - first) << 12, "vcpu": 0}
            found = ask(at, "type", **keys, source=source).values
            ends = [
                ask(at, "type", page=page << 12, vcpu=0, source=source).values
                for page in (first, end - 1)
            ]
            assert found >= ends[0] | ends[1]


def test_leaves_in_a_range_are_those_with_a_page_in_it(small) -> None:
    at = replace(small, time_ns=960 * MS)
    state = at.state(at.time_ns)
    rows = state.live_rows
    firsts = state.run.leaves.first_gfn[rows].astype(int)
    ends = firsts + state.run.leaves.pages[rows].astype(int)
    spans = list(zip(firsts.tolist(), ends.tolist(), strict=True))
    for gfn in borders(at):
        for start, end in ((gfn - 1, gfn), (gfn, gfn + 1), (gfn - 1, gfn + 1)):
            held = sum(low < end and high > start for low, high in spans)
            keys = {"start": start << 12, "size": (end - start) << 12}
            assert ask(at, "leaves", **keys).values == {held}


def test_answers_for_every_vcpu_are_those_of_each(small) -> None:
    at = replace(small, time_ns=960 * MS)
    for source in ("fault", "mtrr", "sdm"):
        for gfn in borders(at)[:8]:
            each = [
                ask(at, "type", page=gfn << 12, vcpu=vcpu, source=source).values for vcpu in (0, 1)
            ]
            every = ask(at, "type", page=gfn << 12, vcpu="every", source=source).values
            assert every == each[0] | each[1]

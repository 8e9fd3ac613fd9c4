"""What the model answers to questions of every kind, in words and with reasons, as it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.answers.answer_kind import (
    AnswerKind,
    example,
    is_same,
    parse_answer,
    parse_tolerance,
)
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.answers.question_words import question_words
from mtrrviz.lessons.opening import opened
from mtrrviz.lessons.reading.conditions import build_question
from mtrrviz.lessons.revealing import reasons
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_kind import as_host
from tests.kept_texts import require_as_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.lessons.situation import Situation

KEPT = Path(__file__).parents[1] / "data" / "told_answers"
MS = 1_000_000
SPANS: tuple[dict[str, Any], ...] = (
    {}, {"page": 0}, {"page": 0x200_0000}, {"page": 0x3FF_FFFF}, {"page": "0x400_0000"},
    {"page": 0xA_0000}, {"page": "2 TiB"}, {"start": 0x1F0_0000, "size": "2 MiB"},
    {"start": 0, "size": 4096}, {"start": 0x9_F000, "size": 1}, {"start": 0, "size": 0},
    {"region": "RAM"}, {"region": "none"},
)  # fmt: skip
WHICH = ({}, {"vcpu": 1}, {"vcpu": "every"}, {"vcpu": 9})
SOURCES = ("fault", "leaf", "mtrr", "sdm")
STOPS = (
    {"when": "vcpus-differ"}, {"when": "policies-differ"}, {"when": "zap"}, {"when": "note"},
    {"when": "write", "register": 0x201}, {"when": "stale"}, {"when": "phase"},
)  # fmt: skip


def of_pages() -> Iterator[dict[str, Any]]:
    """Yield the tables of questions about pages."""
    for span in SPANS:
        for which in WHICH[:3]:
            yield from ({"ask": "type", "source": one, **span, **which} for one in SOURCES)
            for source in SOURCES[:2]:
                yield {"ask": "effective", "pat": 1, "source": source, **span, **which}
                yield {"ask": "ipat", "source": source, **span, **which}
                yield {"ask": "leaf-size", "source": source, **span, **which}
            yield {"ask": "leaves", "stale": True, **span, **which}
            yield {"ask": "first-page", "type": "WT", "source": "mtrr", **span, **which}
        yield {"ask": "leaf-vcpu", **span}
        yield from ({"ask": "leaves", "type": kind, **span} for kind in ("WB", "WT", "WC"))


def of_runs() -> Iterator[dict[str, Any]]:
    """Yield the tables of questions about a run at several times."""
    for at in ("now", "end", 0, 0.5, 99):
        yield from ({"ask": "zaps", "at": at, **more} for more in ({}, {"vcpu": 0}, {"vcpu": 1}))
        yield {"ask": "zaps", "at": at, "cause": "variable MTRR"}
        yield from ({"ask": one, "at": at} for one in ("zap-vcpu", "dma", "alike"))
        for figure in ("faults", "refaults", "leaves-dropped", "contended-zaps", "zap-mcycles",
                       "stall-s", "boot-s"):  # fmt: skip
            yield {"ask": "figure", "figure": figure, "at": at}


def of_machines() -> Iterator[dict[str, Any]]:
    """Yield the tables of questions about registers, checks and what is selected."""
    for which in WHICH:
        for register, field in ((0x2FF, None), (0x2FF, "Type"), (0x200, "x"), ("CR0", "CD")):
            yield {"ask": "register", "register": register, **which} | (
                {"field": field} if field else {}
            )
        for pair in (0, 1, 7, 8):
            for part in ("first", "last", "size", "type", "valid"):
                yield {"ask": "range", "pair": pair, "part": part, **which}
        yield {"ask": "cd", **which}
        yield {"ask": "problems", **which}
    spans = ((0, "1 GiB"), ("1 GiB", "1 GiB"), (1, "1 GiB"), (0, "3 GiB"), ("1 TiB", 4096))
    for start, size in spans:
        for part in ("base", "mask"):
            yield {"ask": "pair", "start": start, "size": size, "type": "WT", "part": part}
    for which in ("first", "last", "every"):
        yield from ({"ask": "moment", "stop": stop, "which": which} for stop in STOPS)
    for severity in ("error", "warning", "note"):
        yield {"ask": "problems", "severity": severity}
    yield {"ask": "problems", "rule": "stale-leaves"}
    for kind in ("UC", "WC", "WT", "WP", "WB"):
        yield {"ask": "speed", "type": kind}
        yield {"ask": "speed", "type": kind, "than": "WB"}
    yield {"ask": "speed", "type": "WB", "cpu": "none"}
    for part in ("policy", "compare", "panel", "page", "vcpu", "register", "scenario", "map"):
        yield {"ask": "shown", "part": part}
    yield {"ask": "playhead"}


def told(situation: Situation, *, has_reasons: bool) -> Iterator[str]:
    for table in (*of_pages(), *of_runs(), *of_machines()):
        asked = " ".join(f"{key}={value}" for key, value in table.items())
        try:
            question = build_question(table, "q")
            found = answer_of(question, situation)
        except MtrrvizError as error:
            yield f"{asked}: refused: {error}"
            continue
        yield f"{asked}: {found.kind.name} {found.words} | {question_words(question, situation)}"
        if has_reasons:
            yield from (f"  {line}" for line in reasons(question, situation))


TEXTS = (
    "WB", "wb, uc", "none", "84", "1,000", "-1", "1.5", "84 zaps", "2 MiB", "2m", "0x8000_0000",
    "80000000", "6.9 s", "850 ms", "3 us", "5", "vCPU 0", "0, 1", "yes", "No", "true", "",
    "x" * 300,
)  # fmt: skip


def read() -> Iterator[str]:
    """Yield what answers mean, and which of them are the same."""
    for kind in AnswerKind:
        yield f"{kind.name}: {example(kind)}"
        answers = []
        for text in TEXTS:
            try:
                answers.append(parse_answer(kind, text))
                yield f"  {text}: {answers[-1].words}"
            except MtrrvizError as error:
                yield f"  {text[:20]}: refused: {str(error)[:120]}"
        same = [[is_same(one, other) for other in answers] for one in answers]
        yield f"  {[''.join('=' if one else '.' for one in row) for row in same]}"


def situations(name: str) -> Situation:
    """Return a situation by its name."""
    if name.startswith("small"):
        small = opened(open_scenario("small-machine"))
        if name == "small":
            return replace(small, time_ns=960 * MS)
        return replace(small, time_ns=1_100 * MS, policy_id="per-vm", vcpu=1)
    overlaps = opened(open_scenario("kvm-and-manual"))
    return overlaps if name == "overlaps" else overlaps.of(as_host(overlaps.scenario))


def keep(lines: Iterable[str], name: str) -> None:
    """Compare lines, each once, with what is kept."""
    require_as_kept("".join(f"{line}\n" for line in dict.fromkeys(lines)), KEPT / f"{name}.txt")


@pytest.mark.parametrize("name", ["small", "small-later", "overlaps", "host"])
def test_answers_and_reasons_are_as_they_were(name: str) -> None:
    keep(told(situations(name), has_reasons=name == "small"), name)


def test_texts_mean_what_they_meant() -> None:
    keep(read(), "texts")


@pytest.mark.parametrize(("letters", "is_read"), [(200, True), (201, False)])
def test_an_answer_may_have_200_characters_besides_spaces_around_it(letters, is_read):
    text = f"  {'x' * letters} "
    if is_read:
        assert parse_answer(AnswerKind.WORD, text) == parse_answer(AnswerKind.WORD, "x" * letters)
    else:
        with pytest.raises(MtrrvizError, match="no answer"):
            parse_answer(AnswerKind.WORD, text)


@pytest.mark.parametrize("text", ["", "  "])
@pytest.mark.parametrize("kind", AnswerKind)
def test_nothing_is_no_answer_of_any_kind(kind, text):
    with pytest.raises(MtrrvizError, match="this is no answer"):
        parse_answer(kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (AnswerKind.NUMBER, "5%", (0.0, 0.05)), (AnswerKind.SIZE, "100 %", (0.0, 1.0)),
        (AnswerKind.NUMBER, 0.5, (0.5, 0.0)), (AnswerKind.TIME, "1 ms", (1e6, 0.0)),
        (AnswerKind.SIZE, "4 KiB", (4096.0, 0.0)),
    ],
)  # fmt: skip
def test_a_tolerance_is_a_share_or_as_much_as_it_says(kind, text, expected):
    assert parse_tolerance(kind, text) == pytest.approx(expected)

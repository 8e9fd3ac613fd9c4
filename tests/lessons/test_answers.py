"""Each question is answered as the model's own parts say."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.analysis.checks import check, is_bad
from mtrrviz.analysis.checks.problem import Severity
from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.facts.figures import figures
from mtrrviz.lessons.answers.answer_kind import AnswerKind, is_same, parse_answer
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.answers.questions import QUESTIONS
from mtrrviz.lessons.opening import opened
from mtrrviz.lessons.playing import with_events
from mtrrviz.lessons.reading.conditions import build_condition, build_question
from mtrrviz.lessons.reading.part_source import PlaceError
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_kind import as_host
from mtrrviz.sim.memtype_speed import write_seconds

MS = 1_000_000
WT_PAGE = 0x200_0000


def ask(situation, word, **keys):
    return answer_of(build_question({"ask": word, **keys}, "q"), situation)


@pytest.fixture(scope="module")
def moved(small):
    """Before the WT range is moved: it is at 32 MiB, and its leaves are there."""
    return replace(small, time_ns=960 * MS)


def test_types_by_all_four_sources(moved):
    for source in ("fault", "leaf", "mtrr", "sdm"):
        assert ask(moved, "type", page=WT_PAGE, vcpu=0, source=source).words == "WT", source
    assert ask(moved, "type", page=WT_PAGE, vcpu=1, source="fault").words == "WB"
    assert ask(moved, "type", page=WT_PAGE, vcpu="every", source="mtrr").words == "WB, WT"


def test_types_of_a_range_are_a_set_and_unmapped_pages_have_none(moved):
    found = ask(moved, "type", start=0x100_0000, size="32 MiB", vcpu=0, source="mtrr")
    assert found.words == "WB, WT"
    assert ask(moved, "type", page=0xA_0000, source="leaf").words == "none"
    first = ask(moved, "first-page", type="WT", region="RAM", vcpu=0, source="mtrr")
    assert first.words == "0x200_0000"
    assert ask(moved, "first-page", type="WP", region="RAM").values == frozenset()


def test_an_overlap_without_a_rule_is_undefined_by_the_sdm_and_can_be_asked_for():
    overlaps = opened(open_scenario("kvm-and-manual"))
    assert ask(overlaps, "type", page=0x220_0000, source="sdm").words == "undefined"
    host = overlaps.of(as_host(overlaps.scenario))
    assert ask(host, "type", page=0x220_0000, source="fault").words == "undefined"
    asked = {"ask": "type", "page": 0x220_0000, "source": "sdm", "is": "undefined"}
    assert build_condition(asked, "c").judged(overlaps).holds
    asked = {"ask": "type", "page": 0x220_0000, "source": "mtrr", "is": "undefined"}
    assert not build_condition(asked, "c").judged(overlaps).holds


def test_leaves_are_those_of_the_inspector(moved):
    state = moved.state(moved.time_ns)
    leaf = explain(state, WT_PAGE >> 12, 0).leaf
    assert leaf is not None
    assert ask(moved, "leaf-vcpu", page=WT_PAGE).values == {leaf.vcpu}
    assert ask(moved, "ipat", page=WT_PAGE).values == {leaf.ipat}
    assert ask(moved, "leaf-size", page=WT_PAGE).values == {4096 << 9 * (leaf.level - 1)}
    assert ask(moved, "leaf-size", page=0xA_0000).values == {0}
    assert ask(moved, "leaves").values == {len(state.live_rows)}
    types = state.run.leaves.memory_type[state.live_rows]
    assert ask(moved, "leaves", type="WT").values == {int(np.count_nonzero(types == 4))}


def test_moving_the_range_leaves_stale_leaves_behind(small):
    keys = {"stale": True, "vcpu": 0, "start": WT_PAGE, "size": "8 MiB"}
    assert ask(replace(small, time_ns=990 * MS), "leaves", **keys).values == {0}
    assert ask(replace(small, time_ns=1010 * MS), "leaves", **keys).values == {2048}


def test_the_effective_type_follows_the_pat_without_ipat(moved):
    assert ask(moved, "effective", page=WT_PAGE, pat=0).words == "WT"
    assert ask(moved, "effective", page=WT_PAGE, pat=3).words == "UC"


def test_zaps_and_figures_are_those_of_the_run(small):
    found = figures(small.run())
    assert ask(small, "zaps").values == {found.zap_count}
    by_vcpu = [ask(small, "zaps", vcpu=vcpu).values for vcpu in (0, 1)]
    assert by_vcpu == [{count} for count in found.zaps_per_vcpu]
    assert ask(small, "zaps", cause="variable MTRR").values == {
        found.zaps_by_cause["variable MTRR"]
    }
    assert ask(small, "zaps", at="now").values == {0}
    assert ask(small, "figure", figure="refaults").values == {found.refaults}
    assert ask(small, "figure", figure="boot-s").values == {round(found.boot_s * 1e9)}
    assert ask(small, "zap-vcpu", at=0.56).words == "1"
    assert ask(small, "zap-vcpu", at=0.57).words == "none"


def test_registers_ranges_and_pairs(moved):
    assert ask(moved, "register", register="IA32_MTRR_PHYSBASE1", vcpu=0).words == "0x200_0004"
    assert ask(moved, "register", register=0x2FF, field="E", vcpu="every").values == {1}
    assert ask(moved, "register", register=0x202, field="Type", vcpu=0).words == "WT"
    assert ask(moved, "register", register="CR0", field="CD", vcpu=0).values == {0}
    parts = {
        "first": "0x200_0000",
        "last": "0x27f_ffff",
        "size": "8 MiB",
        "type": "WT",
        "valid": "yes",
    }
    for part, words in parts.items():
        assert ask(moved, "range", pair=1, part=part, vcpu=0).words == words
    mask = ask(moved, "pair", start=WT_PAGE, size="8 MiB", type="WT", part="mask")
    assert mask == ask(moved, "register", register=0x203, vcpu=0)


def test_devices_cd_alike_and_what_is_selected(small, moved):
    assert ask(small, "cd", vcpu="every").values == {1}
    assert ask(moved, "cd", vcpu="every").values == {0}
    assert ask(small, "alike").words == "yes"
    assert ask(moved, "alike").words == "no"
    assert ask(small, "dma").values == {1}
    chosen = replace(small, panel="zaps", gfns=(2, 3), register=0x2FF)
    words = {part: ask(chosen, "shown", part=part).words for part in ("panel", "page", "register")}
    assert words == {"panel": "zaps", "page": "0x2000", "register": "IA32_MTRR_DEF_TYPE"}
    assert ask(small, "shown", part="page").words == "none"
    assert ask(small, "shown", part="scenario").words == "small-machine"


def test_problems_are_those_of_the_checks(moved):
    found = check(moved.state(moved.time_ns))
    assert ask(moved, "problems").values == {sum(map(is_bad, found))}
    for severity in Severity:
        count = sum(problem.severity is severity for problem in found)
        assert ask(moved, "problems", severity=severity.value).values == {count}
    rule = found[0].rule
    count = sum(problem.rule == rule for problem in found)
    assert ask(moved, "problems", rule=rule).values == {count}
    one_vcpu = check(moved.state(moved.time_ns), 1)
    assert ask(moved, "problems", vcpu=1).values == {sum(map(is_bad, one_vcpu))}


def test_speeds_are_the_measured_ones(small):
    speeds = write_seconds()
    ratio = speeds[MemoryType.UC] / speeds[MemoryType.WB]
    assert ask(small, "speed", type="UC", than="WB").values == {round(ratio, 1)}
    assert ask(small, "speed", type="WB").values == {round(speeds[MemoryType.WB] * 1e9, 2)}


def test_a_real_machine_has_types_and_problems_but_no_zaps(small):
    host = opened(as_host(small.scenario))
    host = replace(host, time_ns=960 * MS)
    for source in ("mtrr", "sdm"):
        assert ask(host, "type", page=WT_PAGE, vcpu=0, source=source).words == "WT"
    assert ask(host, "problems", severity="error", vcpu=0).kind is AnswerKind.NUMBER
    assert ask(host, "leaves").values == {0}
    assert ask(host, "leaf-size", page=WT_PAGE, source="fault").values == {0}
    with pytest.raises(MtrrvizError, match="no zaps"):
        ask(host, "zaps")


def test_the_pat_is_no_mtrr(small):
    write = Event(0, EventKind.WRMSR, 1, 0x277, 0)
    assert ask(with_events(small, [write]), "alike").words == "yes"


def test_moments_of_one_run_and_of_two(small):
    phases = ask(small, "moment", stop={"when": "phase"}, which="every")
    assert len(phases.values) == len(small.scenario.phases)
    last = ask(small, "moment", stop={"when": "phase"}, which="last")
    assert last.values == {small.scenario.phases[-1].start_ns}
    assert ask(small, "moment", stop={"when": "policies-differ"}).values
    alone = replace(small, compared_id=None)
    with pytest.raises(MtrrvizError, match="nothing is compared"):
        ask(alone, "moment", stop={"when": "policies-differ"})


@pytest.mark.parametrize(
    ("word", "keys", "words"),
    [
        ("type", {}, "no page is selected"),
        ("type", {"page": 1 << 40}, "no address here"),
        ("type", {"start": 0}, "two keys"),
        ("type", {"start": 1, "size": 4096}, "no range"),
        ("type", {"page": 0, "vcpu": 9}, "no vCPU 9"),
        ("type", {"page": 0, "at": 99}, "over"),
        ("register", {"register": "X"}, "no register"),
        ("register", {"register": "CR0", "field": "X"}, "no field"),
        ("range", {"pair": 30, "part": "size"}, "no pair 30"),
        ("pair", {"start": 4096, "size": 8192, "type": "UC", "part": "base"}, "multiple"),
        ("problems", {"rule": "x"}, "no rule"),
        ("leaves", {"stale": True, "vcpu": "every"}, "one vCPU"),
    ],
)
def test_what_the_scenario_does_not_have_is_told(small, word, keys, words):
    with pytest.raises(MtrrvizError, match=words) as error:
        ask(small, word, **keys)
    assert "expected" in str(error.value)


@pytest.mark.parametrize(
    ("table", "holds"),
    [
        ({"ask": "dma", "is": 1}, True),
        ({"ask": "dma", "is_not": 1}, False),
        ({"ask": "dma", "at_most": 0}, False),
        ({"ask": "dma", "at_least": 1}, True),
        ({"ask": "type", "region": "RAM", "source": "mtrr", "vcpu": 0, "has": "WT"}, True),
        ({"ask": "type", "region": "RAM", "source": "mtrr", "vcpu": 0, "is": "WT"}, False),
        ({"ask": "type", "region": "RAM", "source": "mtrr", "vcpu": 1, "has": "WT"}, False),
        ({"ask": "leaf-vcpu", "page": 0xA_0000, "is_not": 0}, True),
        ({"ask": "register", "register": 0x202, "vcpu": "every", "at_most": 100}, False),
        ({"ask": "register", "register": 0x202, "vcpu": "every", "at_least": 100}, False),
        ({"ask": "register", "register": 0x202, "vcpu": 0, "at_least": 100}, True),
        (
            {
                "ask": "leaf-vcpu",
                "page": 0xA_0000,
                "same_as": {"ask": "leaf-vcpu", "page": 0xA_1000},
            },
            False,
        ),
        ({"all": [{"ask": "dma", "is": 1}, {"ask": "dma", "is": 0}]}, False),
        ({"any": [{"ask": "dma", "is": 1}, {"ask": "dma", "is": 0}]}, True),
        ({"none": [{"ask": "dma", "is": 2}, {"ask": "dma", "is": 0}]}, True),
        ({"none": [{"any": [{"ask": "dma", "is": 1}]}]}, False),
        (
            {
                "ask": "playhead",
                "tolerance": "200 ms",
                "among": {"ask": "moment", "which": "every", "stop": {"when": "phase"}},
            },
            True,
        ),
        (
            {
                "ask": "playhead",
                "among": {"ask": "moment", "which": "every", "stop": {"when": "phase"}},
            },
            False,
        ),
    ],
)
def test_conditions(moved, table, holds):
    assert build_condition(table, "do[0]").judged(moved).holds is holds


def test_conditions_are_nested_only_so_deep():
    table = {"ask": "dma", "is": 1}
    for _ in range(5):
        table = {"any": [table]}
    with pytest.raises(PlaceError, match="nested"):
        build_condition(table, "do[0]")


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        (AnswerKind.TYPE, ("UC", "uc", "uncacheable", "uncachable")),
        (AnswerKind.TYPE, ("WB, UC", "UC,WB", "write-back, UC")),
        (AnswerKind.SIZE, ("2 MiB", "2M", "2048 KiB", "0x20_0000", "2097152")),
        (AnswerKind.ADDRESS, ("0x8000_0000", "2 GiB", "0x80000000", "2147483648")),
        (AnswerKind.TIME, ("850 ms", "0.85", "0.850 s", "850000us")),
        (AnswerKind.NUMBER, ("1,024", "1024", "1_024", "1024 zaps", "0x400", "1024.0")),
        (AnswerKind.VCPU, ("3", "vCPU 3", "CPU3")),
        (AnswerKind.WORD, ("per-vm", "Per-VM")),
        (AnswerKind.YES_NO, ("yes", "Y", "true")),
    ],
)
def test_answers_may_be_written_in_several_ways(kind, same):
    first, *others = (parse_answer(kind, text) for text in same)
    for other in others:
        assert is_same(first, other)


def test_every_question_is_answered_by_someone():
    from mtrrviz.lessons.answers import asking, question_words

    assert set(QUESTIONS.values()) == set(asking._ANSWERS) == set(question_words._NOUNS)


def test_the_pat_has_a_type_more_than_mtrrs(small):
    asked = ask(small, "register", register="IA32_PAT", field="PA2", vcpu=0)
    assert asked.values == {"UC-"}
    assert parse_answer(AnswerKind.TYPE, "uc-") == asked

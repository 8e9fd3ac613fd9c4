"""Judging tasks: by the model at that moment, and by the kind of what went wrong."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.checking_lesson import check_lesson
from mtrrviz.lessons.judging import OTHER, UNREADABLE, judge, right_answer
from mtrrviz.lessons.opening import opened, scenario_of, scenario_path, shown
from mtrrviz.lessons.playing import gone_wrong, with_events
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import builtin_paths
from mtrrviz.scenario.model import USER
from tests.lessons.conftest import SHOW, lesson_of


def step_of(block):
    (step,) = lesson_of(block).steps
    return step


def number(more="", wrong=""):
    return step_of(f'name = "n"\n{SHOW}\n[number]\nquestion = "Q"\nask = "zaps"\n{more}\n{wrong}')


def test_a_number_is_that_of_the_run_under_the_policy_in_use(small):
    step = number()
    before, after = (replace(small, policy_id=policy) for policy in ("per-vcpu", "per-vm"))
    assert right_answer(step, before) != right_answer(step, after)
    assert judge(step, before, right_answer(step, before)).is_done
    assert not judge(step, after, right_answer(step, before)).is_done


def test_an_edit_changes_the_right_answer(small):
    step = number()
    write = Event(1_900_000_000, EventKind.WRMSR, 0, 0x2FF, 0xC06, USER)
    edited = with_events(small, [write])
    assert int(right_answer(step, edited)) == int(right_answer(step, small)) + 1


def test_a_right_answer_is_explained_and_a_wrong_one_is_not(small):
    step = number()
    verdict = judge(step, small, right_answer(step, small))
    assert verdict.is_done
    assert verdict.right == str(len(small.run().zaps))
    assert any("by vCPU 0" in line for line in verdict.lines)
    wrong = judge(step, small, "1000")
    assert (wrong.is_done, wrong.wrong, wrong.lines, wrong.right) == (False, OTHER, (), "")


@pytest.mark.parametrize("answer", ["", "many", "1 2", "9" * 300, "\x00", "1e400", "nan"])
def test_what_is_no_number_is_told_apart_from_a_wrong_one(small, answer):
    verdict = judge(number(), small, answer)
    assert (verdict.is_done, verdict.wrong) == (False, UNREADABLE)
    assert "expected" in verdict.advice


def test_tolerance_is_a_part_or_a_distance(small):
    right = len(small.run().zaps)
    for more, near, far in (
        ('tolerance = "50%"', right + right // 3, right * 2),
        ("tolerance = 2", right + 2, right + 3),
        ("", right, right + 1),
    ):
        step = number(more)
        assert judge(step, small, str(near)).is_done, more
        assert not judge(step, small, str(far)).is_done, more


def test_a_wrong_turn_may_be_taken_by_what_is_shown(small):
    step = step_of(
        f'name = "d"\n{SHOW}\n[[do]]\nask = "playhead"\nis = "1 s"\n'
        '[[wrong]]\nname = "early"\nsay = "S"\nwhen = [{ ask = "playhead", is = "500 ms" }]\n'
        "[wrong.show]\nat = 0.5\n[solution.show]\nat = 1.0"
    )
    there, answer = gone_wrong(step, step.wrong[0], small)
    assert there.time_ns == 500_000_000
    assert (answer, judge(step, there).wrong, judge(step, small).wrong) == (None, "early", "")


def test_wrong_answers_have_their_kind_and_the_first_that_fits_counts(small):
    wrong = (
        '[[wrong]]\nname = "other-policy"\nsay = "S"\n'
        'same_as = { ask = "zaps", policy = "per-vcpu" }\n'
        '[[wrong]]\nname = "fewer"\nsay = "S"\nthan = "less"\n'
        '[[wrong]]\nname = "more"\nsay = "S"\nthan = "more"\n'
    )
    step = number(wrong=wrong)
    small = replace(small, policy_id="per-vm")
    other = len(small.run("per-vcpu").zaps)
    right = len(small.run().zaps)
    assert other < right
    assert judge(step, small, str(other)).wrong == "other-policy"
    assert judge(step, small, str(other - 1)).wrong == "fewer"
    assert judge(step, small, str(right + 5)).wrong == "more"


def test_a_do_is_done_by_any_way_and_says_what_it_lacks(small):
    step = step_of(
        f'name = "d"\n{SHOW}\n[[do]]\nask = "dma"\nis = 0\n'
        '[solution]\n[[solution.event]]\nt = 0.0\nkind = "dma-detach"'
    )
    verdict = judge(step, small)
    assert not verdict.is_done
    assert "devices with non-coherent DMA is 1" in verdict.lines[0]
    assert judge(step, replace(small, time_ns=1_400_000_000)).is_done
    machine = replace(small.scenario.machine, noncoherent_dma=0)
    assert judge(step, small.of(replace(small.scenario, machine=machine))).is_done


def test_the_first_moment_at_which_vcpus_differ(small):
    step = step_of(
        f'name = "d"\n{SHOW}\n[[do]]\nask = "playhead"\n'
        'same_as = { ask = "moment", stop = { when = "vcpus-differ" } }\n'
        '[solution.show]\nmoment = { when = "vcpus-differ" }'
    )
    assert step.solution is not None
    assert step.solution.show is not None
    there = shown(step.solution.show, small, "x.md")
    assert there.time_ns == 200_000_000
    assert judge(step, there).is_done
    assert not judge(step, replace(there, time_ns=there.time_ns + 1)).is_done


def choose(several="false"):
    return step_of(
        f'name = "c"\n{SHOW}\n[choose]\nquestion = "Q"\nseveral = {several}\n'
        '[[choose.option]]\ntext = "A"\nwhen = { ask = "dma", is = 1 }\n'
        '[[choose.option]]\ntext = "B"\nwhen = { ask = "dma", is = 0 }\n'
        '[[choose.option]]\ntext = "C"\nwhen = { ask = "dma", at_least = 1 }\n'
        '[[wrong]]\nname = "b"\nsay = "S"\nanswer = "2"'
    )


def test_choices_are_right_where_their_conditions_hold(small):
    step = choose("true")
    assert right_answer(step, small) == "1, 3"
    assert judge(step, small, "3,1").is_done
    assert judge(step, small, "1").wrong == OTHER
    assert judge(step, small, "2").wrong == "b"
    assert judge(step, small, "4").wrong == UNREADABLE
    assert judge(choose(), small, "1, 3").wrong == UNREADABLE


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (choose(), "2 options are right"),
        (number("tolerance = 'x'"), "'x' is not a number"),
        (number("policy = 'x'"), "x"),
        (number(wrong='[[wrong]]\nname = "w"\nsay = "S"\nsame_as = { ask = "zaps" }'), "is right"),
        (
            step_of(f'name = "d"\n{SHOW}\n[[do]]\nask = "dma"\nis = 1\n[solution]'),
            "before anything was done",
        ),
        (
            step_of(f'name = "d"\n{SHOW}\n[[do]]\nask = "dma"\nis = 0\n[solution]'),
            "the solution does not do it",
        ),
        (
            step_of(f'name = "a"\n{SHOW}\n[address]\nquestion = "Q"\nask = "zaps"'),
            "the answer is a number",
        ),
        (
            step_of(f'name = "a"\n{SHOW}region = "x"\n[number]\nquestion = "Q"\nask = "zaps"'),
            "no region 'x'",
        ),
        (step_of('name = "a"\n[number]\nquestion = "Q"\nask = "zaps"'), "no scenario is open"),
        (
            step_of(
                f'name = "a"\n{SHOW}[predict]\nquestion = "Q"\nask = "leaf-vcpu"\npage = 0xA0000'
            ),
            "no answer",
        ),
        (step_of('name = "a"\n[show]\nscenario = "../x.toml"'), "no scenario '../x.toml'"),
        (step_of(f'name = "a"\n{SHOW}panel = "x"'), "no panel 'x'"),
        (step_of(f'name = "a"\n{SHOW}bookmark = "x"'), "no bookmark 'x'"),
        (step_of(f'name = "a"\n{SHOW}at = 5'), "over"),
        (step_of(f'name = "a"\n{SHOW}at = 1\nphase = "reset"'), "two moments"),
    ],
)
def test_a_lesson_that_does_not_hold_is_told_by_its_step(block, words):
    lesson = lesson_of('name = "first"')
    faults = check_lesson(replace(lesson, steps=(block,)))
    assert words in faults[0].words
    assert faults[0].line == 8


def test_comparing_two_kinds_is_an_error(small):
    step = step_of(
        f'name = "d"\n{SHOW}\n[[do]]\nask = "dma"\nsame_as = {{ ask = "alike" }}\n[solution]'
    )
    with pytest.raises(MtrrvizError, match="one kind"):
        judge(step, small)


def test_a_scenario_is_built_in_or_beside_the_lesson(tmp_path):
    text = builtin_paths()["sandbox"].read_text(encoding="utf-8")
    folder = tmp_path / "lessons"
    folder.mkdir()
    for place in (folder, tmp_path):
        (place / "mine.toml").write_text(text, encoding="utf-8")
    lesson = str(folder / "x.md")
    assert scenario_path("mine.toml", lesson) == folder / "mine.toml"
    for name in ("../mine.toml", str(tmp_path / "mine.toml"), "lessons/mine.toml"):
        with pytest.raises(MtrrvizError, match="no scenario"):
            scenario_path(name, lesson)


def test_a_log_beside_the_lesson_is_opened_as_the_program_opens_it(tmp_path):
    log = "MTRR default type: uncachable\nMTRR variable ranges enabled:\n"
    pair = "  0 base 000000000 mask F80000000 write-back\n"
    (tmp_path / "mine.log").write_text(log + pair, encoding="utf-8")
    (tmp_path / "none.log").write_text("nothing of use\n", encoding="utf-8")
    scenario = scenario_of("mine.log", str(tmp_path / "x.md"))
    assert scenario.machine.is_host
    assert opened(scenario).state(0).machine.read_msr(0, 0x200) == 6
    with pytest.raises(MtrrvizError):
        scenario_of("none.log", str(tmp_path / "x.md"))


def test_a_leaf_is_explained_by_the_fault_that_made_it():
    step = step_of(
        'name = "p"\n[show]\nscenario = "lagging-ap"\nat = 0.85\nvcpu = 0\n'
        '[predict]\nquestion = "Q"\nask = "type"\nsource = "leaf"\npage = 0x140_0000\n'
    )
    lines = judge(step, shown(step.show, None, "x.md"), "UC").lines
    assert lines[0].endswith("0x140_0000: UC")
    assert "A fault of vCPU 1 made the leaf" in lines[1]
    assert any("vCPU 1" in line and "CR0.CD" in line for line in lines[2:])
    assert not any("vCPU 0" in line for line in lines)


@pytest.mark.parametrize("how", ["same_as", "among"])
def test_what_is_still_to_do_does_not_tell_what_is_to_be_found(small, how):
    step = step_of(
        f'name = "d"\n{SHOW}\n[[do]]\nask = "playhead"\n'
        f'{how} = {{ ask = "moment", stop = {{ when = "vcpus-differ" }} }}\n'
        '[solution.show]\nmoment = { when = "vcpus-differ" }'
    )
    (line,) = judge(step, small).lines
    assert "the first moment at which" in line
    assert "200" not in line
    assert "0.2" not in line


@pytest.mark.parametrize(
    ("more", "words", "count"),
    [
        ("", "The number of zaps: ", 3),
        ("vcpu = 0", "The number of zaps on vCPU 0: ", 1),
        ('cause = "fixed MTRR"', "The number of zaps by fixed MTRR: ", 3),
    ],
)
def test_what_was_counted_is_told(small, more, words, count):
    step = number(more)
    lines = judge(step, small, right_answer(step, small)).lines
    assert lines[0].startswith(words)
    assert len(lines) == count


def test_a_figure_is_told_in_words(small):
    step = step_of(
        f'name = "n"\n{SHOW}\n[number]\nquestion = "Q"\nask = "figure"\nfigure = "refaults"'
    )
    (line,) = judge(step, small, right_answer(step, small)).lines
    assert line.startswith("The number of faults on memory mapped before: ")

"""Small parts of a document at their ends: values as typed, undo, the course, what is told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import CR0_ID, DEFTYPE, MTRRCAP, PHYSBASE0, PHYSMASK0, register
from mtrrviz.core.policies import get_policy
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session.changes import Change, Observable
from mtrrviz.session.lessons.course import CourseEntry, CourseStage, entry_after, next_entry
from mtrrviz.session.playing.moment_words import moment_words, stopped_words
from mtrrviz.session.playing.stopping import Stop
from mtrrviz.session.registers.register_draft import (
    Draft,
    address_part,
    parse_register,
    read_as_words,
)
from mtrrviz.session.undo_history import UndoHistory, UndoStep, WantedStep
from mtrrviz.session.wanted.wanted_edits import gfn_span, span_words
from tests.lessons.conftest import SHOW, lesson_of
from tests.session.booting import MS, boot

WORD = (1 << 64) - 1


# Values as typed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""), ("0", ""), ("9", ""), ("09", ""),
        ("10", "Read as hex: 0x10. As decimal it would be 0xa."),
        ("1_0", "Read as hex: 0x10. As decimal it would be 0xa."),
        ("1 00", "Read as hex: 0x100. As decimal it would be 0x64."),
        ("0x10", ""), ("1f", ""), ("-10", ""),
    ],
)  # fmt: skip
def test_digits_that_could_be_decimal_are_said_to_be_hex(text, words):
    assert read_as_words(text) == words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("c06", 0xC06), ("0xC06", 0xC06), ("0x ff_ff", 0xFFFF), ("f" * 16, WORD),
        ("0" * 20 + "1", 1), ("1" + "0" * 16, "17 hex digits"), ("00" + "f" * 18, "18 hex digits"),
        ("", "write hex digits"), ("0x", "write hex digits"), ("g", "write hex digits"),
        ("-1", "write hex digits"),
    ],
)  # fmt: skip
def test_registers_are_read_as_hex_of_at_most_sixteen_digits(text, value):
    if isinstance(value, int):
        assert parse_register(text) == value
    else:
        with pytest.raises(ValueError, match=value):
            parse_register(text)


@pytest.mark.parametrize(
    ("msr", "value", "words"),
    [
        (MTRRCAP, WORD, ""),
        (DEFTYPE, 0xC06, ""),
        (DEFTYPE, 0xC02, "holds type 0x2"),
        (PHYSBASE0, 1 << 39, ""),
        (PHYSBASE0, 1 << 40, "bit 40 is reserved"),
        (CR0_ID, 0x6000_0010, ""),
        (CR0_ID, 0x2000_0010, "needs CD"),
    ],
)
def test_what_would_be_refused_is_said_and_all_else_is_not(msr, value, words):
    machine = Machine(1, get_policy("per-vcpu"), maxphyaddr=40)
    draft = Draft.of(machine, 0, [msr])
    assert not draft.is_changed
    changed = replace(draft, values={msr: value})
    assert words in changed.refusal(msr)
    assert changed.refusals == ({msr: changed.refusal(msr)} if words else {})
    assert changed.changed_bits(msr) == value ^ draft.values[msr]
    assert changed.changed_msrs == ((msr,) if value != draft.values[msr] else ())


def test_a_range_makes_both_halves_of_its_pair():
    draft = Draft.of(Machine(1, get_policy("per-vcpu"), maxphyaddr=40), 0, [PHYSBASE0, PHYSMASK0])
    made = draft.with_range(1 << 30, 1 << 30, MemoryType.WT)
    assert dict(made.values) == {PHYSBASE0: 1 << 30 | 4, PHYSMASK0: 0xFF_C000_0800}
    with pytest.raises(ValueError, match="multiple"):
        draft.with_range(1 << 29, 1 << 30, MemoryType.WT)


@pytest.mark.parametrize(
    ("address", "part"),
    [(0, 0), (0x1000, 1), (0x8000_0000, 0x8_0000), (0xFFF, "multiple"), (0x1001, "multiple"),
     (0xFFFF_FFFF_FFFF_F000, 0xF_FFFF_FFFF_FFFF), (1 << 64, "does not fit bits 63:12")],
)  # fmt: skip
def test_addresses_are_whole_pages_of_a_field(address, part):
    (field,) = (one for one in register(PHYSBASE0).fields if one.name == "PhysBase")
    if isinstance(part, int):
        assert address_part(field, address) == part
    else:
        with pytest.raises(ValueError, match=part):
            address_part(field, address)


def test_spans_are_bytes_and_name_their_last_one():
    assert gfn_span(1, 3) == (0x1000, 0x3000)
    assert span_words(0x1000, 0x3000) == "0x1000-0x2fff (8 KiB)"


# Undo


def steps(*labels):
    """Return steps that follow each other."""
    made = [replace(boot(), title=f"{number}") for number in range(len(labels) + 1)]
    pairs = zip(labels, made, made[1:], strict=False)
    return [UndoStep(label, a, b, 10 - at) for at, (label, a, b) in enumerate(pairs)]


def test_steps_of_one_name_become_one_where_they_follow_each_other():
    history, (first, second, third) = UndoHistory(), steps("move", "move", "other")
    history.extend(first)
    history.extend(second)
    history.extend(third)
    assert history.edit_count == 2
    assert history.undo() is third
    assert history.undo() == UndoStep("move", first.before, second.after, 9)
    assert history.undo() is None
    assert history.redo_label == "move"


def test_a_step_that_does_not_follow_stays_one_of_its_own():
    history, (first, _, third) = UndoHistory(), steps("move", "move", "move")
    wanted = WantedStep("move", None, None)
    for step in (first, third, wanted):
        history.extend(step) if isinstance(step, UndoStep) else history.push(step)
    history.extend(first)
    assert (history.undo_label, history.edit_count) == ("move", 3)
    assert [history.undo() for _ in range(4)] == [first, wanted, third, first]


def test_a_scenario_that_undo_or_redo_leads_to_is_known_and_can_be_renamed():
    history, (first, second) = UndoHistory(), steps("a", "b")
    history.push(first)
    history.push(WantedStep("w", None, None))
    history.push(second)
    history.undo()
    assert all(history.holds(one) for one in (first.before, first.after, second.after))
    other = replace(boot(), title="other")
    assert not history.holds(other)
    history.rename(first.after, other)
    assert history.redo() == UndoStep("b", other, second.after, second.since_ns)
    assert isinstance(history.undo(), UndoStep)
    assert isinstance(history.undo(), WantedStep)
    assert history.undo() == UndoStep("a", first.before, other, first.since_ns)
    history.push(second)
    assert history.redo() is None


# Being told


def test_all_are_told_whatever_one_of_them_raises():
    told, observed = [], Observable()

    def failing(_changes):
        raise KeyError("first")

    observed.subscribe(failing)
    end = observed.subscribe(told.append)
    with pytest.raises(KeyError, match="first"):
        observed.notify(Change.RUN)
    assert told == [{Change.RUN}]

    def both():
        with observed.batch():
            observed.notify(Change.RUN)
            observed.notify(Change.FILE)

    with pytest.raises(KeyError):
        both()
    assert told[1:] == [{Change.RUN, Change.FILE}]
    end()
    end()
    with pytest.raises(KeyError):
        observed.notify(Change.RUN)
    assert len(told) == 2


def test_without_a_run_a_moment_is_its_time():
    assert moment_words(None, 100 * MS) == "0.100 s"
    stop = Stop(100 * MS, (StopCondition(StopKind.ZAP), StopCondition(StopKind.NOTE)))
    said = stopped_words(None, stop)
    assert said.startswith("Stopped at 0.100 s: ")
    assert said.count(";") == 1
    assert not said.endswith(". ")


# The course


def entry(stage, touched_ns=0, done=0):
    lesson = lesson_of(
        f'name = "a"\n{SHOW}', f'name = "b"\n{SHOW}\n[number]\nquestion = "Q"\nask = "zaps"'
    )
    return CourseEntry(lesson, stage, done, (), touched_ns)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (CourseStage.NEW, "not started"),
        (CourseStage.STARTED, "started, 1 of 1 tasks done"),
        (CourseStage.DONE, "done"),
    ],
)
def test_a_lesson_that_is_begun_says_how_far_it_is(stage, words):
    assert entry(stage, done=1).stage_words == words


def test_the_lesson_left_last_comes_next_then_the_first_that_is_not_done():
    new, old, last, done = (
        entry(CourseStage.NEW), entry(CourseStage.STARTED, 5), entry(CourseStage.STARTED, 9),
        entry(CourseStage.DONE, 99),
    )  # fmt: skip
    assert next_entry([done, new, last, old]) is last
    assert next_entry([done, new, entry(CourseStage.NEW)]) is new
    assert next_entry([done]) is None
    assert next_entry([]) is None


def test_after_a_lesson_comes_the_first_behind_it_that_is_not_done():
    names = ("first", "second", "third", "fourth")
    stages = (CourseStage.STARTED, CourseStage.NEW, CourseStage.DONE, CourseStage.NEW)
    entries = [
        replace(one := entry(stage, 5), lesson=replace(one.lesson, name=name))
        for name, stage in zip(names, stages, strict=True)
    ]
    first, second, _, fourth = entries
    after = {name: entry_after(entries, name) for name in (*names, "elsewhere")}
    assert after == {
        "first": second, "second": fourth, "third": fourth, "fourth": first, "elsewhere": first
    }  # fmt: skip

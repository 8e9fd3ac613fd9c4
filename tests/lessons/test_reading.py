"""Reading lessons: parts, lines, and what is wrong with a file."""

from __future__ import annotations

import pytest

from mtrrviz.lessons.lesson import AnswerTask, DoTask
from mtrrviz.lessons.lesson_fault import LessonError
from mtrrviz.lessons.reading.read_lesson import parse_lesson, read_lesson
from tests.lessons.conftest import HEADER, lesson_of, lesson_text

NUMBER = 'name = "n"\n[number]\nquestion = "How many?"\nask = "zaps"'
TURN = f'{NUMBER}\n[[wrong]]\nname = "w"\nsay = "s"\nwhen = [{{ ask = "dma", is = 1 }}]'


def faults_of(text):
    with pytest.raises(LessonError) as error:
        parse_lesson(text, "x.md", "x")
    return error.value.lines


def test_the_text_above_a_block_belongs_to_its_step():
    text = f"{HEADER}Intro.\n\n## One\n\nWords.\n\n```step\n{NUMBER}\n```\n\nThe end.\n"
    lesson = parse_lesson(text, "x.md", "x")
    (step,) = lesson.steps
    assert step.title == "One"
    assert step.text == "Intro.\n\n## One\n\nWords."
    assert text.splitlines()[step.line - 1] == "```step"
    assert lesson.closing == "The end."
    assert isinstance(step.task, AnswerTask)


def test_a_block_in_a_list_or_of_another_kind_is_text():
    text = (
        f"{HEADER}- a\n\n  ```step\n  x\n  ```\n\n```toml\ny = 1\n```\n\n```step\n{NUMBER}\n```\n"
    )
    lesson = parse_lesson(text, "x.md", "x")
    assert len(lesson.steps) == 1
    assert "y = 1" in lesson.steps[0].text


def test_html_in_a_text_stays_text():
    from mtrrviz.lessons.reading.blocks import markdown_parser

    assert "<script>" not in markdown_parser().render("a <script>alert(1)</script>")


@pytest.mark.parametrize(
    ("block", "line", "words"),
    [
        ("name = 1", 9, ("name", "1", "expected text")),
        ('name = "a"\nhint = []', 10, ("hint", "not known")),
        (f"{NUMBER}\nat_most = 3", 13, ("at_most", "no such key")),
        ('name = "a"\n[number]\nquestion = "Q"\nask = "zap"', 12, ("no question 'zap'", "zaps")),
        ('name = "a"\n[number]\nask = "zaps"', 10, ("question",)),
        ('name = "a"\n[[do]]\nask = "zaps"\nat_most = 1', 10, ("solution",)),
        ('name = "a"\nhints = ["x"]', 10, ("asks for nothing",)),
        ('name = "a"\n[[do]]\nask = "zaps"\n[solution]', 10, ("nothing to compare",)),
        ('name = "a"\n[[do]]\nask = "zaps"\nis = 1\nhas = 1\n[solution]', 10, ("twice",)),
        ('name = "a"\n[[do]]\nany = []\n[solution]', 11, ("no list of conditions",)),
        (f'{NUMBER}\n[[wrong]]\nname = "w"\nsay = "s"', 13, ("which answer",)),
        (
            TURN,
            13,
            ("leads there",),
        ),
        (
            f"{TURN}\n[wrong.show]\nscenario = 'sandbox'",
            18,
            ("opens no scenario",),
        ),
        (f'{NUMBER}\n[predict]\nquestion = "Q"', 10, ("already",)),
        ('name = "a"\n[show]\nvcpu = 999', 11, ("999",)),
        ('name = "a"\n= 3', 10, ("Invalid",)),
        ("a." * 50 + "b = 1", 9, ("too many parts",)),
        ("x = " + "[" * 5000, 9, ("nested too deeply",)),
        ("x = " + "9" * 5000, 9, ("too long",)),
    ],
)
def test_a_mistake_is_told_with_its_line(block, line, words):
    (message,) = faults_of(lesson_text(block))
    assert message.startswith(f"x.md:{line}: ")
    for word in words:
        assert word in message
    assert "\n" not in message


def test_all_mistakes_are_told_at_once():
    lines = faults_of(lesson_text("name = 1", NUMBER, 'name = "b"\nx = 2'))
    assert [line.split(":")[1] for line in lines] == ["9", "25"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no header"),
        ("# A\n", "no header"),
        ("+++\ntitle = 'x'\n", "does not end"),
        (HEADER, "no steps"),
        (HEADER.replace("5", "0"), "minutes"),
        (lesson_text(NUMBER, NUMBER), "another step"),
    ],
)
def test_a_lesson_without_what_it_needs_is_refused(text, words):
    assert words in "\n".join(faults_of(text))


def test_too_many_steps_are_refused():
    blocks = [NUMBER.replace('"n"', f'"n{at}"') for at in range(60)] + ["name = 1"]
    (message,) = faults_of(lesson_text(*blocks))
    assert "too many steps" in message
    line = int(message.split(":")[1])
    assert lesson_text(*blocks).splitlines()[line - 1 : line + 1] == ["```step", "name = 1"]
    assert len(parse_lesson(lesson_text(*blocks[:60]), "x.md", "x").steps) == 60


@pytest.mark.parametrize("spare", [0, -1])
def test_a_lesson_of_just_the_longest_text_is_read(tmp_path, monkeypatch, spare):
    text = lesson_text(NUMBER)
    most = len(text) + spare
    monkeypatch.setattr("mtrrviz.lessons.reading.read_lesson.MAX_LESSON_BYTES", most)
    path = tmp_path / "x.md"
    path.write_text(text)
    for read in (lambda: parse_lesson(text, "x.md", "x"), lambda: read_lesson(path)):
        if spare < 0:
            with pytest.raises(LessonError, match="too l"):
                read()
        else:
            assert len(read().steps) == 1


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * 300_000])
def test_files_that_are_no_lesson_are_refused(tmp_path, data):
    path = tmp_path / "x.md"
    path.write_bytes(data)
    with pytest.raises(LessonError, match=r"x\.md"):
        read_lesson(path)
    with pytest.raises(LessonError, match="not a file"):
        read_lesson(tmp_path)
    with pytest.raises(LessonError, match="No such file"):
        read_lesson(tmp_path / "none.md")


def test_conditions_and_solutions_are_read():
    block = (
        'name = "a"\n[[do]]\nany = [{ ask = "zaps", at_most = 3 }, { ask = "alike", is = true }]\n'
        '[[solution.event]]\nt = 0.5\nkind = "wrmsr"\nregister = "IA32_PAT"\nvalue = 0'
    )
    (step,) = lesson_of(block).steps
    assert isinstance(step.task, DoTask)
    assert step.solution is not None
    assert step.solution.events[0].time_ns == 500_000_000
    assert step.solution.events[0].register == 0x277

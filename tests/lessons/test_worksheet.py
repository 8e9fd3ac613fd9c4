"""Worksheets: all of a lesson on one page, the answers only where they were asked for."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from mtrrviz.cli import main
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.reading.read_lesson import parse_lesson, read_lesson
from mtrrviz.lessons.worksheet import worksheet
from tests.lessons.conftest import HEADER

RIGHT_MASK = "0xff_c000_0800"


@pytest.fixture(scope="module")
def lesson():
    return read_lesson(lesson_paths()["variable-ranges"])


def test_a_sheet_asks_every_question_and_answers_none(lesson):
    page = worksheet(lesson, with_answers=False)
    for step in lesson.steps:
        assert step.title in page
    assert page.count('class="task"') == lesson.task_count
    assert RIGHT_MASK not in page
    assert "☒" not in page
    assert 'class="answer"' not in page


def test_a_sheet_with_answers_has_those_of_the_model_and_the_solutions(lesson):
    page = worksheet(lesson, with_answers=True)
    assert RIGHT_MASK in page
    assert page.count("☒") == 1
    assert "☒ WB for KVM, UC by the SDM" in page
    assert "768 MiB" in page
    assert "vCPU 3: IA32_MTRR_DEF_TYPE = 0x806" in page


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_a_sheet_loads_nothing_and_runs_nothing():
    text = (
        f"{HEADER}<script>x</script> ![p](http://x/y.png) [l](javascript:x)\n\n"
        '```step\nname = "a"\n[show]\nscenario = "sandbox"\n[number]\nask = "dma"\n'
        'question = "<b>Q</b>"\n```\n'
    )
    page = worksheet(parse_lesson(text, "x.md", "x"), with_answers=True)
    reader = Tags()
    reader.feed(page)
    tags = reader.tags
    assert not {"script", "img", "b", "iframe"} & {tag for tag, _ in tags}
    assert not [found for _, found in tags if re.search(r"(?i)javascript:", str(found))]
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_the_command_writes_it(tmp_path, capsys):
    out = tmp_path / "sheet.html"
    assert main(["lesson", "worksheet", "variable-ranges", "-o", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    paper = tmp_path / "sheet.pdf"
    assert main(["lesson", "worksheet", "variable-ranges", "--answers", "-o", str(paper)]) == 0
    assert paper.read_bytes().startswith(b"%PDF-")
    assert main(["lesson", "worksheet", "variable-ranges", "-o", str(tmp_path / "sheet.txt")]) == 2
    assert main(["lesson", "worksheet", "nowhere"]) == 2
    assert "variable-ranges" in capsys.readouterr().err

"""Every block of code in the documents works: commands run, scenarios and lessons are read."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from typing import TYPE_CHECKING

import pytest

from mtrrviz.cli import main
from mtrrviz.cli.parser import COMMANDS as COMMAND_NAMES
from mtrrviz.cli.parser import parse
from mtrrviz.lessons.reading.read_lesson import parse_lesson
from mtrrviz.scenario.library import open_scenario
from tests.handbook.blocks import ROOT, blocks_of, documents

if TYPE_CHECKING:
    from tests.handbook.blocks import Block

#: Their blocks have tests of their own.
TESTED_ELSEWHERE = {"formats.md", "adding.md", "data-files.md", "api.md"}
BLOCKS = [b for path in documents() for b in blocks_of(path) if path.name not in TESTED_ELSEWHERE]
#: Formulas and tables of words.
WORDS = "text"
#: What the manual for a browser has on its left; making it follows each line.
CONTENTS = "{toctree}"
#: What a block is, by its first word.
FIRST_WORDS = {
    **dict.fromkeys(("mtrrviz", "sudo"), "commands"),
    **dict.fromkeys(("./dev", ".ci/run"), "dev"),
    **dict.fromkeys(("pip", "python3"), "installing"),
    "+++": "lesson",
    "schema": "scenario",
}
#: Commands that need what a test has not: a VM that boots, root, learners' results, much time.
ONLY_UNDERSTOOD = ("record", "--this-machine", "--follow", "sweep", "sudo", "grade", "--play")
FORMATS = {block.language: block.text for block in blocks_of(ROOT / "docs/manual/formats.md")}


def kind_of(block: Block) -> str:
    """Return what a block is."""
    first = block.text.split(maxsplit=1)[0]
    if block.language in {"python", WORDS, CONTENTS}:
        return block.language
    if first.startswith("[[do]]"):
        return "conditions"
    return FIRST_WORDS.get(first, "unknown")


def of(kind: str) -> pytest.MarkDecorator:
    found = [pytest.param(block, id=block.name) for block in BLOCKS if kind_of(block) == kind]
    return pytest.mark.parametrize("block", found)


def test_each_block_is_of_a_kind_that_is_tried_here() -> None:
    assert [block.name for block in BLOCKS if kind_of(block) == "unknown"] == []


def commands(text: str) -> list[list[str]]:
    """Return the words of each command of a block, without comments."""
    lines = (line.strip() for line in text.replace("\\\n", " ").splitlines())
    return [
        shlex.split(line, comments=True)
        for line in lines
        if line.removeprefix("sudo ").startswith("mtrrviz")
    ]


COMMANDS = sorted(
    {
        shlex.join(words)
        for block in BLOCKS
        if kind_of(block) == "commands" or block.path.name == "commands.md"
        for words in commands(block.text.split("examples:\n")[-1])
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    assert parse(words_of(command)).handler


def words_of(command: str) -> list[str]:
    """Return the arguments of a command, without what the shell does with its output."""
    words = shlex.split(command.split(" '>'", maxsplit=1)[0].split(" '|'", maxsplit=1)[0])
    return words[words.index("mtrrviz") + 1 :]


def is_run(command: str) -> bool:
    """Whether a command is tried, and not only understood."""
    words = words_of(command)
    if any(word in command.split() for word in ONLY_UNDERSTOOD) or not words:
        return False
    return words[0] in COMMAND_NAMES


@cache
def stand_ins() -> dict[str, str]:
    """Return the files that commands speak of, by name."""
    (late,) = (b.text for b in BLOCKS if b.path.name == "files.md" and kind_of(b) == "scenario")
    boot = late.replace("duration = 1.0", "duration = 9.0").replace("vcpus = 2", "vcpus = 4")
    (lesson,) = (block.text for block in BLOCKS if kind_of(block) == "lesson")
    trace = "".join(
        f" qemu-{vcpu}  [000] ..... {100 + vcpu}.000000: kvm_msr: msr_write 2ff = 0xc06\n"
        for vcpu in range(4)
    )
    named = {"dmesg.txt": "dmesg", "iomem.txt": "iomem", "rdmsr.txt": "rdmsr"}
    return {
        **{name: FORMATS[language] for name, language in named.items()},
        **dict.fromkeys(("FILE", "boot.toml", "my-machine.toml"), boot),
        "trace.txt": trace,
        "my-lesson.md": lesson,
        "wanted.txt": "0x0 0x8000_0000 WB\n",
    }


@pytest.mark.parametrize("command", [one for one in COMMANDS if is_run(one)])
def test_a_command_works(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in stand_ins().items():
        (tmp_path / name).write_text(text)
    code = main(words_of(command))
    captured = capsys.readouterr()
    assert code in {0, 1}, captured.err


@of("installing")
def test_what_is_installed_is_there(block):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = re.findall(r"\[(\w+)\]", block.text)
    assert extras
    assert set(extras) <= set(project["optional-dependencies"])
    for words in commands(block.text):
        assert parse(words_of(shlex.join(words))).handler


@of("scenario")
def test_a_scenario_opens(block, tmp_path):
    path = tmp_path / "shown.toml"
    path.write_text(block.text)
    assert open_scenario(str(path)).events


@of("lesson")
def test_a_lesson_is_read(block):
    assert parse_lesson(block.text, "shown.md", "shown").steps


@of("conditions")
def test_conditions_are_read(block):
    lesson = f"""+++
title = "A"
goal = "B."
minutes = 1
+++

C.

```step
name = "one"
show.scenario = "sandbox"
{block.text}
[solution]
```
"""
    assert parse_lesson(lesson, "shown.md", "shown").steps


@of("dev")
def test_what_dev_is_asked_for_is_there(block):
    verbs = {shlex.split(line)[1] for line in block.text.splitlines() if line.startswith("./dev")}
    listed = subprocess.run(
        [sys.executable, ROOT / "dev", "help"], capture_output=True, text=True, check=True
    ).stdout
    assert [verb for verb in verbs if f"./dev {verb}" not in listed] == []
    assert (ROOT / ".ci" / "run").is_file()

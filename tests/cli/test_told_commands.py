"""What the commands say about samples and built-in scenarios, as it is kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.told_command import told_by
from tests.kept_texts import require_as_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DATA = Path(__file__).parents[1] / "data"
KEPT = DATA / "told_commands"
BUILT_IN = (
    *("ap-only-change", "kvm-and-manual", "lagging-ap", "range-moved", "small-machine"),
    *("wb-under-cd", "ovmf-8vcpu-2g"),
)
#: One address in each part of the first 4 GiB that has rules of its own.
PAGES = ("0xa0000", "0xc0000000")
#: Long traces and maps: their machines are those of other texts.
LARGE = ("qemu-7.2-hmp-info-mtree", "guest-ovmf-8vcpu-2g", "guest-ovmf-8vcpu-16g")
WHOLE_REPORTS = ("kvm-and-manual", "k14-register-differs", "small-machine")


def of_scenario(name: str) -> Iterator[Sequence[str]]:
    yield from (("run", name), ("compare", name, "--at", "0.001"), ("check", name))
    for page in PAGES:
        yield "explain", name, page, "--vcpu", "1"
    yield "solve", name, "--rest", "any"
    yield from reports(name, name)


def of_text(path: Path) -> Iterator[Sequence[str]]:
    name = path.relative_to(DATA).as_posix()
    yield from (("import", name), ("check", name, "--json"))
    if path.stem not in LARGE:
        yield "check", name, "--machine", "guest", "--memory", "1GiB"
        yield "solve", name, "--rest", "keep", "--pairs", "2", "--no-fixed"
        yield "explain", name, "0xc0000000"
    yield from reports(path.stem, name)


def reports(stem: str, name: str) -> Iterator[Sequence[str]]:
    if stem in WHOLE_REPORTS:
        yield "export", name, "--what", "report"
        for what in ("events", "ranges"):
            yield "export", name, "--what", what, "--format", "json"


def of_the_program() -> Iterator[Sequence[str]]:
    yield from (("list",), ("list", "--policies"), ("policies",))
    yield "sweep", "--vcpus", "1,2,4", "--memory", "2"


#: Command lines by the name of the text that is kept of them.
CASES: dict[str, Callable[[], Iterator[Sequence[str]]]] = (
    {"program": of_the_program}
    | {name: partial(of_scenario, name) for name in BUILT_IN}
    | {
        path.stem: partial(of_text, path)
        for path in sorted([*DATA.glob("samples/**/*.txt"), *DATA.glob("forms/*.txt")])
    }
)


@pytest.mark.parametrize("name", CASES)
def test_the_commands_say_what_they_said(monkeypatch, name):
    monkeypatch.chdir(DATA)
    require_as_kept(told_by(CASES[name]()), KEPT / f"{name}.txt")


def test_nothing_is_kept_of_what_is_gone():
    assert {path.stem for path in KEPT.iterdir()} == set(CASES)

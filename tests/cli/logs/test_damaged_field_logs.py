"""Logs of real machines of which a line is lost or cut never make a script that caches a device."""

from __future__ import annotations

import random

import pytest

from mtrrviz.scenario.machine_spec import RegionKind
from tests.analysis.solve.solve_judge import made_write_back
from tests.analysis.solve.solve_script import script, writes
from tests.cli.logs.test_field_verdicts import FIELD, HOSTS, before_of, scenario_of

WITHOUT_A_TRACE = {
    "k12-base-off-its-size": {3, 4},
    "k15-edk2-0x": {16},
    "k15-pairs-in-a-sentence": {4},
}
"""Lines of pairs, by number, in dumps of pairs in use alone without a memory map.

What is left of such a dump is the whole dump of another machine.
"""


def damaged(lines: list[str], place: random.Random) -> list[tuple[str, str]]:
    """Return what was done, and the text, for each line lost and every second cut somewhere."""
    found: list[tuple[str, str]] = []
    for number, line in enumerate(lines):
        cut = line[: place.randrange(len(line) + 1)]
        kinds: list[tuple[str, list[str]]] = [("lost", []), (f"cut to {cut!r}", [cut])]
        for words, rest in kinds[: 1 + number % 2]:
            text = "\n".join([*lines[:number], *rest, *lines[number + 1 :], ""])
            found.append((f"line {number + 1} {words}", text))
    return found


@pytest.mark.parametrize("name", HOSTS)
def test_no_line_that_is_lost_or_cut_makes_a_device_write_back(name: str) -> None:
    whole = scenario_of(name)
    spec, before = whole.machine, before_of(whole)
    ram = [(r.start, r.end) for r in spec.regions if r.kind is RegionKind.RAM]
    lines = (FIELD / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    unseen = {f"line {number} lost" for number in WITHOUT_A_TRACE.get(name, ())}
    for what, text in damaged(lines, random.Random(name)):
        if what in unseen:
            continue
        written = writes(script(text))
        after = before | {msr: value for msr, value in written.items() if msr in before}
        made = made_write_back(spec, ram, before, after)
        assert not [hex(at) for at in made], what

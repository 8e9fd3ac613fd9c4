"""Why pages have the types that they have, and what rules find, on small machines: as it is kept.

Every machine that a rule minds or is beside one, its pages at the ends of what is in it. Of long
lines the start and a sum are kept.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.checks.check_output import problem_json, where_words
from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.analysis.explaining.explain_json import explanation_json
from mtrrviz.analysis.explaining.explain_text import explanation_text
from mtrrviz.analysis.explaining.page_facts import page_facts, past_leaves
from mtrrviz.analysis.explaining.page_moments import page_moments
from mtrrviz.analysis.explaining.step_events import step_events
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.machine_spec import MachineKind
from tests.analysis.checks import test_checks, test_host_checks
from tests.analysis.checks.checked import GIB, MIB, UC, WB, WT, mov_cr0, on, pair, run, touch, wrmsr
from tests.analysis.checks.test_host_checks import host
from tests.kept_texts import require_as_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mtrrviz.sim import Run

POLICIES = ("per-vcpu", "per-vm", "kvm-6.16", "self-snoop", "hardware")
_LONG = 150
KEPT = Path(__file__).parents[1] / "data" / "told_pages"
ENDS = (0, 0x9F, 0xA0, 0x100, 0x1FF, 0x200, GIB >> 12, (2 * GIB >> 12) - 1, 3 * GIB >> 12)


def told(run: Run, pages: tuple[int, ...], time_ns: int, vcpu: int = 0) -> Iterator[str]:
    """Return all that is said of some pages."""
    scenario, state = run.scenario, run.at(time_ns)
    for gfn in pages:
        found = explain(state, gfn, vcpu)
        numbers = step_events(scenario, time_ns, found.steps)
        events = [None if number is None else scenario.events[number] for number in numbers]
        moments = page_moments(run, gfn, time_ns)
        yield from explanation_text(found, events, moments).splitlines()
        answer = explanation_json(found, scenario.name, numbers, moments)
        yield from (f"{key}: {value}" for key, value in answer.items())
        facts = page_facts(state, gfn, vcpu)
        yield f"{facts.question} {facts.pat_question} {facts.pat_notes}"
        yield from map(str, facts.facts)
        yield from map(str, past_leaves(run, gfn))


def shortened(line: str) -> str:
    if len(line) <= _LONG:
        return line
    return f"{line[: _LONG - 20]} ... {hashlib.sha256(line.encode()).hexdigest()[:12]}"


def problems(name: str, run: Run) -> Iterator[str]:
    for problem in check(run):
        row = problem_json(problem)
        told = {key: row[key] for key in row if key not in {"why", "remedy", "source"}}
        yield f"{name}: {where_words(problem)} | {told}"


EXAMPLES: dict[str, tuple[Callable[..., Run], Mapping[str, dict[str, Any]]]] = {
    "bad guests": (run, test_checks.BAD),
    "good guests": (run, test_checks.GOOD),
    "bad hosts": (host, test_host_checks.BAD),
    "good hosts": (host, test_host_checks.GOOD),
}


CHANGES = (
    (EventKind.DISABLE_CD_NW_QUIRK, 0, 0, 0),
    (EventKind.DISABLE_IGNORE_GUEST_PAT, 0, 0, 0),
    (EventKind.DMA_DETACH, 0, 0, 0),
    mov_cr0(0x11),
    wrmsr(0x277, 0x0407_0506_0007_0106),
    *pair(0, 0, 4 * GIB, WB),
    *pair(1, 3 * GIB, GIB, UC),
    *pair(2, 2 * MIB, MIB, WT),
    wrmsr(0x250, 0x0606_0606_0606_0606),
    on(UC, flags=0xC00),
    (EventKind.DMA_ATTACH, 0, 0, 0),
    wrmsr(0x2FF, 0xC02),
    wrmsr(0x2FF, 0xC04, 1),
    wrmsr(0x203, 0),
)
TOUCHES = [touch(at, gfn, vcpu=at & 1) for at in (1, 4, 9, 11, 13) for gfn in (0, 0x200, GIB >> 12)]


def keep(lines: Iterable[str], name: str) -> None:
    """Compare lines, each once, with what is kept."""
    text = "".join(f"{shortened(line)}\n" for line in dict.fromkeys(lines))
    require_as_kept(text, KEPT / f"{name.replace(' ', '-')}.txt")


@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_is_found_on_machines_and_why_their_pages_are_so_is_said_as_it_was(kind: str) -> None:
    made_by, examples = EXAMPLES[kind]
    lines: list[str] = []
    for name, example in examples.items():
        settings = {key: value for key, value in example.items() if key != "writes"}
        made = made_by(*example["writes"], **settings)
        lines += problems(name, made)
        lines += told(made, ENDS, made.scenario.duration_ns)
    keep(lines, kind)


@pytest.mark.parametrize("policy", POLICIES)
def test_pages_of_a_boot_are_explained_as_they_were(policy: str) -> None:
    kind = MachineKind.HOST if policy == "hardware" else MachineKind.GUEST
    made = run(*CHANGES, vcpus=2, sweeps=TOUCHES, policy=policy, kind=kind)
    pages = (0, 0x9F, 0x2FF, 0x300, GIB >> 12, 3 * GIB >> 12)
    lines: list[str] = []
    for time_ms, vcpu in ((0, 0), (4, 1), (5, 0), (11, 0), (14, 0), (14, 1), (15, 1)):
        lines += told(made, pages, time_ms * 1_000_000, vcpu)
    keep(lines, policy)

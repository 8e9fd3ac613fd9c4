"""The incidents: each shows what was reported, and its fix fixes it; each has a quiz."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from mtrrviz.cli import main
from mtrrviz.core.msr.registers import PHYSBASE0
from mtrrviz.lessons.lesson import LessonKind
from mtrrviz.lessons.lesson_library import shipped_lessons
from mtrrviz.lessons.names_of_scenario import bookmark_ns
from mtrrviz.lessons.opening import opened
from mtrrviz.lessons.reading.conditions import build_condition
from mtrrviz.scenario.library import Purpose, builtin_paths, list_builtin, open_scenario

SYMPTOM, CAUSE, MEND = "the symptom", "the cause", "the fix"
INCIDENTS = {entry.name for entry in list_builtin() if entry.purpose is Purpose.INCIDENT}


def leaf(page, is_type):
    return {"ask": "type", "source": "leaf", "page": page, "is": is_type}


def sdm(is_type, **pages):
    return {"ask": "type", "source": "sdm", "vcpu": "every", **pages, "is": is_type}


def field(name, value, vcpu="every"):
    register = "IA32_MTRR_DEF_TYPE"
    return {"ask": "register", "register": register, "field": name, "vcpu": vcpu, "is": value}


def pair_is(pair, valid):
    return {"ask": "range", "pair": pair, "part": "valid", "vcpu": "every", "is": valid}


def used_as(pat, is_type):
    return {"ask": "effective", "pat": pat, "vcpu": 0, "is": is_type}


#: By incident: what holds at the symptom and not after the fix, and the other way round.
SHOWN = {
    "vfio-slow-boot": (
        [leaf(0x200_0000, "UC"), field("E", 0)],
        [leaf(0x200_0000, "WB"), field("E", 1)],
    ),
    "ovmf-no-boot": (
        [leaf(0x120_0000, "UC"), field("E", 0)],
        [leaf(0x120_0000, "WB"), field("E", 1)],
    ),
    "slow-frames": (
        [leaf(0x8_0100_0000, "UC"), pair_is(1, "yes")],
        [leaf(0x8_0100_0000, "WB"), pair_is(1, "no")],
    ),
    "pmem-uncached": (
        [field("E", 0), {"ask": "type", "source": "mtrr", "region": "pmem", "is": "UC"}],
        [field("E", 1), {"ask": "type", "source": "mtrr", "region": "pmem", "is": "WB"}],
    ),
    "wrong-map": (
        [leaf(0x8000_3000, "WB"), {"ask": "alike", "is": "no"}],
        [leaf(0x8000_3000, "UC"), {"ask": "alike", "is": "yes"}],
    ),
    "cd-at-boot": (
        [leaf(0x200_0000, "UC"), {"ask": "ipat", "is": 1}, {"ask": "cd", "vcpu": 0, "is": 1}],
        [leaf(0x200_0000, "WB"), {"ask": "ipat", "is": 0}, {"ask": "cd", "vcpu": 0, "is": 0}],
    ),
    "slow-desktop": (
        [used_as(2, "UC"), {"ask": "ipat", "is": 0}],
        [used_as(2, "WB"), {"ask": "ipat", "is": 1}],
    ),
    "host-ram-lost": (
        [sdm("UC", region="high RAM"), pair_is(2, "no")],
        [sdm("WB", region="high RAM"), pair_is(2, "yes")],
    ),
    "host-no-optimum": (
        [field("Type", "UC"), pair_is(7, "yes")],
        [field("Type", "WB"), pair_is(7, "no")],
    ),
    "host-no-free-pair": (
        [sdm("UC", region="frame buffer"), pair_is(7, "yes")],
        [sdm("WC", region="frame buffer"), pair_is(7, "no")],
    ),
    "host-resume": (
        [{"ask": "alike", "is": "no"}],
        [{"ask": "alike", "is": "yes"}, sdm("WP", region="shadowed ROM")],
    ),
}
#: What the fix leaves as it was.
UNHARMED = {
    "vfio-slow-boot": [{"ask": "dma", "is": 1}],
    "ovmf-no-boot": [{"ask": "dma", "is": 1}],
    "slow-frames": [
        {"ask": "type", "source": "mtrr", "start": 0xC000_0000, "size": "1 GiB", "is": "UC"}
    ],
    "pmem-uncached": [leaf(0x1_0000_0000, "WB"), used_as(2, "UC"), used_as(0, "WB")],
    "wrong-map": [{"ask": "type", "source": "mtrr", "page": 0xA_0000, "vcpu": 0, "is": "UC"}],
    "cd-at-boot": [{"ask": "dma", "is": 1}],
    "slow-desktop": [leaf(0xFD00_0000, "WB"), {"ask": "dma", "is": 0}],
    "host-ram-lost": [sdm("UC", region="MMCONFIG"), sdm("WB", region="RAM")],
    "host-no-optimum": [
        *(sdm("WB", region=name) for name in ("RAM", "high RAM")),
        *(
            sdm("UC", region=name)
            for name in (
                *("graphics memory", "frame buffer", "MMCONFIG", "APICs and flash"),
                "kept by the firmware",
            )
        ),
    ],
    "host-no-free-pair": [sdm("WB", region="RAM"), sdm("UC", region="graphics memory")],
    "host-resume": [sdm("WB", region="RAM")],
}


def holds(condition, situation):
    return build_condition(condition, "test").judged(situation).holds


@pytest.fixture(params=sorted(SHOWN))
def incident(request):
    """The name of an incident, how it is at its symptom, and after its fix."""
    first = opened(open_scenario(f"incident-{request.param}"))
    times = {mark.name: mark.time_ns for mark in first.scenario.bookmarks}
    policy = first.compared_id if request.param == "slow-desktop" else first.policy_id
    fixed = replace(first, time_ns=times[MEND], policy_id=policy)
    return request.param, replace(first, time_ns=times[SYMPTOM]), fixed


def test_every_incident_is_shown_here():
    assert {f"incident-{name}" for name in SHOWN} == INCIDENTS
    assert set(UNHARMED) == set(SHOWN)


def test_what_was_reported_is_seen_and_the_mend_mends_it(incident):
    name, before, after = incident
    symptom, fixed = SHOWN[name]
    for condition in symptom:
        assert holds(condition, before), condition
        assert not holds(condition, after), condition
    for condition in fixed:
        assert holds(condition, after), condition
        assert not holds(condition, before), condition
    for condition in UNHARMED[name]:
        assert holds(condition, before), condition
        assert holds(condition, after), condition


def test_it_opens_at_its_symptom_and_tells_the_story_at_the_mend_only(incident):
    name, before, _after = incident
    scenario = before.scenario
    first = opened(scenario)
    marks = {mark.name: mark for mark in scenario.bookmarks}
    assert first.time_ns == marks[SYMPTOM].time_ns
    now, cause = before.state(first.time_ns), before.state(bookmark_ns(CAUSE, scenario))
    assert now.live_rows.tolist() == cause.live_rows.tolist()
    assert first.gfns is not None
    assert first.gfns[0] == marks[SYMPTOM].gfn
    assert "Reported: " in scenario.description, name
    assert "Source" in scenario.description
    assert "chosen for this scenario" in scenario.description
    *before_story, story = scenario.phases
    assert first.time_ns < story.start_ns <= marks[MEND].time_ns
    assert "Fix: " in story.text or "What was tried: " in story.text
    assert not any("Cause: " in phase.text for phase in before_story)


@pytest.mark.parametrize(
    ("name", "rest", "wanted"),
    [
        ("host-ram-lost", "UC", ""),
        ("host-no-optimum", "any", ""),
        (
            "host-no-free-pair",
            "UC",
            "0x0 0xbf800000 WB\n0xbf800000 8MiB UC\n0xd0000000 256MiB WC\n",
        ),
    ],
)
def test_the_mend_of_a_real_machine_is_what_solve_finds(name, rest, wanted, tmp_path, capsys):
    path = builtin_paths()[f"incident-{name}"]
    options = ["--at", "0.3", "--rest", rest, "--format", "json"]
    if wanted:
        (tmp_path / "map.txt").write_text(wanted)
        options += ["--map", str(tmp_path / "map.txt")]
    assert main(["solve", str(path), *options]) == 0
    solved = json.loads(capsys.readouterr().out)
    assert solved["exact"]
    first = opened(open_scenario(str(path)))
    machine = first.state(first.scenario.duration_ns).machine
    for cpu in range(machine.vcpus):
        for found in solved["ranges"]:
            pair = PHYSBASE0 + 2 * found["pair"]
            assert machine.read_msr(cpu, pair) == int(found["physbase"], 16)
            assert machine.read_msr(cpu, pair + 1) == int(found["physmask"], 16)
        used = sum(one.valid for one in machine.mtrr(cpu).variable_ranges())
        assert used == len(solved["ranges"])
        assert machine.mtrr(cpu).default_type.name == solved["default_type"]


def test_the_same_pages_stay_wb_under_a_kvm_that_looks_at_no_mtrrs():
    for name in ("vfio-slow-boot", "ovmf-no-boot", "slow-frames"):
        first = opened(open_scenario(f"incident-{name}"))
        assert holds({**SHOWN[name][1][0], "policy": "kvm-6.11"}, first), name


def test_each_incident_has_a_quiz_and_each_quiz_an_incident():
    quizzes = [one for one in shipped_lessons() if one.kind is LessonKind.QUIZ]
    assert [one.name for one in quizzes] == [f"quiz-{name}" for name in QUIZ_ORDER]
    for quiz in quizzes:
        incident_name = quiz.name.replace("quiz-", "incident-")
        assert quiz.steps[0].show.scenario == incident_name
        assert 2 <= quiz.task_count <= 4
        assert "## The story" in quiz.closing


QUIZ_ORDER = (
    *("vfio-slow-boot", "ovmf-no-boot", "slow-frames", "pmem-uncached", "wrong-map"),
    *("cd-at-boot", "slow-desktop"),
    *("host-ram-lost", "host-no-optimum", "host-no-free-pair", "host-resume"),
)


def test_quizzes_are_listed_after_the_course():
    kinds = [one.kind for one in shipped_lessons()]
    assert kinds == sorted(kinds)
    assert set(kinds) == set(LessonKind)

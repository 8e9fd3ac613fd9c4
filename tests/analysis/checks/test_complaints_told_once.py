"""A kernel's complaint is told once: by the rule that sees its cause too, else by its own."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.analysis.checks import check
from mtrrviz.scenario.complaints import ComplaintKind, KernelComplaint
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.sim import simulate
from tests.analysis.checks.checked import GIB, UC, WB, on, pair, run, wrmsr

K = ComplaintKind
WORDS = "words of the kernel"
ALL_RAM = [*pair(0, 0, 2 * GIB, WB), on(UC)]
HALF_OF_RAM = [*pair(0, 0, GIB, WB), on(UC)]
RAM_BY_RANGE = [*pair(0, GIB, GIB, UC), on(WB)]
OFF = [wrmsr(0x2FF, 6)]
HOST, GUEST = MachineKind.HOST, MachineKind.GUEST


def problems(kind, writes, *complaints, **settings):
    """Return what is found on a machine of a kind whose kernel complains."""
    made = run(*writes, kind=kind, noncoherent_dma=0 if kind is HOST else 1, **settings)
    policy = "hardware" if kind is HOST else "per-vcpu"
    return check(simulate(replace(made.scenario, complaints=complaints), policy))


@pytest.mark.parametrize(
    ("kind", "complaint", "writes", "settings", "teller"),
    [
        (HOST, K.LOST_RAM, ALL_RAM, {}, "kernel-lost-ram"),
        (HOST, K.LOST_RAM, HALF_OF_RAM, {}, "host-ram-not-wb"),
        (HOST, K.LOST_RAM, RAM_BY_RANGE, {}, "host-ram-not-wb"),
        (GUEST, K.LOST_RAM, ALL_RAM, {}, "kernel-lost-ram"),
        (GUEST, K.LOST_RAM, HALF_OF_RAM, {}, "ram-by-default-uc"),
        (GUEST, K.LOST_RAM, RAM_BY_RANGE, {}, "kernel-lost-ram"),
        (HOST, K.INCONSISTENT, [*ALL_RAM, on(WB, vcpu=1)], {"vcpus": 2}, "cpus-disagree"),
        (HOST, K.INCONSISTENT, ALL_RAM, {}, "kernel-inconsistent-cpus"),
        (HOST, K.BLANK, OFF, {}, "host-mtrrs-off"),
        (HOST, K.BLANK, ALL_RAM, {}, "kernel-mtrrs-blank"),
    ],
)  # fmt: skip
def test_the_rule_that_sees_the_cause_quotes_the_complaint(
    kind, complaint, writes, settings, teller
):
    found = problems(kind, writes, KernelComplaint(complaint, WORDS, "log", 3), **settings)
    assert {one.rule for one in found if WORDS in one.title} == {teller}


@pytest.mark.parametrize("refusal", ComplaintKind)
def test_a_driver_without_a_wc_range_is_told_where_no_refusal_tells_why(refusal):
    refused = KernelComplaint(K.REFUSED_WC, "no range")
    found = problems(HOST, ALL_RAM, refused, KernelComplaint(refusal, WORDS))
    reasons = {K.TYPE_MISMATCH, K.OVERLAP, K.NOT_ALIGNED, K.NO_FREE_PAIR}
    assert any("no range" in one.title for one in found) == (refusal not in reasons)


@pytest.mark.parametrize(
    ("start", "end", "gfns"),
    [
        (0, 0, None),
        (0, 1, (0, 1)),
        (0x1000, 0x1000, None),
        (0x1FFF, 0x2000, (1, 2)),
        (0x1FFF, 0x2001, (1, 3)),
        (GIB, 2 * GIB, (GIB >> 12, 2 * GIB >> 12)),
    ],
)
def test_a_finding_is_of_all_pages_that_the_complaint_touches(start, end, gfns):
    one = KernelComplaint(K.OVERLAP, WORDS, "log", 3, start, end)
    (found,) = problems(HOST, ALL_RAM, one)
    assert found.where.gfns == gfns


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        ("a", "a"),
        ("aa", "a (2 times)"),
        ("ab", "a; b"),
        ("abc", "a; b; c"),
        ("abcd", "a; b; c and 1 more"),
        ("abcdeb", "a; b; c and 2 more (6 times)"),
    ],
)
def test_complaints_about_one_place_are_one_finding_of_at_most_three_texts(texts, title):
    complaints = (KernelComplaint(K.OVERLAP, t, "log", 7 + at) for at, t in enumerate(texts))
    (found,) = problems(HOST, ALL_RAM, *complaints)
    assert (found.title, found.where.line) == (f"the kernel says: {title}", 7)


def test_complaints_of_no_known_kind_are_told_apart_by_their_text():
    one, other = (KernelComplaint(K.OTHER, text) for text in "ab")
    titles = [found.title for found in problems(HOST, ALL_RAM, one, other, one)]
    assert titles == ["the kernel says: a (2 times)", "the kernel says: b"]

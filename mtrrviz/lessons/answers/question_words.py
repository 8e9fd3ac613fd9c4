"""Questions in words, as feedback names what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.stops.stop_words import stop_words
from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.lessons.answers import questions as asked
from mtrrviz.lessons.answers.asked_about import gfns_of, names_pages
from mtrrviz.lessons.names_of_scenario import register_of, stop_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.lessons.situation import Situation

_SOURCE_WORDS = {
    "fault": "the type that a fault would get",
    "leaf": "the type of the leaf",
    "mtrr": "the type that KVM finds in the MTRRs",
    "sdm": "the type by the SDM",
}


def question_words(question: asked.ModelQuestion, situation: Situation) -> str:
    """Return what a question asks for: "the number of zaps under per-vm"."""
    machine = situation.scenario.machine
    noun = _NOUNS[type(question)](question).replace("{cpu}", machine.cpu_word)
    if isinstance(question, asked.MomentQuestion):
        noun = f"{noun} {stop_words(stop_of(question.stop, machine))}"
    return f"{noun}{_where(question, situation)}{'' if machine.is_host else _when(question)}"


def _register_words(question: asked.RegisterQuestion) -> str:
    name = REGISTERS[register_of(question.register)].name
    return f"{name}.{question.field}" if question.field else name


def _leaves_words(question: asked.LeavesQuestion) -> str:
    words = ["the number of", "stale" if question.stale else "", question.type or "", "leaves"]
    return " ".join(filter(None, words))


_RANGE_PARTS = {
    "first": "first address",
    "last": "last address",
    "size": "size",
    "type": "type",
    "valid": "V bit",
}
_FIGURE_WORDS = {
    "faults": "the number of faults",
    "refaults": "the number of faults on memory mapped before",
    "leaves-dropped": "the number of leaves dropped",
    "contended-zaps": "the number of zaps with rivals",
    "zap-mcycles": "the cycles of all zaps, in millions, as modelled,",
    "stall-s": "the time that vCPUs waited, as modelled,",
    "boot-s": "the time of the boot, as modelled,",
}
_MOMENT_WORDS = {
    "first": "the first moment at which",
    "last": "the last moment at which",
    "every": "a moment at which",
}
_NOUNS: dict[type[asked.ModelQuestion], Callable[[Any], str]] = {
    asked.TypeQuestion: lambda question: _SOURCE_WORDS[question.source],
    asked.FirstPageQuestion: lambda question: f"the first address with {question.type}",
    asked.EffectiveQuestion: lambda _: "the effective type",
    asked.IpatQuestion: lambda _: "IPAT",
    asked.LeafSizeQuestion: lambda _: "the size of the leaf",
    asked.LeafVcpuQuestion: lambda _: "the vCPU that made the leaf",
    asked.LeavesQuestion: _leaves_words,
    asked.ZapsQuestion: lambda question: (
        f"the number of zaps by {question.cause}" if question.cause else "the number of zaps"
    ),
    asked.ZapVcpuQuestion: lambda _: "the vCPU that zaps",
    asked.FigureQuestion: lambda question: _FIGURE_WORDS[question.figure],
    asked.RegisterQuestion: _register_words,
    asked.RangeQuestion: lambda question: (
        f"the {_RANGE_PARTS[question.part]} of pair {question.pair}"
    ),
    asked.PairQuestion: lambda question: f"the {question.part} of the range",
    asked.MomentQuestion: lambda question: _MOMENT_WORDS[question.which],
    asked.PlayheadQuestion: lambda _: "the playhead",
    asked.DmaQuestion: lambda _: "the number of devices with non-coherent DMA",
    asked.CacheDisableQuestion: lambda _: "CR0.CD",
    asked.AlikeQuestion: lambda _: 'the answer to "do all {cpu}s have the same MTRRs?"',
    asked.ProblemsQuestion: lambda _: "the number of problems",
    asked.SpeedQuestion: lambda question: (
        f"the time of a write to {question.type} in ns"
        if question.than is None
        else f"how many times longer a write to {question.type} takes than to {question.than}"
    ),
    asked.SelectionQuestion: lambda question: f"the selected {question.part}",
}


def _where(question: asked.ModelQuestion, situation: Situation) -> str:
    """Return the pages, the vCPU and the policy that a question names."""
    words = ""
    if isinstance(question, asked.PagesQuestion) and names_pages(question):
        first, end = gfns_of(question, situation)
        words = f" of {format_gpa(first << PAGE_SHIFT)}"
        if end > first + 1:
            words += f" to {format_gpa((end << PAGE_SHIFT) - 1)}"
    vcpu: int | str | None = getattr(question, "vcpu", None)
    if getattr(question, "source", "") == "leaf" and not isinstance(
        question, asked.EffectiveQuestion
    ):
        vcpu = None  # a leaf is the same for all of them
    if vcpu == "every":
        words += f" on every {situation.scenario.machine.cpu_word}"
    elif vcpu is not None:
        number = situation.vcpu if isinstance(vcpu, str) else vcpu
        words += f" on {situation.scenario.machine.cpu_word} {number}"
    return words if question.policy is None else f"{words} under {question.policy}"


def _when(question: asked.ModelQuestion) -> str:
    return f" at {question.at} s" if isinstance(question.at, (int, float)) else ""

"""What the inspector says about one page: facts in words, and every leaf it ever had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.explaining.explain import explain, leaf_columns
from mtrrviz.analysis.explaining.explanation import Explanation, MappedLeaf
from mtrrviz.analysis.explaining.host_steps import decider_words
from mtrrviz.analysis.explaining.pat_table import note_words
from mtrrviz.core.ept import bits_to_leaf, block, decode, leaf_entry
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SHIFT, format_gpa, format_size, format_time_ns
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.tables.mismatch_rows import bits_words
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.scenario.touches import Access
from mtrrviz.sim.tables import ALIVE, NO_VCPU, ZapCause

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run, State


class Fact(Record):
    """One line: what it is about, what it says, and more to know when hovering over it."""

    label: str
    value: str
    tip: str = ""
    is_warning: bool = False


class PastLeaf(MappedLeaf):
    """A leaf that covered the page until ``died_ns``, None if it lives to the end.

    ``end`` says in words what ended it.
    """

    died_ns: int | None
    end: str

    def is_alive(self, time_ns: int) -> bool:
        """Return whether the leaf is there at ``time_ns``."""
        return self.born_ns <= time_ns and (self.died_ns is None or time_ns < self.died_ns)


class PageFacts(Record):
    """All facts about a page at one time, the explanation behind them and the page's leaves."""

    facts: tuple[Fact, ...]
    explanation: Explanation

    @property
    def question(self) -> str:
        """The question that the steps answer."""
        fault = self.explanation.next_fault
        if self.explanation.is_host:
            return f"Why is it {self.explanation.mtrr.label}?"
        if fault is None:
            return f"There is no leaf: what vCPU {self.explanation.vcpu}'s MTRRs say"
        return f"Why would a fault of vCPU {self.explanation.vcpu} get {fault.type.name}?"

    @property
    def pat_question(self) -> str:
        """The question that the table of PAT entries answers."""
        noun = "CPU" if self.explanation.is_host else "vCPU"
        return f"What {noun} {self.explanation.pat.vcpu}'s PAT makes of it"

    @property
    def pat_notes(self) -> str:
        """What is to be known of the table of PAT entries: the notes of the SDM, or IPAT's."""
        pat = self.explanation.pat
        if not pat.is_told:
            return f"{pat.words}."
        if pat.is_ignored:
            return "IPAT is set: the guest's PAT is ignored, the EPT's type stands alone."
        return "\n".join(f"({number}) {note_words(number)}." for number in pat.notes)


def page_facts(state: State, gfn: int, vcpu: int) -> PageFacts:
    """Return the facts about page ``gfn`` at the state's time, seen by ``vcpu``.

    Raises MtrrvizError if the machine has no such page.
    """
    found = explain(state, gfn, vcpu)
    if found.is_host:
        return PageFacts((_address(gfn), _region(found), *_mtrr_facts(found)), found)
    facts = [
        _address(gfn),
        _region(found),
        *_leaf_facts(state, found),
        *_real_facts(state, gfn),
        _last_zap(state.run, gfn, state.time_ns),
        _so_far(found),
        *_fault_facts(found),
        *(_mtrr_facts(found) if found.next_fault is None else ()),
    ]
    return PageFacts(tuple(facts), found)


def _address(gfn: int) -> Fact:
    return Fact("Address", format_gpa(gfn << PAGE_SHIFT), f"page frame number {gfn:#_x}")


def _mtrr_facts(found: Explanation) -> list[Fact]:
    """Return the MTRRs' type of the page and the registers that decide it."""
    is_open = found.mtrr.memory_type is None
    deciders = decider_words(found.steps)
    return [
        Fact("MTRR type", found.mtrr.label, found.mtrr.meaning, is_warning=is_open),
        Fact("Decided by", deciders, found.deciding.text),
    ]


def _region(found: Explanation) -> Fact:
    region = found.region
    if region is None:
        tip = "no map or line names it" if found.is_host else "no region: no memory slot"
        return Fact("Region", "unassigned", tip)
    span = f"{format_gpa(region.start)} to {format_gpa(region.end - 1)}"
    return Fact(
        "Region",
        region.words,
        f"{span}, {format_size(region.size_bytes)}",
    )


def _leaf_facts(state: State, found: Explanation) -> list[Fact]:
    """Return what is mapped now: the leaf's size and range, its entry, and its fault."""
    leaf = found.leaf
    if leaf is None:
        return [Fact("Leaf", "none", "the page is not mapped now: the next access faults")]
    row = state.leaf_row(found.gfn)
    first, pages = block(leaf.first_gfn, leaf.level)
    span = f"{format_gpa(first << PAGE_SHIFT)} to {format_gpa(((first + pages) << PAGE_SHIFT) - 1)}"
    access = "" if row is None else f", {Access(int(state.run.leaves.access[row])).name.lower()}"
    return [
        Fact("Leaf", f"{LEVEL_NAMES[leaf.level]} · {_words(leaf.bits)}", leaf.type.meaning),
        Fact("Maps", span),
        *_entry_facts(leaf.first_gfn, leaf.level, leaf.bits),
        Fact("Faulted", f"vCPU {leaf.vcpu} at {format_time_ns(leaf.born_ns)}{access}"),
    ]


def _real_facts(state: State, gfn: int) -> list[Fact]:
    """Return what the trace shows of the page's real entry; nothing without such a trace."""
    check = trace_check(state.run)
    if not check.compared:
        return []
    row = check.observed.row_at(gfn, state.time_ns)
    if row is None:
        return [Fact("Real entry", "none now", "the trace shows no leaf of the page at this time")]
    real, model = int(check.observed.bits[row]), int(check.model_bits[row])
    is_other = real != model
    level = LEVEL_NAMES[int(check.observed.level[row])]
    says = f"differs: the model makes {bits_words(model)}" if is_other else "as the model's"
    line = int(check.observed.line[row])
    where = f", line {line} of the trace" if line else ""
    born = f"made at {format_time_ns(int(check.observed.born_ns[row]))}"
    vcpu = int(check.observed.vcpu[row])
    return [
        Fact(
            "Real entry",
            f"{bits_words(real)} · {level} · {says}",
            f"{born} by a fault of vCPU {vcpu}{where}",
            is_warning=is_other,
        )
    ]


def _entry_facts(first_gfn: int, level: int, bits: int) -> list[Fact]:
    """Return the 64-bit entry and its bits in words."""
    entry = leaf_entry(first_gfn, level, bits)
    return [
        Fact("Entry", format_entry(entry.encode()), entry_words(entry.encode())),
        Fact("Bits", entry_words(entry.encode()), "SDM vol. 3C, EPT leaf entries"),
        Fact("Host frame", f"{entry.pfn:#_x} (modelled)", "a stand-in: guest frame plus 4 GiB"),
    ]


def format_entry(value: int) -> str:
    """Return a 64-bit entry as 16 hex digits in groups of four."""
    digits = f"{value:016x}"
    return "0x" + "_".join(digits[at : at + 4] for at in range(0, 16, 4))


def entry_words(value: int) -> str:
    """Return the bits of a leaf entry in words: access, type, IPAT, size, accessed, dirty."""
    entry = decode(value)
    flags = ((entry.read, "R"), (entry.write, "W"), (entry.execute, "X"))
    access = "".join(letter if is_set else "-" for is_set, letter in flags)
    marks = ((entry.is_large, "PS"), (entry.accessed, "A"), (entry.dirty, "D"))
    rest = [word for is_set, word in marks if is_set]
    return " · ".join([access, f"type {entry.memory_type.name}", f"IPAT {int(entry.ipat)}", *rest])


def _words(bits: int) -> str:
    memory_type, ipat = bits_to_leaf(bits)
    return f"{memory_type.name} · IPAT {ipat}"


def _last_zap(run: Run, gfn: int, time_ns: int) -> Fact:
    """Return the last zap whose range held the page."""
    zaps = run.zaps
    hits = np.flatnonzero(zaps.intersecting(gfn)[: zaps.until(time_ns)])
    if not len(hits):
        return Fact("Last zap", "none so far")
    last = int(hits[-1])
    vcpu = int(zaps.vcpu[last])
    who = "the VM" if vcpu == NO_VCPU else f"vCPU {vcpu}"
    cause = ZapCause(int(zaps.cause[last])).words
    count = f"{plural(len(hits), 'zap')} of this page so far"
    return Fact("Last zap", f"{format_time_ns(int(zaps.time_ns[last]))} · {who} · {cause}", count)


def _so_far(found: Explanation) -> Fact:
    """Count the page's faults and zaps up to now."""
    history = found.history
    faults = plural(history.faults, "fault")
    again = f" ({history.refaults:,} again)" if history.refaults else ""
    zaps = f"{plural(history.zaps, 'zap')}, {history.drops:,} dropped it"
    tip = "faults that mapped the page, and zaps whose range held it"
    return Fact("So far", f"{faults}{again} · {zaps}", tip)


def _fault_facts(found: Explanation) -> list[Fact]:
    """Return what the next fault would make, and whether the leaf differs from that."""
    fault = found.next_fault
    if fault is None:
        return [Fact("Next fault", "no memory slot: the access goes to the VMM")]
    words = f"{fault.type.name} · IPAT {fault.ipat}"
    facts = [Fact("Next fault", f"vCPU {found.vcpu}: {words} · {LEVEL_NAMES[fault.level]}")]
    if found.leaf is None:
        return facts
    if found.stale:
        here = (found.leaf.type, found.leaf.ipat) != (fault.type, fault.ipat)
        gets = f"a fault would give {words}" if here else "faults on some of its pages differ"
        text = f"stale: is {_words(found.leaf.bits)}, {gets}"
        return [*facts, Fact("State", text, "no zap has dropped it since", is_warning=True)]
    return [*facts, Fact("State", "up to date", "a fault would give the same type and IPAT")]


def past_leaves(run: Run, gfn: int) -> tuple[PastLeaf, ...]:
    """Return every leaf of the run that ever covers the page, in order of birth."""
    return tuple(_past_leaf(run, int(row)) for row in run.leaves.rows_at(gfn))


def _past_leaf(run: Run, row: int) -> PastLeaf:
    died, zap = int(run.leaves.died_ns[row]), int(run.leaves.zap[row])
    return PastLeaf(
        *(int(column[row]) for column in leaf_columns(run.leaves)),
        died_ns=None if died == ALIVE else died,
        end=_end_words(run, died, zap),
    )


def _end_words(run: Run, died_ns: int, zap: int) -> str:
    """Say what ended a leaf."""
    if died_ns == ALIVE:
        return "there to the end"
    if zap < 0:
        return "replaced by a larger leaf"
    vcpu = int(run.zaps.vcpu[zap])
    who = "VM" if vcpu == NO_VCPU else f"vCPU {vcpu}"
    return f"zap {zap + 1} by {who}: {ZapCause(int(run.zaps.cause[zap])).words}"

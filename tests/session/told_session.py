"""What edits, jumps, searches and copies of a document come to, as lines of text."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import CR0_ID, DEFTYPE, PAT, PHYSBASE0, mtrr_msrs, pair_msrs
from mtrrviz.scenario import Access, Event, EventKind, Phase, Sweep
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.scenario.view import View
from mtrrviz.session import edits
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite
from mtrrviz.session.edits.typed_event import TYPED_KEYS, type_into_events
from mtrrviz.session.edits.typed_touch import TYPED_TOUCH_KEYS, type_into_touch
from mtrrviz.session.exchange.view_texts import (
    machine_text,
    page_text,
    registers_text,
    results_text,
)
from mtrrviz.session.forms.region_draft import (
    Edge,
    add_region,
    change_region,
    drag_border,
    gaps,
    split_region,
)
from mtrrviz.session.forms.typed_stop import TypedStop, typed
from mtrrviz.session.palette import find, fit, places_in, scenario_entries, typed_places
from mtrrviz.session.playing.moment_words import moment_words
from mtrrviz.session.playing.navigation import (
    ANY,
    ZAPS,
    JumpFilter,
    next_event,
    next_moment,
    next_phase,
    previous_event,
    previous_moment,
    previous_phase,
)
from mtrrviz.session.registers.register_draft import Draft
from mtrrviz.session.registers.register_pairs import pair_notes
from mtrrviz.session.registers.register_view import DifferenceFinder, difference_words
from mtrrviz.session.registers.register_writes import WritePlan, plan_edit
from mtrrviz.session.registers.write_effects import effect_of
from mtrrviz.session.stop_targets import event_stops, range_stops, zap_stops
from mtrrviz.session.story import moment_words as story_words
from mtrrviz.session.story import opening_words
from mtrrviz.session.wanted import wanted_edits
from mtrrviz.session.wanted.wanted_edits import Wanted
from mtrrviz.session.wanted.wanted_sources import as_machine, as_registers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.edits import Edit

MS = 1_000_000
GIB = 1 << 30


def told_by(scenario: Scenario) -> str:
    """Return the lines."""
    document = Document(scenario)
    parts = (_edits, _typed, _moments, _searches, _stops, _writes, _regions, _wanted, _copies)
    return "".join(f"{line}\n" for part in parts for line in part(document))


def _answer(work: Callable[[], Any]) -> Any:
    """Return what a function returns, or what it refuses."""
    try:
        return work()
    except (MtrrvizError, ValueError) as error:
        return f"refused: {error}"


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def _lines_of(scenario: Scenario) -> frozenset[str]:
    return frozenset(scenario_text(scenario).splitlines())


def _edit(scenario: Scenario, made: Callable[[], Edit]) -> str:
    found = _answer(made)
    if isinstance(found, str):
        return found
    after = found.scenario
    text, before = scenario_text(after), _lines_of(scenario)
    new = [line for line in text.splitlines() if line not in before]
    times = f"{found.since_ns}-{found.until_ns}, acts {found.acts}, lasts {after.duration_ns}"
    return f"{found.done} | {times} | {_sum(text)} | {' | '.join(new[:6])}"


def _edits(document: Document) -> Iterator[str]:
    scenario, state = document.scenario, document.state
    assert state is not None
    machine, vcpus = state.machine, range(scenario.machine.vcpus)
    last = len(scenario.events) - 1
    writes = [RegisterWrite(DEFTYPE, 0xC06), RegisterWrite(PHYSBASE0, 0x8000_0000)]
    sweep = Sweep(5 * MS, vcpus[-1], 0x140, 32, Access.WRITE, 2 * MS)
    telling = edits.telling_of(scenario)
    e = edits
    made: list[Callable[[], Edit]] = [
        *(partial(e.add_event, scenario, Event(at, EventKind.NOTE, 0, 0, 0, "", "a note"))
          for at in (0, 3 * MS, scenario.duration_ns, scenario.duration_ns + 1)),
        *(partial(e.change_event, scenario, at, replace(scenario.events[at], time_ns=7 * MS))
          for at in (0, last)),
        *(partial(e.remove_events, scenario, at) for at in ([0], [0, last], range(last + 1))),
        *(partial(e.move_events, scenario, [0, last], by) for by in (-1, 0, 1, MS, -(10**12))),
        *(partial(e.reorder_event, scenario, at, by)
          for at in (0, 1, last) for by in (-2, -1, 0, 1, 2)),
        *(partial(e.duplicate_events, scenario, at) for at in ([0], [last, 0])),
        partial(e.paste_events, scenario, list(scenario.events[:3]), 9 * MS),
        *(partial(e.write_registers, scenario, MS, which, some)
          for which in ([0], list(vcpus)) for some in (writes[:1], writes)),
        partial(e.write_as_kernel, scenario, MS, machine, list(vcpus), writes),
        partial(e.write_as_kernel, scenario, MS, machine, [0], writes[1:]),
        *(partial(e.set_cache_disable, scenario, MS, machine, list(vcpus), disable=on)
          for on in (True, False)),
        *(partial(e.add_touch, scenario, one) for one in (sweep, replace(sweep, pages=1))),
        *(partial(e.change_touch, scenario, at, sweep)
          for at in range(len(scenario.sweeps[:2]))),
        *(partial(e.remove_touches, scenario, at) for at in ([0], [0, 1]) if scenario.sweeps),
        *(partial(e.add_phase, scenario, Phase(at, "new")) for at in (0, 1, scenario.duration_ns)),
        *(partial(e.change_phase, scenario, at, Phase(2 * MS, "other"))
          for at in range(len(scenario.phases))),
        *(partial(e.remove_phase, scenario, at) for at in range(len(scenario.phases))),
        partial(e.add_bookmark, scenario, Bookmark(MS, "mark", "text", 0x140)),
        partial(e.open_here, scenario, View("per-vm", None, 3 * MS, 0x100, 1)),
        partial(e.describe, scenario, "T", "D", ("a", "b")),
        partial(e.describe, scenario, "", "D", ()),
        *(partial(e.shift_after, scenario, at, by) for at in (0, 200 * MS, scenario.duration_ns)
          for by in (-MS, 0, 1, 500 * MS, -(10**12))),
        *(partial(e.attach_dma, scenario, at) for at in (0, MS)),
        *(partial(e.detach_dma, scenario, MS, count) for count in (1, 2, 9)),
        partial(e.seen_as_other_kind, scenario),
        partial(e.add_stop, scenario, StopCondition(StopKind.ZAP)),
        partial(e.retell, scenario, replace(telling, notes=telling.notes[1:])),
        partial(e.retell, scenario, replace(telling, title=" ")),
    ]  # fmt: skip
    yield from (f"edit {_edit(scenario, one)}" for one in made)
    for fewer in (1, 3):
        found = _answer(partial(e.remake_machine, scenario, replace(scenario.machine, vcpus=fewer)))
        text = found if isinstance(found, str) else scenario_text(found.edit.scenario)
        yield f"machine of {fewer}: {getattr(found, 'lost', found)} {_sum(text)}"


def _typed(document: Document) -> Iterator[str]:
    scenario = document.scenario
    texts = ("0", "1", "1.5", "+1ms", "-1us", "9", "0x10", "4KiB", "5000", "write", "x", "")
    rows = [0, len(scenario.events) // 2, len(scenario.events) - 1]
    for key in TYPED_KEYS:
        for text in texts:
            for chosen in (rows[:1], rows[1:]):
                made = partial(type_into_events, scenario, chosen, key, text)
                yield f"typed {key} {text!r} {chosen}: {_edit(scenario, made)}"
    for key in TYPED_TOUCH_KEYS if scenario.sweeps else ():
        for text in texts:
            made = partial(type_into_touch, scenario, 0, key, text)
            yield f"typed touch {key} {text!r}: {_edit(scenario, made)}"


def _moments(document: Document) -> Iterator[str]:
    scenario, run = document.scenario, document.run
    yield f"opens {opening_words(scenario.view, scenario.machine)}"
    filters = (ANY, ZAPS, JumpFilter(frozenset({EventKind.WRMSR})), JumpFilter(vcpu=1))
    times = sorted(
        {t + by for t in scenario.events.time_ns[:40].tolist() for by in (-1, 0, 1)} | {0}
    )
    times += [scenario.duration_ns]
    for time_ns in times:
        asked = run, scenario, time_ns
        to = [f"{previous_event(*asked, one)}>{next_event(*asked, one)}"
              for one in filters]  # fmt: skip
        to.append(
            f"{previous_moment(run, scenario, time_ns)}>{next_moment(run, scenario, time_ns)}"
        )
        to.append(f"{previous_phase(scenario, time_ns)}>{next_phase(scenario, time_ns)}")
        yield f"from {time_ns}: {' '.join(to)}"
        yield f"at {moment_words(run, time_ns)} | {story_words(scenario, time_ns)}"


def _searches(document: Document) -> Iterator[str]:
    scenario = document.scenario
    entries = [*scenario_entries(), *places_in(scenario)]
    for query in ("", "phys", "base 1", "mtrr def", "pm0", "ram", "vcpu 1", "0x200", "zzz", "boot"):
        found = find(query, entries, 6)
        yield f"find {query!r}: {[(one.kind.value, one.text, one.detail) for one in found]}"
    for query in ("0", "0.5", "1 s", "99", "0xfee00000", "3GiB", "1 << 60", "-1"):
        places = [(o.text, o.time_ns, o.gfn) for o in typed_places(query, scenario)]
        yield f"typed {query!r}: {places}"
    words = ("IA32_MTRR_PHYSBASE0", "default type", "a.b_c", "xpat", "PAT")
    for wanted in ("pat", "imp", "dt", "b", "ia32", "type", "e"):
        yield f"fit {wanted}: {[fit(wanted, text) for text in words]}"


def _stops(document: Document) -> Iterator[str]:
    scenario, machine = document.scenario, document.scenario.machine
    for kind in StopKind:
        for start, size in (("", ""), ("0x100000", ""), ("0x100000", "8KiB"), ("", "4KiB"),
                            ("0x100001", ""), ("0x100000", "1"), ("0", "1 TiB")):  # fmt: skip
            form = TypedStop(kind, 1, DEFTYPE, start, size, 2.0, "new")
            stop = _answer(partial(form.condition, machine))
            said = stop if isinstance(stop, str) else typed(stop)
            yield f"stop {kind.value} {start!r} {size!r}: {said}"
            if not isinstance(stop, str):
                held = Document(replace(scenario, stops=(stop,))).stopping
                known = held.times_ns
                first = [times[:4].tolist() for times in known or ()]
                yield f"  {held.counts} {first}"
                ahead = held.next_stop(MS), held.previous_stop(scenario.duration_ns)
                yield f"  {[found and found.time_ns for found in ahead]}"
    for event in scenario.events[:12]:
        yield f"stops {event_stops(event)} {zap_stops(((1, 9),), event)}"
    yield f"stops {range_stops((1, 2), 1)}"


def _writes(document: Document) -> Iterator[str]:
    scenario, spec = document.scenario, document.scenario.machine
    for at in (0, 500 * MS, scenario.duration_ns):
        document.set_playhead(at)
        state = document.state
        assert state is not None
        machine = state.machine
        yield f"differ {difference_words(DifferenceFinder().find(machine), spec.cpu_word)}"
        for msr in (DEFTYPE, PAT, CR0_ID, PHYSBASE0, 0x201, 0x202, 0x203, 0x250, 0x26F):
            now = machine.cr0(0) if msr == CR0_ID else machine.read_msr(0, msr)
            for value in (now, 0, 0xC06, 0xFF00_0800, 1 << 63, 0x0606_0606_0606_0606):
                for as_kernel in (False, True)[: 1 + (at > 0)]:
                    plan = WritePlan(
                        tuple(range(spec.vcpus)), (RegisterWrite(msr, value),), as_kernel
                    )
                    said = _answer(partial(_effect, document, plan))
                    made = partial(plan_edit, scenario, at, machine, plan)
                    yield f"write {msr:#x} {value:#x} {as_kernel}: {said} | {_edit(scenario, made)}"
        for index in (0, 1, 2):
            for base in (0, 0x8_0000, 0x100_0000, 0x123_0000):
                for size in (0x1_0000, 0x100_0000, 0x4000_0000):
                    draft = Draft.of(machine, 0, pair_msrs(index))
                    for kind in (MemoryType.UC, MemoryType.WT):
                        tried = _answer(partial(draft.with_range, base, size, kind))
                        notes = (
                            tried
                            if isinstance(tried, str)
                            else (
                                tried.refusals,
                                pair_notes(machine, 0, tried, index),
                                tried.changed_msrs,
                            )
                        )
                        yield f"pair {index} {base:#x} {size:#x} {kind.name}: {notes}"


def _effect(document: Document, plan: WritePlan) -> str:
    state = document.state
    assert state is not None
    return effect_of(state.machine, document.scenario.machine, plan).words(state)


def _regions(document: Document) -> Iterator[str]:
    spec = document.scenario.machine
    regions, bits = spec.regions, spec.maxphyaddr
    yield f"gaps {gaps(regions, 1 << bits)} {gaps(regions, regions[-1].end)}"
    yield f"add {_answer(partial(add_region, regions, bits))}"
    for at, region in enumerate(regions):
        yield f"split {_answer(partial(split_region, regions, at))}"
        moved = replace(region, start=region.start + 0x1000, end=region.end + 0x1000)
        yield f"change {_answer(partial(change_region, regions, at, moved))}"
        for edge in Edge:
            for to in (0, region.start + 0x7FF, region.start + 0x800, region.end + 0x3000, 1 << 50):
                yield f"drag {_sum(str(drag_border(regions, at, edge, to, bits)))}"


def _wanted(document: Document) -> Iterator[str]:
    state, spec = document.state, document.scenario.machine
    assert state is not None
    wanted = as_machine(Wanted(), spec, state.machine).wanted
    yield f"wanted {wanted}"
    yield f"wanted {as_registers(wanted, 0, state.machine.mtrr(0))}"
    spans = [[(0, 0x1000)], [(0, 0x2000), (0x2000, 0x5000)], [(0x5000, GIB), (0x1000, 0x6000)]]
    for part in spans:
        for kind in (None, MemoryType.WB, MemoryType.UC):
            yield f"paint {_answer(partial(wanted_edits.paint, wanted, part, kind))}"
    for at, one in enumerate(wanted.ranges):
        yield f"split {_answer(partial(wanted_edits.split_range, wanted, at))}"
        yield f"remove {wanted_edits.remove_ranges(wanted, [at])}"
        for other in (
            replace(one, end=one.end + 0x1000), replace(one, start=one.start + 0x1000),
            replace(one, end=1 << 60),
        ):  # fmt: skip
            found = _answer(partial(wanted_edits.change_range, wanted, at, other, spec.maxphyaddr))
            yield f"change {found}"
    yield f"rest {wanted_edits.change_rest(wanted, None)}"


def _copies(document: Document) -> Iterator[str]:
    spec = document.scenario.machine
    yield from machine_text(spec).splitlines()
    for at in (0, document.duration_ns):
        document.set_playhead(at)
        state, run = document.state, document.run
        assert state is not None
        assert run is not None
        yield from registers_text(state.machine, spec.vcpus - 1).splitlines()
        yield from results_text(run, document.compared_run, at).splitlines()
        for gfn in (0, 0xA0, 0x100, spec.regions[-1].end_gfn - 1):
            document.select_page(gfn)
            yield from str(page_text(document, ("a line",))).splitlines()
    yield f"{len(mtrr_msrs())} registers"

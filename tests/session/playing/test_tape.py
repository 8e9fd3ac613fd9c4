"""Recording: when what is done happens, while time stands still and while it runs."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario import Access, Sweep
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from mtrrviz.session.edits import (
    RegisterWrite,
    add_touch,
    attach_dma,
    describe,
    remove_events,
    write_registers,
)
from mtrrviz.session.playing.tape import DEFAULT_STEP_NS
from tests.session.booting import MS, SECOND, boot


@pytest.fixture
def document() -> Document:
    return Document(boot())


def write(document: Document, value: int) -> None:
    writes = [RegisterWrite(0x20E, value)]
    document.apply(write_registers(document.scenario, document.playhead_ns, [0], writes))


def written(document: Document) -> list[tuple[int, int]]:
    return [(e.time_ns, e.value) for e in document.scenario.events if e.register == 0x20E]


def test_off_edits_happen_at_the_playhead_which_stays(document) -> None:
    document.set_playhead(50 * MS)
    write(document, 0)
    write(document, 0x1006)
    assert written(document) == [(50 * MS, 0x1006)]
    assert document.playhead_ns == 50 * MS


def test_paused_each_edit_happens_a_step_after_the_one_before(document) -> None:
    document.set_playhead(50 * MS)
    document.tape.switch(on=True)
    write(document, 0)
    write(document, 0x1006)
    document.apply(attach_dma(document.scenario, document.playhead_ns))
    assert written(document) == [(50 * MS, 0), (51 * MS, 0x1006)]
    assert document.scenario.events[document.scenario.first_event_at(52 * MS)].kind == "dma-attach"
    assert document.playhead_ns == 53 * MS
    assert DEFAULT_STEP_NS == MS


def test_the_step_can_be_set(document) -> None:
    document.tape.set_step(7)
    document.tape.switch(on=True)
    write(document, 0)
    assert document.playhead_ns == 7
    with pytest.raises(MtrrvizError, match="longer than 0"):
        document.tape.set_step(0)


def test_touches_take_their_time(document) -> None:
    document.tape.switch(on=True)
    sweep = Sweep(0, 0, 16, 1, Access.READ, 3 * MS)
    document.apply(add_touch(document.scenario, sweep))
    assert document.playhead_ns == 4 * MS


def test_at_the_end_the_scenario_becomes_longer_and_undo_takes_it_all_back(document) -> None:
    before = document.scenario
    document.set_playhead(document.duration_ns)
    document.tape.switch(on=True)
    write(document, 0)
    assert document.duration_ns == before.duration_ns + MS == document.playhead_ns
    document.undo()
    assert document.scenario is before


def test_what_does_nothing_to_the_machine_takes_no_time(document) -> None:
    write(document, 0)
    document.tape.switch(on=True)
    index = next(i for i, e in enumerate(document.scenario.events) if e.register == 0x20E)
    document.apply(remove_events(document.scenario, [index]))
    document.apply(describe(document.scenario, "Title", "", ()))
    assert document.playhead_ns == 0


def test_while_it_plays_edits_happen_as_time_runs(document) -> None:
    document.tape.switch(on=True)
    document.playback.play()
    document.playback.advance(10 * MS)
    write(document, 0)
    document.playback.advance(10 * MS)
    write(document, 0x1006)
    assert written(document) == [(10 * MS, 0), (20 * MS, 0x1006)]
    assert document.playhead_ns == 20 * MS


def test_time_runs_beyond_the_end_while_it_is_recorded(document) -> None:
    end_ns = document.duration_ns
    before = document.scenario
    document.tape.switch(on=True)
    document.set_playhead(end_ns)
    document.playback.play()
    assert document.playhead_ns == end_ns
    for _ in range(5):
        document.playback.advance(SECOND)
    assert document.playback.playing
    assert document.playhead_ns == end_ns + 5 * SECOND
    write(document, 0)
    assert written(document) == [(end_ns + 5 * SECOND, 0)]
    document.undo()
    document.undo()
    assert document.scenario is before  # all that time went on is one step


def test_off_playing_ends_with_the_scenario(document) -> None:
    end_ns = document.duration_ns
    document.set_playhead(end_ns - MS)
    document.playback.play()
    document.playback.advance(SECOND)
    assert not document.playback.playing
    assert document.duration_ns == end_ns


def test_moments_end_with_the_scenario_also_while_recording(document) -> None:
    end_ns = document.duration_ns
    document.set_playhead(end_ns - 1)
    document.tape.switch(on=True)
    document.playback.set_pace(25)
    document.playback.play()
    document.playback.advance(SECOND)
    assert not document.playback.playing
    assert document.duration_ns == end_ns


def test_the_switch_is_told_and_another_scenario_is_not_recorded(document) -> None:
    seen: list[Change] = []
    document.subscribe(seen.extend)
    document.tape.switch(on=True)
    document.tape.switch(on=True)
    assert seen == [Change.PLAYBACK]
    assert "1.000 ms" in document.tape.words or "1 ms" in document.tape.words
    document.open(open_scenario("sandbox"), None)
    assert not document.tape.is_on
    assert "off" in document.tape.words

"""A document that grows with a trace: the playhead, the runs, the user's edits, and how it ends."""

from __future__ import annotations

import pytest

from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.importers import import_texts
from mtrrviz.importers.opening import request_for
from mtrrviz.importers.traces.growing_import import GrowingImport
from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from mtrrviz.session.exchange.following import Following, growing_import, trace_in
from mtrrviz.sim import simulate
from tests.importers.helpers import SAMPLES
from tests.importers.traces.test_follow import append, write
from tests.importers.traces.test_observed import SETUP, WB, WP, entry, leaf
from tests.importers.traces.test_traces import line


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "boot.txt"
    path.write_text("")
    return path


@pytest.fixture
def document():
    return Document(open_scenario("small-machine"))


@pytest.fixture
def following(document, trace):
    clock = iter(range(1000))
    growing = GrowingImport(trace)
    found = Following(document, growing, request_for([("boot.txt", trace)]), lambda: next(clock))
    yield found
    found.stop()


@pytest.fixture
def told(following):
    words = []
    following.stopped = words.append
    return words


def grow(following, text):
    append(following.path, text)
    following.show(following.poll())


def test_the_first_event_opens_the_trace(following, document):
    opened = []
    following.opened = opened.append
    grow(following, "# tracer: nop\n")
    assert following.words == "Waiting for the first event in boot.txt"
    assert document.scenario.name == "small-machine"
    grow(following, write(6, 100))
    assert document.scenario.title == "Imported from boot.txt"
    assert opened[0].scenario is document.scenario
    assert document.is_modified
    assert document.undo_label is None
    assert following.words.startswith("Following boot.txt: 1 lines/s, 2 lines, ")


def test_what_comes_later_is_no_edit_and_leaves_the_playhead(following, document):
    grow(following, write(6, 100) + write(6, 101))
    document.set_playhead(500)
    document.set_marker("A", 400)
    changes = []
    document.subscribe(changes.append)
    grow(following, write(0xC06, 102))
    assert (document.playhead_ns, document.marker("A")) == (500, 400)
    assert document.undo_label is None
    assert document.duration_ns == 2_100_000_000
    assert Change.OPENED not in frozenset().union(*changes)
    assert Change.SCENARIO in frozenset().union(*changes)


def test_a_playhead_at_the_end_goes_with_the_end(following, document):
    grow(following, write(6, 100) + write(6, 101))
    document.set_playhead(document.duration_ns)
    grow(following, write(0xC06, 102))
    assert document.playhead_ns == document.duration_ns == 2_100_000_000


def test_runs_go_on_and_are_as_if_made_at_once(following, document):
    text = SETUP + "".join(entry(0x100 + n, leaf(WB), t=f"100.{n + 20:06}") for n in range(9))
    text += line("msr_write 2ff = 0xc00", t="100.000100") + entry(0x100, leaf(WP), t="100.000200")
    text += line("msr_write 2ff = 0x806", t="101.000000", task="other-77")
    for part in text.splitlines(keepends=True):
        grow(following, part)
    expected = simulate(document.scenario, "per-vcpu")
    found = document.run
    assert found is not None
    assert found.scenario is document.scenario
    for name in found.leaves.__struct_fields__:
        assert getattr(found.leaves, name).tolist() == getattr(expected.leaves, name).tolist()
    assert found.zaps.time_ns.tolist() == expected.zaps.time_ns.tolist()
    assert trace_check(found).rows.tolist() == trace_check(expected).rows.tolist()
    assert document.scenario.machine.vcpus == 2


def test_an_edit_ends_it_aloud_and_stays(following, document, told):
    grow(following, write(6, 100) + write(6, 101))
    document.apply(attach_dma(document.scenario, 7))
    edited = document.scenario
    assert told == ["You edited the scenario: boot.txt is followed no longer. What came is kept."]
    grow(following, write(0xC06, 102))
    assert document.scenario is edited
    document.undo()
    assert len(document.scenario.events) == len(edited.events) - 1


def test_an_edit_while_it_waits_is_not_lost(following, document):
    document.apply(attach_dma(document.scenario, 7))
    edited = document.scenario
    grow(following, write(0xC06, 102))
    assert document.scenario is edited
    assert not following.is_active


def test_opening_something_else_ends_it(following, document, told):
    grow(following, write(6, 100))
    document.open(open_scenario("small-machine"), None)
    assert told == ["Another scenario was opened: boot.txt is followed no longer."]


def test_policies_and_saving_do_not_end_it(following, document, tmp_path):
    grow(following, write(6, 100))
    document.set_policy("per-vm")
    document.mark_saved(document.scenario, tmp_path / "mine.toml")
    assert not document.is_modified
    grow(following, write(6, 101))
    assert following.is_active
    assert document.is_modified
    assert document.path == tmp_path / "mine.toml"


def test_its_end_is_told_once(following, trace, told):
    grow(following, write(6, 100))
    trace.write_text("")
    trace.write_text(write(0, 1))
    following.show(following.poll())
    following.stop()
    [words] = told
    assert words == (
        "boot.txt: it starts anew, with earlier times. Following stopped; what was read is kept."
    )


def test_the_trace_among_several_texts(tmp_path):
    trace, dump = SAMPLES / "ftrace-6.18-kvm-mtrr.txt", tmp_path / "dump"
    dump.write_text("0x2ff c06\n")
    request = request_for([(str(dump), dump), (str(trace), trace)])
    assert trace_in(request, import_texts(request.texts)) == trace
    alone = request_for([(str(dump), dump)])
    assert trace_in(alone, import_texts(alone.texts)) is None
    growing = growing_import(request, trace)
    imported = growing.poll().imported
    growing.close()
    assert imported is not None
    assert [source.formats[0] for source in imported.sources] == ["ftrace", "rdmsr"]


def test_a_folder_cannot_be_followed(tmp_path):
    with pytest.raises(ScenarioError, match="this is a folder"):
        growing_import(request_for([("x", tmp_path)]), tmp_path)

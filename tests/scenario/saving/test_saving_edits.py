"""Saving an edited file changes what was edited, and nothing else."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario import Event, EventKind
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import KNOWN_MSRS, MSR_KINDS, REGISTER_KINDS
from mtrrviz.scenario.files.loader import load_scenario, original_of
from mtrrviz.scenario.files.saver import save_scenario, scenario_text
from mtrrviz.scenario.library import builtin_paths
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.scenario.model import Aps, Phase
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.scenario.touches import Access, Sweep
from mtrrviz.scenario.view import ANY_VIEW, View
from tests.scenario.files import GOOD
from tests.scenario.saving.test_round_trip import assert_same

SHIPPED = builtin_paths()
#: Recorded data take long to read, and most edits are those of written events.
WRITTEN = sorted(name for name, path in SHIPPED.items() if "[recording]" not in path.read_text())

PERSONAL = """\
# my machine
schema=1
title = 'mine'   # for now
tags = [
  "one",   # first
  "two",
]
description = \"\"\"
[[event]]
# not a comment\"\"\"
duration = 10

[machine]   # small
vcpus = 2
memory = 0x4000_0000
    maxphyaddr = 40   # indented
has_mtrr = true

# -- memory

[[machine.region]]
name = "flash"
kind = "rom"
start = 0xffc00000
end = 0x1_0000_0000

# below the flash, but written after it
[[machine.region]]
name = "RAM"
kind = "ram"
start = 0
size = "1 GiB"

# -- what happens

# vCPU 1 first
[[event]]
t = 1
kind = "wrmsr"
vcpu = 1
register = 0x2ff
value = 3078   # 0xC06
# its reason
text = '''because'''

[[touch]]
t = 1.5
start = "16 MiB"

[[event]]
t = 2.50
kind = "mov-cr0"
value = 0x11
# the end
"""


def original(text):
    return original_of(text.encode(), "made.toml", scenarios_dir())


def shipped(name):
    return original_of(SHIPPED[name].read_bytes(), name, scenarios_dir())


def changed_lines(old, new):
    """Return the lines that went and that came, without empty ones."""
    lines = list(difflib.ndiff(old.splitlines(), new.splitlines()))
    gone = [line[2:] for line in lines if line.startswith("- ") and line[2:].strip()]
    came = [line[2:] for line in lines if line.startswith("+ ") and line[2:].strip()]
    return gone, came


def diff_of(text, edit):
    """Return what an edit of a file with ``text`` changes in it; it must read as it was meant."""
    read = original(text)
    edited = edit(read.scenario)
    found = scenario_text(edited, read)
    assert_same(original(found).scenario, edited)
    return changed_lines(text, found)


def with_event(scenario, number, **changed):
    events = list(scenario.events)
    events[number] = replace(events[number], **changed)
    return replace(scenario, events=tuple(events))


# Nothing changed


@pytest.mark.parametrize("name", SHIPPED)
def test_an_event_edited_and_undone_leaves_every_byte(name):
    read = shipped(name)
    scenario = read.scenario
    edited = scenario.inserting(Event(1, EventKind.NOTE, text="gone again"))
    assert scenario_text(edited, read) != scenario_text(scenario, read)
    undone = replace(edited, events=scenario.events, recording=scenario.recording)
    undone = replace(undone, duration_is_modelled=scenario.duration_is_modelled)
    assert scenario_text(undone, read).encode() == read.data


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n# end"])
def test_line_ends_and_marks_stay(newline, mark, end):
    text = mark + (PERSONAL.rstrip("\n") + end).replace("\n", newline)
    read = original(text)
    assert scenario_text(replace(read.scenario), read) == text
    edited = with_event(read.scenario, 0, value=6)
    found = scenario_text(edited, read)
    assert found == text.replace("3078", "0x6")
    assert original(found).scenario.events == edited.events
    added = replace(read.scenario, bookmarks=(Bookmark(1, "new"),))
    longer = scenario_text(added, read)
    assert longer.count("\n") > text.count("\n")
    assert longer.count("\r\n") == (longer.count("\n") if newline == "\r\n" else 0)


# One thing changed


def test_an_edited_value_is_one_line_and_follows_the_writing_there():
    text = SHIPPED["small-machine"].read_text()
    gone, came = diff_of(text, lambda s: with_event(s, 1, value=0x0505_0606_0606_0606))
    assert gone == ["value = 0x0606_0606_0606_0606"]
    assert came == ["value = 0x0505_0606_0606_0606"]


def test_a_changed_key_keeps_its_comment_and_its_way_of_writing():
    gone, came = diff_of(PERSONAL, lambda s: with_event(s, 0, register=0x277, text="why not"))
    assert gone == ["register = 0x2ff", "text = '''because'''"]
    assert came == ["register = 0x277", 'text = "why not"']
    gone, came = diff_of(PERSONAL, lambda s: with_event(s, 0, vcpu=0))
    assert (gone, came) == (["vcpu = 1"], ["vcpu = 0"])
    gone, came = diff_of(PERSONAL, lambda s: replace(s, title="yours"))
    assert came == ['title = "yours"   # for now']


def test_a_key_that_was_left_out_is_added_below_the_one_that_belongs_before_it():
    read = original(PERSONAL)
    found = scenario_text(with_event(read.scenario, 1, vcpu=1, origin="vmm"), read)
    assert 't = 2.50\nkind = "mov-cr0"\nvcpu = 1\nvalue = 0x11\norigin = "vmm"\n# the end' in found


def test_a_region_keeps_its_end_or_its_size():
    def edit(scenario):
        ram, flash = scenario.machine.regions
        regions = (replace(ram, end=2 << 30), replace(flash, start=0xFFE0_0000))
        return replace(scenario, machine=replace(scenario.machine, regions=regions))

    gone, came = diff_of(PERSONAL, edit)
    assert gone == ["start = 0xffc00000", 'size = "1 GiB"']
    assert came == ["start = 0xffe00000", 'size = "2 GiB"']


def test_new_regions_are_all_written_with_sizes_or_all_with_ends():
    made = load_scenario(SHIPPED["lagging-ap"])
    ram = made.machine.regions[2]
    text = scenario_text(made)
    assert text.count("\nend = ") == len(made.machine.regions)
    round_ram = replace(ram, end=ram.start + (8 << 20))
    regions = (*made.machine.regions[:2], round_ram)
    sized = replace(made, machine=replace(made.machine, regions=regions))
    assert "\nend = " not in scenario_text(sized)
    came = diff_of(scenario_text(sized), lambda s: with_last_region(s, ram))[1]
    assert came == ["end = 0x400_0000"]


def with_last_region(scenario, region):
    regions = (*scenario.machine.regions[:-1], region)
    return replace(scenario, machine=replace(scenario.machine, regions=regions))


def test_a_value_of_eight_types_shows_all_eight():
    text = GOOD + "\n[[event]]\nt = 1.0\nkind = 'wrmsr'\nregister = 'IA32_PAT'\nvalue = 0x6\n"
    read = original(text)
    last = len(read.scenario.events) - 1
    assert "value = 0x0000_0000_0000_0006" in scenario_text(read.scenario)
    came = diff_of(text, lambda s: with_event(s, last, value=0x7))[1]
    assert came == ["value = 0x7"]


def test_an_event_that_moves_takes_its_comments_along():
    def swapped(scenario):
        first, second = scenario.events
        return replace(scenario, events=(second, replace(first, time_ns=3_000_000_000)))

    found = scenario_text(swapped(original(PERSONAL).scenario), original(PERSONAL))
    assert original(found).scenario.events == swapped(original(PERSONAL).scenario).events
    tail = found[found.index("# -- what happens") :]
    assert tail.index("t = 2.50") < tail.index("# vCPU 1 first") < tail.index("t = 3.0")
    assert tail.index("# its reason") > tail.index("t = 3.0")


def test_an_event_moved_past_others_takes_its_own_comment_along():
    text = SHIPPED["wb-under-cd"].read_text().replace("[[event]]", "# caches on\n[[event]]", 1)
    read = original(text)
    first, *others = read.scenario.events
    moved = replace(first, time_ns=others[-1].time_ns + 1)
    found = scenario_text(replace(read.scenario, events=(*others, moved)), read)
    gone, came = changed_lines(text, found)
    assert found.count("# caches on") == 1
    assert gone[0] == came[0] == "# caches on"
    assert len(gone) == len(came) == 8


def test_a_text_that_ends_like_a_comment_is_none():
    text = GOOD.replace('title = "good"', "title = \"good\"\ndescription = '''\n# x'''")
    view = View("per-vm", None, None, None, None, None)
    gone, came = diff_of(text, lambda scenario: replace(scenario, tags=("one",), view=view))
    assert not gone
    assert came == ['tags = ["one"]', "[view]", 'policy = "per-vm"']


def test_a_removed_event_takes_the_comment_right_above_it_and_no_other():
    gone, came = diff_of(PERSONAL, lambda s: replace(s, events=s.events[1:]))
    assert not came
    assert gone[0] == "# vCPU 1 first"
    assert "# its reason" in gone
    assert "# -- what happens" not in gone
    assert len(gone) == 9


def test_a_new_event_stands_at_its_time_written_as_by_a_person():
    event = Event(1_500_000, EventKind.WRMSR, 1, 0x201, 0xF_8000_0800, "kernel", "0 to 2 GiB")
    text = SHIPPED["small-machine"].read_text()
    read = original(text)
    found = scenario_text(read.scenario.inserting(event), read)
    gone, came = changed_lines(text, found)
    assert not gone
    row = (
        '[[event]]\nt = 0.0015\nkind = "wrmsr"\nvcpu = 1\nregister = "IA32_MTRR_PHYSMASK0"\n'
        'value = 0xF_8000_0800\norigin = "kernel"\ntext = "0 to 2 GiB"\n'
    )
    assert len(came) == 8
    assert f"{row}\n[[event]]\nt = 0.1\n" in found


def test_new_tables_stand_where_a_person_looks_for_them():
    read = original(GOOD)
    view = View("per-vm", None, 0, 1, None, None)
    found = scenario_text(replace(read.scenario, view=view), read)
    added = '\n[view]\npolicy = "per-vm"\nat = 0.0\npage = 0x1000\n\n[machine]\n'
    assert found == GOOD.replace("\n[machine]\n", added)
    without = scenario_text(replace(read.scenario, view=ANY_VIEW), original(found))
    assert without == GOOD


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[machine]\nvcpus = 2\n", "[machine]\n# both\n vcpus=2\n"),
        ('title = "good"\n', 'title = "good"\nview.policy = "per-vm" # x\nview . "at" = 0.25\n'),
        ('title = "good"\n', 'title = "good"\nview = { policy = "per-vm", at = 0.25 }\n'),
        ("[[phase]]\nt = 0.0", "[[ phase ]] # [[x]]\nt = 0.0"),
    ],
)
def test_other_ways_of_writing_a_table_are_understood(old, new):
    text = GOOD.replace(old, new)
    assert text != GOOD

    def edit(scenario):
        machine = replace(scenario.machine, vcpus=3, cpu_mhz=1000)
        phases = (replace(scenario.phases[0], name="other"), *scenario.phases[1:])
        view = replace(scenario.view, vcpu=1, time_ns=500_000_000)
        return replace(scenario, machine=machine, phases=phases, view=view)

    gone, _ = diff_of(text, edit)
    assert len(gone) <= 4
    diff_of(text, lambda scenario: replace(scenario, view=ANY_VIEW))


def test_rows_written_inline_stay_so_when_one_changes():
    head, _, rest = GOOD.partition("[[machine.region]]")
    rest = rest[rest.index("[[phase]]") :]
    inline = 'region = [\n  { name = "RAM", kind = "ram", start = 0, size = "1 GiB" }, # all\n]\n'
    text = head + inline + "\n" + rest
    gone, came = diff_of(text, lambda s: replace(s, title="other"))
    assert (len(gone), len(came)) == (1, 1)

    def edit(scenario):
        region = replace(scenario.machine.regions[0], name="memory")
        return replace(scenario, machine=replace(scenario.machine, regions=(region,)))

    gone, came = diff_of(text, edit)
    assert came == [gone[0].replace("RAM", "memory")]


def test_texts_of_several_lines_are_written_as_such():
    words = 'one\n\n"two" \\ \x7f\t"""\r three\n'
    read = original(GOOD)
    edited = replace(read.scenario, description=words)
    found = scenario_text(edited, read)
    assert 'description = """\none\n' in found
    assert original(found).scenario.description == words


# Anything changed


def times(scenario):
    return st.integers(0, max(scenario.duration_ns, 1))


@st.composite
def events(draw, scenario):
    kind = draw(st.sampled_from(EventKind))
    return Event(
        draw(times(scenario)),
        kind,
        draw(st.integers(0, scenario.machine.vcpus - 1)),
        draw(st.sampled_from(KNOWN_MSRS)) if kind in MSR_KINDS else 0,
        draw(st.integers(0, (1 << 64) - 1)) if kind in REGISTER_KINDS else 0,
        draw(st.sampled_from(["", "user", "kernel"])),
        draw(st.text(max_size=5)),
    )


@st.composite
def edited_rows(draw, rows, fresh, change, place):
    """Return rows with some removed, changed and added, by time."""
    found = list(rows)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(found)))
        how = draw(st.sampled_from(["add", "remove", "change", "copy"]))
        if how == "add" or at == len(found):
            found.append(draw(fresh))
        elif how == "remove":
            found.pop(at)
        elif how == "copy":
            found.insert(at, found[at])
        else:
            found[at] = draw(change(found[at]))
    return tuple(sorted(found, key=place))


def by_time(bookmarks):
    return sorted(bookmarks, key=lambda bookmark: bookmark.time_ns)


@st.composite
def edits(draw, scenario):
    """Return a scenario that differs from ``scenario`` in a few things."""
    machine = scenario.machine

    def event_change(event):
        keys = ["time_ns", "text", "origin", *(["value"] if event.kind in REGISTER_KINDS else [])]
        new = draw(events(scenario))
        changed = {key: getattr(new, key) for key in draw(st.sets(st.sampled_from(keys)))}
        return st.just(replace(event, **changed))

    phases = st.builds(
        Phase, times(scenario), st.text(max_size=4), st.sampled_from(Aps), st.text(max_size=4)
    )
    pages = st.integers(1, 1024)
    vcpus = st.integers(0, machine.vcpus - 1)
    sweeps = st.builds(
        Sweep,
        times(scenario),
        vcpus,
        st.integers(0, 1024),
        pages,
        st.sampled_from(Access),
        times(scenario),
    )
    regions = list(machine.regions)
    if draw(st.booleans()):
        at = draw(st.integers(0, len(regions) - 1))
        region = regions[at]
        middle = region.start + (region.size_bytes // 8192 * 4096)
        if middle not in (region.start, region.end) and draw(st.booleans()):
            other = Region("new", draw(st.sampled_from(RegionKind)), middle, region.end)
            regions[at : at + 1] = [replace(region, end=middle), other]
        else:
            regions[at] = replace(region, name=draw(st.text(max_size=4)))
    machine = replace(
        machine,
        regions=tuple(regions),
        noncoherent_dma=draw(st.sampled_from([machine.noncoherent_dma, 0, 2])),
        cpu_mhz=draw(st.sampled_from([machine.cpu_mhz, 2000])),
    )
    found = replace(
        scenario,
        title=draw(st.sampled_from([scenario.title, "other"])),
        description=draw(st.sampled_from([scenario.description, "", "a\nb"])),
        tags=draw(st.sampled_from([scenario.tags, (), ("x", "y")])),
        machine=machine,
        view=draw(st.sampled_from([scenario.view, ANY_VIEW, View(gfn=16, vcpu=0)])),
        events=draw(
            edited_rows(scenario.events, events(scenario), event_change, lambda e: e.time_ns)
        ),
        phases=draw(edited_rows(scenario.phases, phases, lambda _: phases, lambda p: p.start_ns)),
        sweeps=draw(edited_rows(scenario.sweeps, sweeps, lambda _: sweeps, lambda s: s.time_ns)),
    )
    marks = st.builds(Bookmark, times(scenario), st.just("here"), st.text(max_size=3), st.just(7))
    limits = st.builds(StopCondition, st.just(StopKind.ZAPS_EXCEED), limit=st.integers(0, 9))
    found = replace(
        found,
        bookmarks=tuple(draw(st.lists(marks, max_size=2).map(by_time))),
        stops=tuple(draw(st.lists(limits, max_size=2))),
    )
    if found.phases != scenario.phases and found.recording:
        found = replace(found, recording=replace(found.recording, phases=None))
    if found.events != scenario.events and found.recording:
        found = replace(found, recording=found.recording.without_events())
    ends = [e.time_ns for e in found.events[-1:]]
    ends += [s.time_ns + s.lasts_ns for s in found.sweeps]
    return replace(found, duration_ns=max([scenario.duration_ns, *ends]))


def untouched(text, before, after):
    """Return the paragraphs of a shipped file whose rows are as they were."""
    arrays = {
        "[[machine.region]]": (before.machine.regions, after.machine.regions),
        "[[event]]": (before.events, after.events),
        "[[phase]]": (before.phases, after.phases),
        "[[touch]]": (before.sweeps, after.sweeps),
    }
    rows = {name: iter(items) for name, (items, _) in arrays.items()}
    kept = []
    for paragraph in (part.strip() for part in text.split("\n\n")):
        name = next((n for n in arrays if f"\n{n}\n" in f"\n{paragraph}\n"), None)
        if name is not None and next(rows[name]) in arrays[name][1]:
            kept.append(paragraph)
    return kept


def assert_in_order(parts, text):
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, part
        at = found + len(part)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(WRITTEN))
def test_any_edit_of_a_written_scenario(data, name):
    read = shipped(name)
    edited = data.draw(edits(read.scenario))
    text = scenario_text(edited, read)
    again = original(text)
    assert_same(again.scenario, edited)
    assert_in_order(untouched(read.data.decode(), read.scenario, edited), text)
    assert scenario_text(edited, again) == text
    back = scenario_text(read.scenario, again)
    assert_same(original(back).scenario, read.scenario)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(sorted(set(SHIPPED) - set(WRITTEN))))
def test_any_edit_of_a_recorded_scenario(data, name):
    read = shipped(name)
    edited = data.draw(edits(read.scenario))
    text = scenario_text(edited, read)
    again = original(text).scenario
    assert again.events == edited.events
    assert again.phases == edited.phases
    assert again.machine == edited.machine
    assert_in_order(untouched(read.data.decode(), read.scenario, edited), text)


@settings(max_examples=30)
@given(st.data())
def test_any_edit_of_a_file_with_a_hand_of_its_own(data):
    read = original(PERSONAL)
    edited = data.draw(edits(read.scenario))
    text = scenario_text(edited, read)
    assert_same(original(text).scenario, edited)
    for comment in ("# my machine", "# small", "# indented", "# -- memory", "# -- what happens"):
        assert comment in text


# Files


def test_saving_keeps_permissions_and_links(tmp_path):
    path, link = tmp_path / "made.toml", tmp_path / "link.toml"
    path.write_text(GOOD)
    path.chmod(0o640)
    link.symlink_to(path)
    scenario = load_scenario(link)
    saved = save_scenario(replace(scenario, title="other"), link)
    assert link.is_symlink()
    assert path.read_bytes() == saved.data
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.toml", "made.toml"]

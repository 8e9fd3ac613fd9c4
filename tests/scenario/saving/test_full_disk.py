"""Wherever a full disk ends a save, the old scenario is there with its data, and nothing half."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.files.saver import save_scenario, scenario_text
from mtrrviz.scenario.files.whole_file import write_whole
from mtrrviz.scenario.touches import Touches
from tests.full_disk import room_for
from tests.narrow import there
from tests.scenario.files import write_recorded

OLD, NEW = b"old content", b"new content, which is longer"


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("room_bytes", [0, 1, len(OLD), len(NEW) - 1])
@pytest.mark.parametrize("has_links", [False, True])
@pytest.mark.parametrize("is_new", [False, True])
def test_a_file_is_as_it_was_wherever_the_room_ends(tmp_path, room_bytes, has_links, is_new):
    path = tmp_path / "x"
    if not is_new:
        path.write_bytes(OLD)
    if has_links and not is_new:
        (tmp_path / "y").hardlink_to(path)
    before = contents(tmp_path)
    with room_for(room_bytes), pytest.raises(OSError, match="too large") as caught:
        write_whole(path, NEW)
    assert caught.value.filename == str(path)
    assert contents(tmp_path) == before


@pytest.fixture
def imported(tmp_path):
    """A scenario with touches and leaves that are in no file."""
    (tmp_path / "source").mkdir()
    scenario = load_scenario(write_recorded(tmp_path / "source"))
    return replace(scenario, recording=None)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "saved"
    made.mkdir()
    return made


def fewer(scenario):
    """Return the scenario without its last touch."""
    rows = scenario.recorded
    kept = Touches(rows.time_ns[:-1], rows.gfn[:-1], rows.vcpu[:-1], rows.access[:-1])
    return replace(scenario, title="Fewer", recorded=kept, recording=None)


def test_a_save_that_fails_anywhere_leaves_the_scenario_that_was_there(imported, folder):
    path = folder / "a.toml"
    first = save_scenario(imported, path)
    before = contents(folder)
    sizes = sorted(len(data) for data in before.values())
    rooms = sorted({0, 1, sizes[0] // 2, *(size - 60 for size in sizes), sizes[-1] // 2})
    for room_bytes in rooms:
        with room_for(room_bytes), pytest.raises(OSError, match="too large") as caught:
            save_scenario(fewer(imported), path, first)
        assert caught.value.filename.startswith(str(folder / "a."))
        now = contents(folder)
        assert {name: now[name] for name in before} == before
        assert all(name.endswith(".npz") for name in now.keys() - before.keys())
        assert load_scenario(path).title == imported.title
        assert len(load_scenario(path).recorded) == len(imported.recorded)
    saved = save_scenario(fewer(imported), path, first)
    assert contents(folder).keys() == {"a.toml", there(saved.scenario.recording).touches}
    assert load_scenario(path).title == "Fewer"


def test_a_copy_elsewhere_that_fails_leaves_no_half_of_its_data(tmp_path, folder):
    (tmp_path / "source").mkdir()
    scenario = load_scenario(write_recorded(tmp_path / "source"))
    with room_for(100), pytest.raises(OSError, match="too large") as caught:
        save_scenario(scenario, folder / "a.toml")
    assert caught.value.filename.startswith(str(folder))
    assert not list(folder.glob("*.toml"))
    whole = contents(tmp_path / "source")
    assert all(whole[name] == data for name, data in contents(folder).items())
    save_scenario(scenario, folder / "a.toml")
    again = load_scenario(folder / "a.toml")
    assert scenario_text(again) == scenario_text(scenario)

"""A scenario and its data are saved as one, and data of others are never replaced or removed."""

from __future__ import annotations

import fcntl
import os
import threading

import pytest
from msgspec.structs import replace

from mtrrviz.scenario.files.data_files import own_data
from mtrrviz.scenario.files.loader import load_original, load_scenario
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.touches import Touches
from tests.scenario.files import write_recorded


@pytest.fixture
def imported(tmp_path):
    """A scenario with touches that are in no file."""
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
    touches = scenario.recorded
    kept = Touches(touches.time_ns[:-1], touches.gfn[:-1], touches.vcpu[:-1], touches.access[:-1])
    return replace(scenario, recorded=kept, recording=None)


def test_names_that_differ_in_an_ending_share_no_data(imported, folder):
    save_scenario(imported, folder / "a.toml")
    save_scenario(fewer(imported), folder / "a.mtrrviz.toml")
    assert len(load_scenario(folder / "a.toml").recorded) == len(imported.recorded)
    assert len(load_scenario(folder / "a.mtrrviz.toml").recorded) == len(imported.recorded) - 1


def test_data_of_others_stay(imported, folder):
    (folder / "a.touches.npz").write_bytes(b"theirs")
    first = save_scenario(imported, folder / "a.toml")
    (data,) = folder.glob("a.*.touches.npz")
    data.write_bytes(b"theirs too")
    save_scenario(replace(imported, recording=None), folder / "a.toml", first)
    assert (folder / "a.touches.npz").read_bytes() == b"theirs"
    assert data.read_bytes() == b"theirs too"
    assert len(load_scenario(folder / "a.toml").recorded) == len(imported.recorded)


def test_old_data_go_after_the_text_is_there(imported, folder, monkeypatch):
    path = folder / "a.toml"
    first = save_scenario(imported, path)
    old = {file.name for file in folder.iterdir()}

    def killed(*_arguments, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mtrrviz.scenario.files.saver.write_whole", killed)
        with pytest.raises(KeyboardInterrupt):
            save_scenario(fewer(imported), path, first)
    assert old < {file.name for file in folder.iterdir()}
    assert len(load_scenario(path).recorded) == len(imported.recorded)
    save_scenario(fewer(imported), path, load_original(path))
    assert len(list(folder.iterdir())) == 2
    assert len(load_scenario(path).recorded) == len(imported.recorded) - 1


def test_data_that_another_text_names_stay(imported, folder):
    first = save_scenario(imported, folder / "a.toml")
    (folder / "copy.toml").write_bytes(first.data)
    save_scenario(fewer(imported), folder / "a.toml", first)
    assert len(load_scenario(folder / "copy.toml").recorded) == len(imported.recorded)


@pytest.mark.parametrize("written_s", [0, 1 << 33])
def test_what_a_dead_save_left_goes_unless_another_is_under_way(imported, folder, written_s):
    """Whatever the clock was when it was written."""
    name = own_data.write_own_data(folder / "a.toml", "touches.npz", b"left behind")
    os.utime(folder / name, (written_s, written_s))
    with own_data.saving_in(folder):
        save_scenario(imported, folder / "a.toml")
    assert (folder / name).exists()
    save_scenario(imported, folder / "a.toml")
    assert not (folder / name).exists()


def test_texts_beside_are_read_within_bounds_and_pipes_not_at_all(imported, folder, monkeypatch):
    first = save_scenario(imported, folder / "a.toml")
    os.mkfifo(folder / "pipe.toml")
    (folder / "long.md").write_bytes(b"x" * 10_000)
    monkeypatch.setattr(own_data, "_MOST_READ_BYTES", 10_000)
    second = save_scenario(fewer(imported), folder / "a.toml", first)
    assert len(list(folder.glob("a.*.touches.npz"))) == 2  # it may be named in what was not read
    monkeypatch.setattr(own_data, "_MOST_READ_BYTES", 1 << 20)
    save_scenario(fewer(imported), folder / "a.toml", second)
    assert len(list(folder.glob("a.*.touches.npz"))) == 1


def test_undone_after_its_data_are_gone_it_is_saved_with_them_again(imported, folder):
    path = folder / "a.toml"
    first = save_scenario(imported, path)
    second = save_scenario(fewer(first.scenario), path, first)
    save_scenario(first.scenario, path, second)
    assert len(load_scenario(path).recorded) == len(imported.recorded)


def test_data_lie_beside_the_file_that_a_link_leads_to(imported, folder, tmp_path):
    path, link = folder / "a.toml", tmp_path / "link.toml"
    link.symlink_to(path)
    saved = save_scenario(imported, link)
    lengths = {len(load_scenario(one).recorded) for one in (path, link)}
    assert lengths == {len(imported.recorded)}
    save_scenario(fewer(load_scenario(link)), link, saved)
    assert len(load_scenario(path).recorded) == len(imported.recorded) - 1
    assert {file.name for file in tmp_path.iterdir()} == {"source", "saved", "link.toml"}
    assert len(list(folder.iterdir())) == 2


def test_another_program_that_holds_the_folder_is_not_waited_for(imported, folder, monkeypatch):
    monkeypatch.setattr(own_data, "_TRIES", 3)
    path, handle = folder / "a.toml", os.open(folder, os.O_RDONLY)
    first = save_scenario(imported, path)
    fcntl.flock(handle, fcntl.LOCK_EX)
    save_scenario(fewer(imported), path, first)
    os.close(handle)
    assert len(load_scenario(path).recorded) == len(imported.recorded) - 1
    assert len(list(folder.iterdir())) == 2


def test_another_save_is_waited_for(imported, folder):
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with own_data.saving_in(folder) as lock:
        assert lock is None
    timer = threading.Timer(0.2, os.close, (handle,))
    timer.start()
    with own_data.saving_in(folder) as lock:
        assert lock is not None
    timer.join()
    save_scenario(imported, folder / "a.toml")

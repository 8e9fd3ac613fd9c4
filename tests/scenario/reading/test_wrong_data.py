"""Wrong data files beside a scenario: one message that names the data file and the place in it."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from typing import Any, ClassVar

import numpy as np
import pytest

from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.files.loader import load_scenario
from tests.scenario.files import EVENTS, PHASES, columns, write_recorded


def refused(path, name: str = "made.toml") -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert caught.value.file.endswith(name)
    assert str(caught.value).isprintable()
    return caught.value


def test_good_data_load(tmp_path):
    scenario = load_scenario(write_recorded(tmp_path))
    assert [event.time_ns for event in scenario.events] == [0, 2e8, 4e8, 6e8]
    assert scenario.touches.time_ns.tolist() == [0, 1e8, 2e9]
    assert [phase.start_ns for phase in scenario.phases] == [0, 3e8]
    assert scenario.phases[1].text == "all at once, as it were"
    assert scenario.duration_ns == 2e9


@pytest.mark.parametrize("name", ["boot.events.csv.gz", "boot.phases.csv", "boot.touches.npz"])
def test_a_missing_data_file_is_named(name, tmp_path):
    path = write_recorded(tmp_path)
    (tmp_path / name).unlink()
    error = refused(path)
    assert name in error.problem
    assert error.place == f"recording.{name.split('.')[1]} (line {error.place[-3:-1]})"


@pytest.mark.parametrize("name", ["boot.events.csv.gz", "boot.phases.csv", "boot.touches.npz"])
def test_a_directory_is_no_data_file(name, tmp_path):
    path = write_recorded(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    assert "missing" in refused(path).problem


@pytest.mark.parametrize(
    "name",
    [
        *("../x.npz", "/etc/passwd", "a/b", "..", ".", "", "a/", "a\\u0000b", "\\n"),
        *("builtin:../x", "builtin:", "builtin:/etc/passwd", "builtin:builtin:x/y"),
    ],
)
@pytest.mark.parametrize("key", ["events", "phases", "touches"])
def test_names_that_lead_elsewhere_are_refused(key, name, tmp_path):
    path = write_recorded(tmp_path)
    lines = path.read_text().splitlines()
    new = [f'{key} = "{name}"' if line.startswith(f"{key} =") else line for line in lines]
    path.write_text("\n".join(new))
    error = refused(path)
    assert error.place.startswith(f"recording.{key}")
    assert "plain name" in error.expected


@pytest.mark.parametrize("name", ["boot.events.csv.gz", "boot.phases.csv", "boot.touches.npz"])
def test_links_that_lead_out_of_the_folder_are_refused(name, tmp_path):
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    path = write_recorded(folder)
    for target in (elsewhere / name, folder / "below" / name):
        target.parent.mkdir(exist_ok=True)
        (folder / name).rename(target)
        (folder / name).symlink_to(target)
        error = refused(path)
        assert error.place.startswith(f"recording.{name.split('.')[1]}")
        assert "leads out of the folder" in error.problem
        (folder / name).unlink()
        target.rename(folder / name)
    (folder / name).rename(folder / f"x-{name}")
    (folder / name).symlink_to(f"x-{name}")
    load_scenario(path)


def test_a_folder_may_be_reached_by_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    write_recorded(tmp_path / "folder")
    (tmp_path / "link").symlink_to("folder")
    load_scenario(tmp_path / "link" / "made.toml")


def test_a_name_longer_than_the_system_permits_is_refused(tmp_path):
    path = write_recorded(tmp_path)
    path.write_text(path.read_text().replace("boot.phases.csv", "x" * 9000))
    assert refused(path).place.startswith("recording.phases")


@pytest.mark.parametrize("key", ["event", "phase"])
def test_tables_beside_a_data_file_of_them_are_refused(key, tmp_path):
    path = write_recorded(tmp_path)
    table = {"event": 'kind = "note"', "phase": 'name = "x"'}[key]
    path.write_text(path.read_text() + f"[[{key}]]\nt = 0.0\n{table}\n")
    assert refused(path).expected == "one of the two"


# Rows

EVENT_MISTAKES = {
    "columns": (EVENTS.replace("t_ns,", "time,"), "line 1", "t_ns,vcpu,kind"),
    "empty": ("", "line 1", "t_ns,vcpu,kind"),
    "too few": (EVENTS + "40,0,init\n", "line 6", "6: t_ns"),
    "too many": (EVENTS + "40,0,init,,,apic,x\n", "line 6", "6: t_ns"),
    "blank row": (EVENTS + "\n", "line 6", "6: t_ns"),
    "kind": (EVENTS + "40,0,rdmsr,1,1,x\n", "line 6", "one of wrmsr"),
    "time": (EVENTS + "soon,0,init,,,x\n", "line 6", "0 to 2^62"),
    "time negative": (EVENTS + "-1,0,init,,,x\n", "line 6", "0 to 2^62"),
    "time float": (EVENTS + "4e1,0,init,,,x\n", "line 6", "0 to 2^62"),
    "time too large": (EVENTS + f"{1 << 62},0,init,,,x\n", "line 6", "0 to 2^62"),
    "time endless": (EVENTS + "9" * 5000 + ",0,init,,,x\n", "line 6", "0 to 2^62"),
    "time goes back": (EVENTS + "29,0,init,,,x\n", "line 6", "do not go back"),
    "vcpu": (EVENTS + "40,256,init,,,x\n", "line 6", "0 to 2^8"),
    "no value": (EVENTS + "40,0,wrmsr,0x2ff,,x\n", "line 6", "0 to 2^64"),
    "no cr0 value": (EVENTS + "40,0,mov-cr0,,,x\n", "line 6", "0 to 2^64"),
    "value": (EVENTS + f"40,0,wrmsr,0x2ff,{1 << 64},x\n", "line 6", "0 to 2^64"),
    "no MTRR": (EVENTS + "40,0,wrmsr,0x10,0,x\n", "line 6", "0x268 to 0x26f"),
    "register": (EVENTS + "40,0,wrmsr,IA32_PAT,0,x\n", "line 6", "0 to 2^32"),
    "quote": (EVENTS + '40,0,init,,,"x\n', "line 6", "a CSV file"),
    "long cell": (EVENTS + "40,0,init,,," + "x" * 200_000 + "\n", "line 6", "a CSV file"),
    "nul": (EVENTS + "40,0,in\0it,,,x\n", "line 6", ""),
}


@pytest.mark.parametrize("name", EVENT_MISTAKES)
def test_a_wrong_event_row_is_named(name, tmp_path):
    text, place, expected = EVENT_MISTAKES[name]
    error = refused(write_recorded(tmp_path, events=text), "boot.events.csv.gz")
    assert error.place == place
    assert expected in error.expected


PHASE_MISTAKES = {
    "aps": (PHASES + "20,x,all,y\n", "line 4", "one of none"),
    "time goes back": (PHASES + "1,x,none,y\n", "line 4", "do not go back"),
    "time": (PHASES + "x,x,none,y\n", "line 4", "0 to 2^62"),
    "columns": (PHASES.replace("what", "text"), "line 1", "start_ns,phase,aps,what"),
}


@pytest.mark.parametrize("name", PHASE_MISTAKES)
def test_a_wrong_phase_row_is_named(name, tmp_path):
    text, place, expected = PHASE_MISTAKES[name]
    error = refused(write_recorded(tmp_path, phases=text), "boot.phases.csv")
    assert error.place == place
    assert expected in error.expected


def test_times_far_after_the_last_touch_are_refused(tmp_path):
    late = PHASES + f"{1 << 61},late,none,x\n"
    assert refused(write_recorded(tmp_path, phases=late)).place.startswith("recording.phases")
    late = EVENTS + f"{1 << 61},0,init,,,x\n"
    assert refused(write_recorded(tmp_path, events=late)).place.startswith("recording.events")


def test_an_event_of_a_vcpu_that_is_not_there(tmp_path):
    error = refused(write_recorded(tmp_path, events=EVENTS + "40,7,init,,,x\n"))
    assert error.place.startswith("recording.events")
    assert "vCPU 7" in error.problem


def test_too_many_rows_or_bytes_are_not_taken(tmp_path, monkeypatch):
    for module in ("csv_file", "recorded_events"):
        monkeypatch.setattr(f"mtrrviz.scenario.files.data_files.{module}.MAX_ROWS", 3)
    path = write_recorded(tmp_path)
    assert refused(path, "events.csv.gz").problem == "too many rows"
    monkeypatch.setattr("mtrrviz.scenario.files.data_files.csv_file.MAX_CSV_BYTES", 100)
    assert refused(path, "events.csv.gz").problem == "the data are too large"


def test_a_truncated_or_wrong_gzip_file(tmp_path):
    path = write_recorded(tmp_path)
    events = tmp_path / "boot.events.csv.gz"
    whole = events.read_bytes()
    for data in (whole[:-12], whole[:15], EVENTS.encode(), b"", whole[:20] + b"x" + whole[21:]):
        events.write_bytes(data)
        assert refused(path, "events.csv.gz").expected


def test_text_in_another_encoding(tmp_path):
    path = write_recorded(tmp_path)
    (tmp_path / "boot.phases.csv").write_bytes(PHASES.encode("utf-16"))
    assert "cannot be read" in refused(path, "phases.csv").problem


# Touches

TOUCH_MISTAKES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no column": ({"access": None}, "", "the arrays t_ns, gfn, vcpu, access"),
    "float times": ({"t_ns": np.array([0.0, 1.0, np.nan])}, "t_ns", "whole numbers"),
    "text": ({"gfn": np.array(["a", "b", "c"])}, "gfn", "whole numbers"),
    "bool": ({"vcpu": np.array([True, False, True])}, "vcpu", "whole numbers"),
    "two dimensions": ({"gfn": np.zeros((3, 1), np.uint32)}, "gfn", "one dimension"),
    "no dimension": ({"gfn": np.array(3)}, "gfn", "one dimension"),
    "structure": ({"gfn": np.zeros(3, [("a", "i4")])}, "gfn", "whole numbers"),
    "lengths": ({"gfn": np.array([1, 2], np.uint32)}, "", "equal length"),
    "time goes back": ({"t_ns": np.array([0, 6, 5])}, "t_ns", "sorted by time"),
    "time negative": ({"t_ns": np.array([-1, 6, 7])}, "t_ns", "0 to"),
    "time too large": ({"t_ns": np.array([0, 1, 1 << 63], np.uint64)}, "t_ns", "0 to"),
    "gfn negative": ({"gfn": np.array([-1, 6, 7])}, "gfn", "0 to"),
    "gfn too large": ({"gfn": np.array([0, 6, 1 << 40])}, "gfn", "0 to"),
    "vcpu too large": ({"vcpu": np.array([0, 0, 255], np.uint8)}, "vcpu", "0 to 254"),
    "access": ({"access": np.array([0, 1, 3], np.uint8)}, "access", "0 to 2"),
}


@pytest.mark.parametrize("name", TOUCH_MISTAKES)
def test_a_wrong_column_is_named(name, tmp_path):
    changed, place, expected = TOUCH_MISTAKES[name]
    error = refused(write_recorded(tmp_path, **changed), "boot.touches.npz")
    assert error.place == place
    assert expected in error.expected


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"vcpu": np.array([0, 2, 1])}, "vCPU 2"), ({"gfn": np.array([0, 1 << 39, 1])}, "gfn 0x8")],
)
def test_touches_that_the_machine_cannot_make(changed, words, tmp_path):
    error = refused(write_recorded(tmp_path, **changed))
    assert error.place.startswith("recording.touches")
    assert words in error.problem


def test_any_integer_columns_of_any_order_will_do(tmp_path):
    swapped: dict[str, Any] = {name: array.astype(">i8") for name, array in columns().items()}
    scenario = load_scenario(write_recorded(tmp_path, **swapped))
    assert scenario.touches.gfn.dtype == np.uint64
    assert scenario.touches.gfn.tolist() == [1, 2, 3]


def test_no_touches_at_all_are_fine(tmp_path):
    empty: dict[str, Any] = {name: array[:0] for name, array in columns().items()}
    scenario = load_scenario(write_recorded(tmp_path, **empty))
    assert len(scenario.touches) == 0
    assert scenario.events[-1].time_ns == 2e9


class Bomb:
    """Would leave a trace if it were unpickled."""

    made: ClassVar[list[str]] = []

    def __reduce__(self):
        return (Bomb.made.append, ("executed",))


def test_pickled_data_are_refused_and_never_executed(tmp_path):
    path = write_recorded(tmp_path, gfn=np.array([Bomb(), 1, 2], object))
    assert "whole numbers" in refused(path, "touches.npz").expected
    (tmp_path / "boot.touches.npz").write_bytes(pickle.dumps(Bomb()))
    refused(path, "touches.npz")
    assert Bomb.made == []


def archive(path, members: dict[str, bytes], **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data, **options)


def npy(array) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def members(**changed: bytes) -> dict[str, bytes]:
    good = {name: npy(array) for name, array in columns().items()}
    return {f"{name}.npy": data for name, data in {**good, **changed}.items()}


def test_a_column_that_claims_to_be_longer_than_it_is_takes_no_memory(tmp_path):
    path = write_recorded(tmp_path)
    claim = npy(np.zeros(3, np.uint8)).replace(b"(3,)", b"(999999999999,)")
    archive(tmp_path / "boot.touches.npz", members(vcpu=claim))
    error = refused(path, "touches.npz")
    assert error.place == "vcpu"
    assert "999999999999 numbers" in error.problem


@pytest.mark.parametrize(
    "data", [b"", b"\x93NUMPY", b"x" * 100, b"\x93NUMPY\x01\0\xff\xff{", b"\0"]
)
def test_a_column_that_is_no_array(data, tmp_path):
    path = write_recorded(tmp_path)
    archive(tmp_path / "boot.touches.npz", members(gfn=data))
    assert refused(path, "touches.npz").expected


def test_a_header_is_not_evaluated(tmp_path):
    path = write_recorded(tmp_path)
    evil = npy(np.zeros(3, np.uint8)).replace(b"(3,)", b"(" * 4)
    archive(tmp_path / "boot.touches.npz", members(gfn=evil))
    assert refused(path, "touches.npz").place == "gfn"


def test_a_bomb_is_recognised_before_it_is_unpacked(tmp_path, monkeypatch):
    path = write_recorded(tmp_path)
    monkeypatch.setattr("mtrrviz.scenario.files.data_files.column_file.MAX_FILE_BYTES", 10_000)
    archive(tmp_path / "boot.touches.npz", members(other=b"\0" * 20_000))
    assert refused(path, "touches.npz").problem == "the data are too large"


def test_a_truncated_damaged_or_other_archive(tmp_path):
    path = write_recorded(tmp_path)
    touches = tmp_path / "boot.touches.npz"
    whole = touches.read_bytes()
    half = len(whole) // 2
    for data in (whole[:-1], whole[:half], b"", whole[:60] + b"\xff\xff" + whole[62:]):
        touches.write_bytes(data)
        refused(path, "touches.npz")
    touches.write_bytes(gzip.compress(b"x"))
    refused(path, "touches.npz")
    np.save(tmp_path / "one.npy", np.zeros(3))
    touches.write_bytes((tmp_path / "one.npy").read_bytes())
    refused(path, "touches.npz")

"""Recording from a directory that does what tracefs does, and leaving nothing behind."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mtrrviz.cli import main
from mtrrviz.importers.recording import CannotRecordError, Recorder, by_hand, instance
from mtrrviz.importers.recording.trace_settings import EVENTS
from mtrrviz.scenario.files.loader import load_scenario
from tests.importers.traces import fake_tracefs
from tests.importers.traces.test_traces import line

TRACE = line("msr_write 200 = 0x6") + line("msr_write 2ff = 0xc06", t="100.500000")
REPOSITORY = Path(__file__).parents[3]
PROGRAM = """\
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup, which may have begun the tests, ignores it
from tests.importers.traces import fake_tracefs
fake_tracefs.install()
from mtrrviz.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def tracefs(monkeypatch):
    """Let this process see a directory as tracefs."""
    monkeypatch.setattr(os, "mkdir", os.mkdir)  # so that both are put back
    monkeypatch.setattr(os, "rmdir", os.rmdir)
    fake_tracefs.install()


def recorder(root, is_stopped=lambda: False, progress=lambda _s, _b: None):
    return Recorder(root, is_stopped, progress)


def removed(root):
    """Return what the removed instance was set to."""
    return json.loads((root / "removed.json").read_text())


def start(root, output, seconds="60"):
    """Start `mtrrviz record` in a process of its own and wait until it records."""
    command = [sys.executable, "-c", PROGRAM, "record", "--for", seconds, "-o", str(output),
               "--root", str(root)]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    switch = root / fake_tracefs.TRACING / f"instances/mtrrviz-{process.pid}/tracing_on"
    patience_s = time.monotonic() + 60
    while not (switch.exists() and switch.read_text() == "1\n" and is_set_up(switch.parent)):
        if process.poll() is not None or time.monotonic() > patience_s:
            process.kill()
            pytest.fail(str(process.communicate()))
        time.sleep(0.01)
    return process


def is_set_up(instance):
    """Return whether all events of an instance are switched on."""
    switches = [instance / "events" / event.name / "enable" for event in EVENTS]
    return all(switch.exists() and switch.read_text() == "1\n" for switch in switches)


# What is recorded


@pytest.mark.usefixtures("tracefs")
def test_a_recording_becomes_a_scenario_and_tracefs_is_as_before(tmp_path, capsys):
    tracing = fake_tracefs.make(tmp_path, TRACE)
    before = fake_tracefs.contents(tracing)
    output = tmp_path / "boot.toml"
    arguments = ["record", "--for", "0.2", "-o", str(output), "--root", str(tmp_path)]
    assert main(arguments) == 0
    written = [e.value for e in load_scenario(output).events if e.register == 0x2FF]
    assert written == [0xC06]
    assert fake_tracefs.contents(tracing) == before
    assert list((tracing / "instances").iterdir()) == []
    assert f"written to {output}" in capsys.readouterr().out


@pytest.mark.usefixtures("tracefs")
def test_the_instance_has_clock_filters_and_events_of_its_own(tmp_path):
    fake_tracefs.make(tmp_path, TRACE)
    output = io.BytesIO()
    recorded = recorder(tmp_path).record(0.1, output)
    assert output.getvalue().decode() == TRACE
    assert recorded.size_bytes == len(TRACE)
    settings = removed(tmp_path)
    assert settings["trace_clock"] == "mono\n"
    assert settings["tracing_on"] == "0\n"
    for event in EVENTS:
        assert settings[f"events/{event.name}/enable"] == "1\n"
        assert settings[f"events/{event.name}/filter"] == (event.filter or "none") + "\n"


@pytest.mark.usefixtures("tracefs")
def test_an_empty_trace_is_not_waited_for_and_no_child_inherits_it(tmp_path, monkeypatch):
    fake_tracefs.make(tmp_path, TRACE)
    opened, original = {}, os.open

    def spy(path, flags, *more, **named):
        opened[Path(path).name] = flags
        return original(path, flags, *more, **named)

    monkeypatch.setattr("mtrrviz.importers.recording.recorder.os.open", spy)
    recorder(tmp_path).record(0.1, io.BytesIO())
    assert opened["trace_pipe"] & (os.O_NONBLOCK | os.O_CLOEXEC) == os.O_NONBLOCK | os.O_CLOEXEC


@pytest.mark.usefixtures("tracefs")
def test_what_comes_while_it_records_is_taken_too(tmp_path):
    tracing = fake_tracefs.make(tmp_path, TRACE)
    output, late = io.BytesIO(), line("msr_write 277 = 0x7040600070406", t="101.000000")

    def append(_spent_s, size_bytes):
        if size_bytes == len(TRACE):
            (pipe,) = tracing.glob("instances/*/trace_pipe")
            with pipe.open("a") as stream:
                stream.write(late)

    recorder(tmp_path, progress=append).record(0.5, output)
    assert output.getvalue().decode() == TRACE + late


@pytest.mark.usefixtures("tracefs")
def test_lost_events_are_counted_and_told(tmp_path, capsys):
    fake_tracefs.make(tmp_path, "CPU:1 [LOST 41 EVENTS]\nCPU:0 [LOST 1 EVENTS]\n" + TRACE)
    output = tmp_path / "boot.toml"
    assert main(["record", "--for", "0.1", "-o", str(output), "--root", str(tmp_path)]) == 0
    assert "the kernel lost 42 events" in capsys.readouterr().out


@pytest.mark.usefixtures("tracefs")
def test_events_that_a_kernel_lacks_are_told_and_the_rest_recorded(tmp_path):
    old = [e.name for e in EVENTS if "tdp" not in e.name]
    fake_tracefs.make(tmp_path, TRACE, old)
    recorded = recorder(tmp_path).record(0.1, io.BytesIO())
    assert recorded.remarks == [
        "this kernel has no event kvmmmu/kvm_tdp_mmu_spte_changed: no EPT entries from it"
    ]
    assert recorded.size_bytes


@pytest.mark.usefixtures("tracefs")
def test_an_empty_recording_writes_nothing(tmp_path, capsys):
    fake_tracefs.make(tmp_path, events=[e.name for e in EVENTS[:-1]])
    output = tmp_path / "boot.toml"
    assert main(["record", "--for", "0.1", "-o", str(output), "--root", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "nothing was recorded" in said
    assert "no event kvmmmu/kvm_mmu_set_spte" in said
    assert not output.exists()


# Nothing is left behind


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it_and_the_instance_is_gone(tmp_path, number, code):
    tracing = fake_tracefs.make(tmp_path, TRACE)
    before, output = fake_tracefs.contents(tracing), tmp_path / "boot.toml"
    process = start(tmp_path, output)
    try:
        process.send_signal(number)
        said = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == code, said
    assert fake_tracefs.contents(tracing) == before
    assert list((tracing / "instances").iterdir()) == []
    assert removed(tmp_path)["tracing_on"] == "0\n"
    assert output.exists() == (number == signal.SIGINT)
    assert sorted(p.name for p in tmp_path.iterdir() if "boot" in p.name) == (
        ["boot.toml"] if number == signal.SIGINT else []
    )


def test_a_killed_recorders_instance_is_removed_by_the_next(tmp_path):
    tracing = fake_tracefs.make(tmp_path, TRACE)
    process = start(tmp_path, tmp_path / "first.toml")
    process.kill()
    process.communicate()
    assert [p.name for p in (tracing / "instances").iterdir()] == [f"mtrrviz-{process.pid}"]
    second = start(tmp_path, tmp_path / "second.toml")
    second.send_signal(signal.SIGINT)
    out, _ = second.communicate(timeout=120)
    assert f"mtrrviz-{process.pid}: left behind by a killed recorder; it was removed" in out
    assert list((tracing / "instances").iterdir()) == []


@pytest.mark.usefixtures("tracefs")
def test_instances_of_others_and_of_living_recorders_stay(tmp_path):
    tracing = fake_tracefs.make(tmp_path, TRACE)
    for name in ("trace-cmd", f"mtrrviz-{os.getppid()}"):
        (tracing / "instances" / name).mkdir()
    recorder(tmp_path).record(0.1, io.BytesIO())
    names = {p.name for p in (tracing / "instances").iterdir()}
    assert names == {"trace-cmd", f"mtrrviz-{os.getppid()}"}


@pytest.mark.usefixtures("tracefs")
def test_a_full_disk_leaves_no_instance(tmp_path):
    class Full(io.BytesIO):
        def write(self, _data):
            raise OSError(errno.ENOSPC, "No space left on device")

    tracing = fake_tracefs.make(tmp_path, TRACE)
    with pytest.raises(OSError, match="No space left"):
        recorder(tmp_path).record(5, Full())
    assert list((tracing / "instances").iterdir()) == []


@pytest.mark.usefixtures("tracefs")
def test_a_setting_that_is_refused_leaves_no_instance(tmp_path, monkeypatch):
    tracing = fake_tracefs.make(tmp_path, TRACE)
    real = os.write

    def refusing(descriptor, data):
        if data == b"mono\n":
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", refusing)
    with pytest.raises(CannotRecordError, match="Invalid argument"):
        recorder(tmp_path).record(5, io.BytesIO())
    assert list((tracing / "instances").iterdir()) == []


# Where nothing can be recorded


def test_without_tracefs_the_commands_are_printed(tmp_path, capsys):
    output = tmp_path / "my boot.toml"
    assert main(["record", "--for", "30", "-o", str(output), "--root", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "tracefs is not mounted" in said.splitlines()[-1]
    assert f"sudo mtrrviz record --for 30 -o '{output}'" in said
    assert not output.exists()


@pytest.mark.usefixtures("tracefs")
def test_without_rights_the_commands_are_printed(tmp_path, capsys, monkeypatch):
    fake_tracefs.make(tmp_path, TRACE)
    monkeypatch.setattr(os, "access", lambda path, _mode: "instances" not in str(path))
    output = tmp_path / "boot.toml"
    assert main(["record", "--for", "30", "-o", str(output), "--root", str(tmp_path)]) == 2
    assert "tracing takes root" in capsys.readouterr().err.splitlines()[-1]


def test_without_kvm_it_says_which_module_to_load(tmp_path):
    fake_tracefs.make(tmp_path, TRACE, events=())
    with pytest.raises(CannotRecordError, match="modprobe kvm_intel"):
        recorder(tmp_path)


def test_commands_by_hand_set_what_the_recorder_sets():
    text = "\n".join(by_hand(60, "boot.toml"))
    for event in EVENTS:
        assert f"/events/{event.name}/enable" in text
        assert not event.filter or f"echo '{event.filter}' | sudo tee" in text


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "1e3", "99999"])
def test_a_length_that_cannot_be_is_refused(tmp_path, capsys, seconds):
    assert main(["record", f"--for={seconds}", "-o", str(tmp_path / "b.toml")]) == 2
    assert "is not a number of seconds" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["boot.txt", "nowhere/boot.toml"])
def test_an_output_that_cannot_be_written_is_refused_before_recording(tmp_path, capsys, name):
    assert main(["record", "--for", "60", "-o", str(tmp_path / name)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_an_instance_that_stays_in_use_is_told_with_the_command(tmp_path, tracefs, monkeypatch):
    monkeypatch.setattr(instance, "_PATIENCE_S", 0.01)
    monkeypatch.setattr(instance, "_RETRY_S", 0.001)
    tracing, reader = fake_tracefs.make(tmp_path, TRACE), None
    with pytest.raises(CannotRecordError) as caught, instance.own_instance(tracing) as own:
        reader = (own / "trace_pipe").open()
    assert f"sudo rmdir {own}" in str(caught.value)
    assert (own / "tracing_on").read_text() == "0\n"
    assert reader is not None
    reader.close()
    instance.remove(own)
    instance.remove(own)  # what is gone already is no error
    assert not own.exists()


def test_an_instance_that_comes_free_meanwhile_goes(tmp_path, tracefs, monkeypatch):
    tracing = fake_tracefs.make(tmp_path, TRACE)
    with instance.own_instance(tracing) as own:
        reader = (own / "trace_pipe").open()
        monkeypatch.setattr(instance.time, "sleep", lambda _seconds: reader.close())
    assert not own.exists()

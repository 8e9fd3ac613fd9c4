"""`mtrrviz import`, and dumps wherever the command line takes a FILE."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from threading import Timer

import pytest

from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.library import find
from mtrrviz.sim import simulate
from tests.importers.helpers import SAMPLES
from tests.importers.machine.machine_tree import intel_host
from tests.importers.traces.test_observed import SETUP, WB, WP, entry, leaf
from tests.importers.traces.test_traces import line

DUMP = "0x2ff c06\n0x200 80000000\n0x201 ff80000800\n"
FAULTS = line("msr_write 2ff = 0xc06", t="100.000000") + "".join(
    line(f"vcpu 0 rip 0x0 address {n << 12:#018x} error_code 0x181", event="kvm_page_fault",
         t=f"100.{n:06d}")
    for n in range(1, 20)
)  # fmt: skip


@pytest.fixture
def dump(tmp_path):
    """Return a function that writes a file to import."""

    def write(text, name="dump.txt"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def stdin(monkeypatch):
    """Return a function that gives bytes on standard input."""

    def give(data):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def test_format_reason_assumptions_and_machine_are_told(mtrrviz):
    outcome = mtrrviz("import", SAMPLES / "ftrace-6.18-seabios-boot-2vcpu.txt")
    assert (outcome.code, outcome.err) == (0, "")
    assert "[ftrace]" in outcome.out
    assert '77 lines such as line 1: "# tracer: nop"' in outcome.out
    assert "88 lines, 0 unknown" in outcome.out
    assert "assumed: the number of vCPUs is not given: 2 vCPUs (option: vcpus)" in outcome.out
    assert outcome.out.splitlines()[-1].startswith("machine: guest, 2 vCPUs, 2 GiB, MAXPHYADDR 40")


def test_unknown_lines_are_shown_with_numbers_and_counted_in_full(mtrrviz, dump):
    path = dump(DUMP + "no such line\n" * 70)
    lines = mtrrviz("import", path).out.splitlines()
    assert "  73 lines, 70 unknown" in lines
    assert "  line 4: no such line" in lines
    assert "  line 53: no such line" in lines
    assert "  and 20 more unknown lines" in lines


def test_several_files_make_one_machine(mtrrviz, dump):
    iomem = "00000000-0009ffff : System RAM\n00100000-3fffffff : System RAM\n"
    files = dump(DUMP), dump(iomem, "iomem.txt")
    found = json.loads(mtrrviz("import", *files, "--vcpus", 3, "--json").out)
    assert [source["formats"] for source in found["sources"]] == [["rdmsr"], ["iomem"]]
    assert (found["vcpus"], found["memory_bytes"] >> 20) == (3, 1024)


def test_options_answer_what_files_do_not_say(mtrrviz, dump):
    path = dump("reg00: base=0x0 ( 0MB), size= 64MB, count=1: write-back\n")
    told = [
        "--vcpus=2",
        "--memory=4GiB",
        "--maxphyaddr=40",
        "--default-type=WC",
        "--noncoherent-dma=0",
        "--machine=guest",
    ]
    found = json.loads(mtrrviz("import", path, *told, "--json").out)
    assert (found["vcpus"], found["memory_bytes"], found["maxphyaddr"]) == (2, 4 << 30, 40)
    options = {note["option"] for note in found["notes"]}
    assert options.isdisjoint({"vcpus", "memory", "maxphyaddr", "default-type", "noncoherent-dma"})


def test_json_has_the_documented_keys_in_order(mtrrviz, dump):
    found = json.loads(mtrrviz("import", dump(DUMP + "what?\n"), "--json").out)
    text = mtrrviz("import", "--help").out
    places = [text.index(f"\n  {key} ") for key in found]
    assert places == sorted(places)
    (source,) = found["sources"]
    assert (source["unknown_lines"], source["unknown"]) == (1, [{"line": 4, "text": "what?"}])
    assert (found["output"], found["check"]) == (None, None)


def test_the_scenario_is_written_with_its_touches(mtrrviz, dump, tmp_path):
    target = tmp_path / "out.toml"
    outcome = mtrrviz("import", dump(FAULTS), "-o", target)
    assert f"written to {target}" in outcome.out
    assert list(tmp_path.glob("out.*.touches.npz"))
    assert len(load_scenario(target).touches) == 19
    assert mtrrviz("run", target).code == 0


def test_a_chosen_format_is_used(mtrrviz, dump):
    found = json.loads(mtrrviz("import", dump(DUMP), "--format", "rdmsr", "--json").out)
    assert found["sources"][0]["reason"] == "chosen by the user"


def test_check_lists_leaves_that_are_not_the_models(mtrrviz, dump):
    bad = dump(SETUP + entry(0x100, leaf(WP)) + entry(0x200, leaf(WB)))
    outcome = mtrrviz("import", bad, "--check", "per-vcpu")
    assert outcome.code == 1
    assert "model (per-vcpu): 2 leaves compared, 1 differ" in outcome.out
    assert f"{bad}: line 4: 9.000 us, 0x10_0000, vCPU 0, level 1: real WP IPAT=0" in outcome.out
    assert "model WB IPAT=0; not explained" in outcome.out
    check = json.loads(mtrrviz("import", bad, "--check", "per-vcpu", "--json").out)["check"]
    assert (check["compared"], check["differing"]) == (2, 1)
    assert check["mismatches"][0]["gpa"] == 0x10_0000
    assert check["mismatches"][0]["cause"] == "not explained"
    good = dump(SETUP + entry(0x200, leaf(WB)), "good.txt")
    assert mtrrviz("import", good, "--check", "per-vcpu").code == 0


def test_what_was_observed_is_checked_again_from_the_saved_scenario(mtrrviz, dump, tmp_path):
    bad = dump(SETUP + entry(0x100, leaf(WP)) + entry(0x200, leaf(WB)))
    target = tmp_path / "out.toml"
    assert mtrrviz("import", bad, "-o", target).code == 0
    assert list(tmp_path.glob("out.*.observed.npz"))
    check = trace_check(simulate(load_scenario(target), "per-vcpu"))
    assert (check.compared, check.mismatch_count) == (2, 1)


def test_standard_input_is_imported(mtrrviz, stdin):
    stdin(DUMP.encode())
    outcome = mtrrviz("import", "-")
    assert outcome.out.startswith("standard input: ")
    stdin(DUMP.encode())
    assert mtrrviz("explain", "-", "0x20_0000").out.startswith("address 0x20_0000")


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("compare",),
        ("check",),
        ("solve",),
        ("export", "--what", "events"),
    ],
)
def test_every_command_takes_a_dump(mtrrviz, command):
    outcome = mtrrviz(*command, SAMPLES / "ftrace-6.18-seabios-boot-2vcpu.txt")
    assert outcome.code in (0, 1)
    assert outcome.out
    assert "mtrrviz: one device with non-coherent DMA" in outcome.err


def test_explain_and_render_take_a_dump(mtrrviz, dump, tmp_path):
    assert mtrrviz("explain", dump(DUMP), "0x20_0000").out.startswith("address 0x20_0000")
    picture = tmp_path / "map.svg"
    assert mtrrviz("render", dump(DUMP), "--view", "map", "-o", picture).code == 0
    assert picture.stat().st_size > 1000


def test_a_scenario_without_the_ending_is_known_by_its_content(mtrrviz, dump):
    path = dump(find("small-machine").read_text(), "boot.scenario")
    outcome = mtrrviz("run", path)
    assert (outcome.code, outcome.err) == (0, "")


def test_what_no_importer_knows_is_one_message(refused, dump, tmp_path):
    assert "line 1: nothing in it is known" in refused("run", dump("hello\nworld\n"))
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n")
    assert "this is a picture" in refused("import", tmp_path / "x.png")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nowhere.txt",), "nowhere.txt: No such file or directory"),
        (("FILE", "--format", "hieroglyphs"), "no import format 'hieroglyphs'"),
        (("FILE", "--check", "kvm-0"), "kvm-0"),
        (("FILE", "-o", "out.txt"), "scenarios are TOML files"),
        (("FILE", "--vcpus", "0"), "'0' is not a number from 1 to 255"),
        (("FILE", "--memory", "lots"), "'lots' is not a size"),
        (("FILE", "--maxphyaddr", "64"), "'64' is not a number from 32 to 52"),
        (("-", "-"), "standard input can be imported once"),
        (("FILE", "mine.toml"), "mine.toml: this is a scenario file"),
        (("--follow", "FILE", "-o", "x.toml"), "--follow takes one file"),
        (("--follow", "nowhere.txt"), "nowhere.txt: No such file or directory"),
    ],
)
def test_refusals(refused, dump, arguments, reason):
    path = dump(DUMP)
    words = [str(path) if word == "FILE" else word for word in arguments]
    assert reason in refused("import", *words)


def test_an_input_is_never_overwritten(refused, tmp_path):
    path = tmp_path / "trace.toml"
    path.write_text(DUMP)
    assert "one of the files to import" in refused("import", path, "-o", path)
    assert path.read_text() == DUMP


#: Runs the command line so that Ctrl+C ends it also where tests run with interrupts ignored.
HEARING = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("mtrrviz", run_name="__main__")
"""


def test_following_prints_what_is_appended_until_interrupted(tmp_path):
    path = tmp_path / "trace"
    path.write_text(line("msr_write 2ff = 0xc06"))
    command = [sys.executable, "-c", HEARING, "import", "--follow", path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    killer = Timer(300, process.kill)  # a line that never comes must not be waited for
    killer.start()
    assert process.stdout is not None
    try:
        writes = (one for one in process.stdout if " = 0x" in one)
        assert "IA32_MTRR_DEF_TYPE = 0xc06" in next(writes)
        with path.open("a") as stream:
            stream.write(line("msr_write 277 = 0x7040600070406", t="100.500000"))
        assert "vCPU 0  IA32_PAT = 0x" in next(writes)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    finally:
        killer.cancel()
        process.kill()
        process.communicate()


def test_this_machine_is_read_and_written(mtrrviz, tmp_path):
    intel_host(tmp_path)
    output = tmp_path / "host.toml"
    outcome = mtrrviz("import", "--this-machine", "--root", tmp_path, "-o", output)
    assert (outcome.code, outcome.err) == (0, "")
    assert "/dev/cpu/*/msr: the CPUs' registers [msr-device]" in outcome.out
    values = {e.register: e.value for e in load_scenario(output).events}
    assert (values[0x200], values[0x2FF]) == (0x8000_0000, 0xC06)


def test_this_machine_without_rights_ends_with_the_commands(refused, tmp_path):
    assert "`sudo modprobe msr`" in refused("import", "--this-machine", "--root", tmp_path)


def test_this_machine_takes_no_files(refused, dump):
    assert "takes neither FILE" in refused("import", "--this-machine", dump(DUMP))
    assert "goes with --this-machine" in refused("import", dump(DUMP), "--root", "/")
    assert "nothing to import" in refused("import")


def test_sources_of_this_machine_are_in_the_json(mtrrviz, tmp_path):
    outcome = mtrrviz("import", "--this-machine", "--root", intel_host(tmp_path).root, "--json")
    formats = {one["name"]: one["formats"] for one in json.loads(outcome.out)["sources"]}
    assert formats["/dev/cpu/*/msr"] == ["msr-device"]
    assert formats["/proc/mtrr"] == ["proc-mtrr"]

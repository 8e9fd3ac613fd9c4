"""The promised functions: units, refusals, tables and pictures."""

# Wrong types are the point of some cases.
# pyright: reportArgumentType=false

from __future__ import annotations

import subprocess
import sys
import types
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from msgspec.structs import replace

import mtrrviz as mv
from mtrrviz.analysis.able_to_start import why_no_processes
from mtrrviz.analysis.solve import Advice
from mtrrviz.core.kvm_rules.zap_rules import WrittenRange

DUMP = "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"


@pytest.fixture(scope="module")
def made():
    machine = mv.build_machine(2, "64 MiB", layout="teaching")
    events = [mv.write("10 ms", "IA32_MTRR_DEF_TYPE", 0xC06), mv.write(0.5, 0x2FF, 0)]
    touches = [mv.touch(0, "1 MiB", "2 MiB"), mv.touch("20 ms", gfn=256, pages=16, lasts="1 ms")]
    return mv.build_scenario(machine, events, touches, phases=[mv.phase(0, "boot")])


@pytest.fixture(scope="module")
def run(made):
    return mv.simulate(made, "per-vcpu")


def test_seconds_and_bytes_are_nanoseconds_and_frames(made):
    assert [event.time_ns for event in made.events] == [10_000_000, 500_000_000]
    assert [(s.first_gfn, s.pages, s.time_ns) for s in made.sweeps] == [
        (256, 512, 0), (256, 16, 20_000_000),
    ]  # fmt: skip
    assert made.sweeps[1].lasts_ns == 1_000_000
    assert made.duration_ns == 500_000_000
    assert mv.event("init", time_ns=7).time_ns == 7
    assert mv.ns(np.float32(0.5)) == mv.ns("500 ms") == 500_000_000
    assert mv.gfn("2 GiB") == 0x8_0000


@pytest.mark.parametrize(
    ("make", "place", "expected"),
    [
        (lambda: mv.ns("soon"), "time", "'850 ms'"),
        (lambda: mv.ns("+1 ms"), "time", "'850 ms'"),
        (lambda: mv.ns(-1), "time", "0 or more"),
        (lambda: mv.ns(float("nan")), "time", "0 or more"),
        (lambda: mv.ns(None), "time", "seconds"),
        (lambda: mv.gfn(-1), "address", "an address"),
        (lambda: mv.gfn("here"), "address", "an address"),
        (lambda: mv.event("init"), "event.t", "either t (seconds) or time_ns"),
        (lambda: mv.event("init", 1, time_ns=5), "event.t", "either t"),
        (lambda: mv.event("inti", 1), "event.kind", "one of wrmsr"),
        (lambda: mv.event("wrmsr", 1, value=6), "event.register", "a wrmsr writes"),
        (lambda: mv.write(1, "IA32_MTRR_DEFTYPE", 6), "event.register", "IA32_MTRR_DEF_TYPE"),
        (lambda: mv.touch(0), "touch.start", "either start"),
        (lambda: mv.touch(0, 1), "touch.start", "multiple of 4 KiB"),
        (lambda: mv.touch(0, 0, "1 B"), "touch.size", "multiple of 4 KiB"),
        (lambda: mv.touch(0, 0, access="eat"), "touch.access", "one of read, write, execute"),
        (lambda: mv.phase(0, "a", aps="b"), "phase.aps", "one of none"),
        (lambda: mv.region("a", "ram", 0), "region", "either size or end"),
        (lambda: mv.build_machine(0), "machine.vcpus", "1 to 255"),
        (lambda: mv.build_machine(layout="pc"), "machine.layout", "one of q35"),
        (lambda: mv.build_machine(host_page="2M"), "machine.host_page", "one of 4 KiB"),
        (lambda: mv.build_machine(memory="1 KiB"), "machine.memory", "to"),
        (lambda: mv.build_machine(cpus=8), "machine.cpus", "one of the fields vcpus"),
        (lambda: mv.mend(mv.boot(vcpus=1), default="RAM"), "default", "one of UC"),
        (lambda: mv.mend(mv.boot(vcpus=1), pairs=9), "pairs", "0 to 8"),
        (lambda: mv.load(5), "source", "a name, a path or a text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_what_was_expected(make, place, expected):
    with pytest.raises(mv.ScenarioError) as caught:
        make()
    assert caught.value.place == place
    assert expected in caught.value.expected


def test_a_machine_of_regions_is_as_large_as_they_are():
    high = mv.region("high", "ram", "64 GiB", size="1 GiB")
    machine = mv.build_machine(1, regions=[high, mv.region("low", "ram", 0, end="1 MiB")])
    assert [region.name for region in machine.regions] == ["low", "high"]
    assert machine.memory_bytes == (1 << 30) + (1 << 20)
    assert machine.maxphyaddr == 37
    with pytest.raises(mv.ScenarioError, match=r"machine\.regions.*overlap"):
        mv.build_machine(1, regions=[high, replace(high, name="again")])


def test_anything_can_be_opened(tmp_path, made):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        host = mv.load(DUMP, machine="host", vcpus=4)
    assert {one.category for one in told} == {mv.DumpWarning}
    assert any("the number of variable pairs" in str(one.message) for one in told)
    assert {one.filename for one in told} == {__file__}
    assert (host.machine.is_host, host.machine.vcpus) == (True, 4)
    path = tmp_path / "made.toml"
    mv.save(made, path)
    for source in (path, str(path), path.read_text(), path.read_bytes()):
        assert mv.load(source).events == made.events
    assert mv.load("sandbox").name == "sandbox"
    with pytest.raises(mv.MtrrvizError, match="expected a file or one of"):
        mv.load("sandbx")


def test_a_moment_is_asked_in_seconds(run):
    assert mv.state(run, "9 ms").machine.mtrr(0).read(0x2FF) == 0
    assert mv.state(run, 0.01).machine.mtrr(0).read(0x2FF) == 0xC06
    assert mv.state(run).time_ns == run.scenario.duration_ns
    now = mv.state(run, 0.1)
    assert mv.state(now) is now
    assert mv.explain(run, "1 MiB", t=0.1).gfn == 256
    assert "page 0x10_0000 (gfn 0x100)" in mv.explain_text(now, 0x10_0000)


def test_problems_are_shown_as_text_and_as_a_table(run):
    found = mv.check(run, t=0.1)
    assert repr(found).startswith(f"<{len(found)} problem")
    assert len(found)
    assert found[0].rule in str(found)
    assert found[0].rule in found._repr_html_()


def test_registers_for_a_map(made):
    advice = mv.mend(made, "0 32MiB WB\n32MiB 32MiB WC\n", pairs=4)
    assert isinstance(advice, Advice)
    assert advice.solution.is_exact
    assert "0x2ff" in mv.solution_text(advice.solution, "wrmsr")
    assert mv.mend(made, rest="any").is_given


def test_two_policies_beside_each_other(made, run):
    both = mv.compare(made, "per-vcpu", "kvm-6.16")
    assert both.policies == ("per-vcpu", "kvm-6.16")
    assert mv.compare(run, mv.simulate(made, "per-vm")).policies == ("per-vcpu", "per-vm")
    for wrong in ((run, "per-vm"), (made, run)):
        with pytest.raises(mv.ScenarioError, match="first"):
            mv.compare(*wrong)


def test_tables_are_short_to_see_and_rich_in_a_notebook(run, made):
    assert "<td>32</td>" not in run.leaves._repr_html_()
    assert "of 2 rows" in run.zaps._repr_html_()
    assert "<th>zaps</th><td>2</td>" in run._repr_html_()
    assert "&lt;b&gt;" in replace(made, title="<b>")._repr_html_()
    assert {"memory_type", "ipat", "pages"} <= run.leaves.arrays().keys()


def test_tables_for_other_libraries_where_they_are(run, monkeypatch):
    for name, make in (("pandas", "to_dataframe"), ("pyarrow", "to_arrow")):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ImportError, match=f"pip install {name}") as caught:
            getattr(run.zaps, make)()
        assert caught.value.name == name
    pandas = types.SimpleNamespace(DataFrame=lambda columns: ("frame", columns))
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    kind, columns = run.leaves.to_dataframe()
    assert kind == "frame"
    assert columns["memory_type"].tolist() == run.leaves.memory_type.tolist()


def test_the_map_in_ranges_is_the_state(run):
    table = mv.map_table(run, 0.1)
    rows = np.flatnonzero(table.has_leaf)
    live = mv.state(run, 0.1).live_rows
    assert int((table.end_gfn - table.first_gfn)[rows].sum()) == int(run.leaves.pages[live].sum())
    assert set(table.memory_type[rows].tolist()) == {mv.MemoryType.WB}
    assert (table.first_gfn[1:] == table.end_gfn[:-1]).all()
    assert mv.map_frame(run, 0.1, size=(100, 80)).image.shape == (80, 100)


def test_the_timeline_counts_and_sums(run):
    table = mv.timeline_table(run)
    assert table.zaps.tolist() == [1, 2]
    assert table.time_s.tolist() == [0.01, 0.5]
    assert table.mcycles[-1] == pytest.approx(mv.figures(run).zap_mcycles)


def test_pictures_stand_by_themselves(run, tmp_path):
    for picture in (mv.map_picture_of(run, 0.1), mv.timeline_picture_of(run)):
        root = ET.fromstring(picture)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in picture
        assert "body" not in picture
        assert repr(picture).startswith("<Picture")
        picture.save(tmp_path / "x.svg")
        assert (tmp_path / "x.svg").read_text() == picture == picture._repr_svg_()


def test_a_sweep_takes_a_policy_that_no_other_process_knows():
    class Own(mv.Policy):
        id = "own"
        owner = 0
        write_rule = WrittenRange(only_vcpu=0)

    table = mv.sweep([2, 3], policies=[Own(), "per-vm"], processes=4)
    assert table.policy.tolist() == ["own", "own", "per-vm", "per-vm"]
    assert table.zap_count[0] == table.zap_count[2]
    assert not table.zap_count.flags.writeable


SCRIPT = "import mtrrviz\nprint(mtrrviz.sweep([2, 3], processes=2).zap_count.tolist())\n"
GUARDED = "import mtrrviz\nif __name__ == '__main__':\n    pass\n"


def test_a_script_without_a_guard_sweeps_in_one_process_and_says_why(tmp_path, root):
    path = tmp_path / "plain.py"
    path.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(path)],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(root)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "[24, 34, 14, 14]\n"), done.stderr
    assert 'plain.py has no `if __name__ == "__main__":`' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "word"), [(SCRIPT, "plain.py"), (GUARDED, ""), ("not python (", ""), (None, "")]
)
def test_which_programs_cannot_start_processes(tmp_path, monkeypatch, text, word):
    path = tmp_path / "plain.py"
    if text is not None:
        path.write_text(text)
    monkeypatch.setitem(sys.modules, "__main__", types.SimpleNamespace(__file__=str(path)))
    assert word in why_no_processes()
    assert bool(why_no_processes()) is bool(word)

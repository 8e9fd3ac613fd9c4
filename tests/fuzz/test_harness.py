"""The harness without atheris: its command line, its changes to inputs, its oracle."""

from __future__ import annotations

import re
import signal
import time
from subprocess import CompletedProcess

import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers import import_texts
from mtrrviz.scenario.scenario_error import ScenarioError
from tests.fuzz import __main__ as fuzz_main
from tests.fuzz import oracle, targets
from tests.fuzz.__main__ import counts, main, run_slice
from tests.fuzz.blind import Blind
from tests.fuzz.mutator import grown, mutate
from tests.fuzz.names import ODD_NAMES, PLAIN, name_for
from tests.fuzz.oracle import check_import, check_message, check_order
from tests.fuzz.places import CORPUS
from tests.fuzz.share import PLAYED, Share, import_outcome
from tests.fuzz.targets import EVERY_TARGET, Target
from tests.fuzz.watch import MOST_BYTES, Watch

DUMP = b"0x2ff c06\n0x200 80000000\n0x201 ff80000800\nwhat is this\n"


def test_targets_are_listed(capsys):
    assert main(["--list"]) == 0
    assert capsys.readouterr().out.split() == list(EVERY_TARGET)


def test_unknown_targets_are_refused(capsys):
    assert main(["nonesuch"]) == 2
    assert "no target nonesuch" in capsys.readouterr().err


def test_findings_are_kept_once_and_inputs_counted(tmp_path):
    def fails(data):
        assert len(data) < 1000, "long"

    blind = Blind(Target("made", fails), tmp_path, [b"x" * 400 + b"\n"], [b"y" * 300])
    blind.fuzz(600, 1, most_runs=400)
    assert (blind.runs, len(blind.found)) == (400, 1)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_size >= 1000


def test_what_takes_too_much_is_a_finding():
    with Watch().over(0):
        pass
    with pytest.raises(AssertionError, match="MiB"), Watch().over(0):
        bytearray(2 * MOST_BYTES)
    with Watch().over(0):
        pass  # which is not what the one before it took
    with pytest.raises(AssertionError, match=" s"), Watch(0.0).over(0):
        sum(range(10_000))


def test_pages_that_a_line_names_by_the_million_cost_what_a_line_may():
    content = (CORPUS / "scenario" / "pages-by-the-million.toml").read_bytes()
    with Watch().over(len(content)):
        EVERY_TARGET["scenario"].run(content)


def test_inputs_grow_up_to_the_bound():
    sizes = [len(grown(DUMP, seed, 1 << 18)) for seed in range(60)]
    assert max(sizes) > 1 << 16
    assert max(sizes) <= 1 << 18


def test_names_are_the_same_for_the_same_bytes():
    names = [name_for(b"%d" % number) for number in range(300)]
    assert set(names) == {PLAIN, *ODD_NAMES}
    assert names == [name_for(b"%d" % number) for number in range(300)]


def test_slices_are_added_up(tmp_path, capsys):
    (tmp_path / "log.tsv").write_text("1\ta\t2.0\t10\tok\n1\tb\t2.0\t?\tx\n1\ta\t2.0\t5\tok\n")
    assert main(["--counts", "--work", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split() == ["a", "15", "b", "0", "all", "15"]


def test_changes_are_the_same_for_the_same_seed_and_bounded():
    others = [b"0x250 0", b"cpus=2"]
    changed = [mutate(DUMP, seed, others, 60) for seed in range(50)]
    assert changed == [mutate(DUMP, seed, others, 60) for seed in range(50)]
    assert len(set(changed)) > 40
    assert max(map(len, changed)) <= 60


def test_a_third_of_the_changes_keeps_the_form_and_changes_what_is_in_it():
    text = b"cpus = 2\n# no digits\n" * 20
    texts = [mutate(text, seed, [b"y"], 1000) for seed in range(300)]
    kept = [one for one in texts if re.fullmatch(rb"(cpus = \w+\n# no digits\n){20}", one)]
    assert 90 < len(kept) < 150
    assert len(kept) - kept.count(text) > 90
    binary = b"\x00\x01\n" * 100
    sizes = [len(mutate(binary, seed, [b"y"], 1000)) for seed in range(300)]
    assert 90 < sizes.count(len(binary)) < 150


def test_numbers_without_end_are_changed_in_no_time():
    text = b"f" * (1 << 18) + b"1g " + b"a1" * (1 << 18) + b"g"
    start_s = time.process_time()
    for seed in range(12):
        mutate(text, seed, [b"y"], 1 << 20)
    assert time.process_time() - start_s < 5


def test_a_slice_that_dies_is_not_counted_as_the_one_before_it(tmp_path, monkeypatch):
    def ends(command, stdout, **_):
        stdout.write(b"stat::number_of_executed_units: 7\n" if "0" in command else b"died\n")
        stdout.flush()
        return CompletedProcess(command, 0 if "0" in command else -6)

    monkeypatch.setattr(fuzz_main.subprocess, "run", ends)
    assert [run_slice("a", seconds, tmp_path, []) for seconds in (0, 1)] == [False, True]
    assert counts(tmp_path / "log.tsv") == "a\t7\nall\t7"


def test_inputs_that_someone_made_are_half_of_the_seeds():
    names = [path.name for path in EVERY_TARGET["rdmsr"].seeds()]
    assert sum(name.startswith("reached-") for name in names) * 2 == len(names) == 12
    assert {path.parent.name for path in EVERY_TARGET["any-format"].seeds()} > {"rdmsr", "dmesg"}


def test_messages_of_several_lines_and_endless_ones_are_findings():
    for words in ("one\ntwo", "", "x" * 1000, "\ud800"):
        with pytest.raises((AssertionError, UnicodeEncodeError)):
            check_message(MtrrvizError(words))


def test_lines_that_are_not_accounted_for_are_findings():
    result = import_texts([("dump", DUMP)])
    check_import(result, DUMP)
    (report,) = result.sources
    for wrong in (replace(report, lines=5), replace(report, unknown_lines=2)):
        with pytest.raises(AssertionError):
            check_import(replace(result, sources=(wrong,)), DUMP)


def test_a_share_is_played_and_what_comes_to_anything_new():
    share = Share(8)
    contents = [b"%d" % number for number in range(4000)]
    assert share.takes(contents[0], "first")
    taken = [share.takes(content, "first") for content in contents]
    assert 400 < sum(taken) < 600
    assert all(share.takes(content, content) for content in contents)
    names = {name_for(content) for content, is_in in zip(contents, taken, strict=True) if is_in}
    assert names == {PLAIN, *ODD_NAMES}


def test_outside_of_long_runs_all_is_played():
    assert PLAYED.every == 1
    assert all(PLAYED.takes(b"%d" % number, "one") for number in range(100))


def test_outcomes_tell_formats_kinds_and_counts_apart():
    proc = b"reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"
    texts = (DUMP, DUMP + DUMP.replace(b"0x20", b"0x21"), proc, b"MTRR default type: uncachable\n")
    outcomes = [import_outcome(import_texts([("dump", text)])) for text in (*texts, *texts)]
    assert len(set(outcomes)) == len(texts)


def test_what_plays_wrongly_is_a_finding_of_a_long_run(tmp_path, monkeypatch):
    def wrong(*_: object) -> None:
        raise AssertionError("played")

    monkeypatch.setattr(oracle, "simulate", wrong)
    monkeypatch.setattr(targets, "PLAYED", Share(8))
    target = EVERY_TARGET["rdmsr"]
    blind = Blind(target, tmp_path, [DUMP], [b"0x250 0"])
    blind.fuzz(600, 1, most_runs=40)
    assert len(blind.found) == 1


def checked_with_first(scenario, **wrong):
    first = replace(scenario.events[0], **wrong)
    check_order(replace(scenario, events=(first, *scenario.events[1:])))


def test_scenarios_out_of_order_are_findings():
    scenario = import_texts([("dump", DUMP)]).scenario
    for wrong in ({"time_ns": scenario.duration_ns + 1}, {"vcpu": 9}, {"value": -1}):
        with pytest.raises((AssertionError, ScenarioError)):
            checked_with_first(scenario, **wrong)


@pytest.mark.parametrize(("alarms", "is_found"), [(1, False), (2, True)])
def test_an_input_has_no_end_at_the_second_alarm(tmp_path, alarms, is_found):
    """The first one also rings where the process was stopped for so long."""

    def waits(_data: bytes) -> None:
        for _ in range(alarms):
            signal.raise_signal(signal.SIGALRM)

    blind = Blind(Target("made", waits), tmp_path, [b"seed"], [b"line"])
    blind.fuzz(600, 1, most_runs=3)
    assert blind.runs == 3
    assert bool(blind.found) is is_found

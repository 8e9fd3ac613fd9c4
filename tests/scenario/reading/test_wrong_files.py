"""Each wrong scenario file gets one message: file, place, what stood there, what was expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.events import KNOWN_MSRS
from mtrrviz.scenario.files.bounded_file import FileProblemError, bounded_bytes
from mtrrviz.scenario.files.loader import load_scenario, parse_scenario, read_file
from mtrrviz.scenario.library import find, open_scenario
from mtrrviz.scenario.scenario_error import printable, shown
from tests.scenario.files import GOOD, write_scenario


def refused(path) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    error = caught.value
    assert error.file == str(path)
    assert str(error).isprintable()
    assert len(str(error)) < 1500
    return error


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, 1)


HUGE = "9" * 5000
MISTAKES = {
    "syntax": (changed("vcpus = 2", "vcpus = = 2"), "line 5, column 9", "a TOML scenario"),
    "cut off": ('schema = 1\ntitle = "go', "end of document", "a TOML scenario"),
    "no value": (changed("vcpus = 2", "vcpus ="), "line 5, column 8", "a TOML scenario"),
    "twice": (changed("vcpus = 2", "vcpus = 2\nvcpus = 3"), "line 6", "a TOML scenario"),
    "unknown top key": ("tilte = 1\n" + GOOD, "tilte (line 1)", "one of schema, title"),
    "unknown key": (changed("vcpus = 2", "vcpu = 2"), "machine.vcpu (line 5)", "one of vcpus,"),
    "unknown event key": (
        changed("vcpu = 1", "cpu = 1"),
        "event[0].cpu (line 33)",
        "one of t, kind",
    ),
    "unknown region key": (
        changed('name = "flash"', 'nam = "x"'),
        "machine.region[1].nam",
        "one of",
    ),
    "missing key": (changed("vcpus = 2\n", ""), "machine (line 4)", "vcpus = ..."),
    "no machine": ('schema = 1\ntitle = ""\n', "", "machine = ..."),
    "wrong type": (changed("vcpus = 2", 'vcpus = "2"'), "machine.vcpus (line 5)", "int"),
    "bool as number": (changed("vcpus = 2", "vcpus = true"), "machine.vcpus (line 5)", "int"),
    "table as text": (changed('title = "good"', "title = {a = 1}"), "title", "text"),
    "date as text": (changed('title = "good"', "title = 2020-01-01"), "title (line 2)", "text"),
    "title too long": (changed('"good"', '"' + "x" * 10_001 + '"'), "title (line 2)", "10000"),
    "modelled without a length": (
        "duration_is_modelled = true\n" + GOOD.replace("duration = 2.0\n", ""),
        "duration_is_modelled (line 1)",
        "a duration",
    ),
    "no vcpus": (changed("vcpus = 2", "vcpus = 0"), "machine.vcpus (line 5)", ">= 1"),
    "too many vcpus": (changed("vcpus = 2", "vcpus = 256"), "machine.vcpus (line 5)", "<= 255"),
    "bad vcpu": (changed("vcpu = 1", "vcpu = 2"), "event[0].vcpu (line 33)", "a vCPU below 2"),
    "quirk without self-snoop": (
        changed("maxphyaddr = 40", "maxphyaddr = 40\nself_snoop = false")
        + '[[event]]\nt = 2.0\nkind = "disable-ignore-guest-pat"\n',
        "event[2].kind",
        "self_snoop = true",
    ),
    "negative vcpu": (changed("vcpu = 1", "vcpu = -1"), "event[0].vcpu (line 33)", ">= 0"),
    "bad sweep vcpu": (GOOD + "vcpu = 2\n", "touch[0].vcpu (line 47)", "a vCPU below 2"),
    "maxphyaddr": (changed("maxphyaddr = 40", "maxphyaddr = 53"), "machine.maxphyaddr", "<= 52"),
    "no memory": (changed('memory = "1 GiB"', "memory = 0"), "machine.memory", "at least 4 KiB"),
    "memory words": (changed('"1 GiB"', '"much"'), "machine.memory", "a size such as '2 GiB'"),
    "memory unit": (changed('"1 GiB"', '"1 GB"'), "machine.memory", "a size such as '2 GiB'"),
    "size without end": (changed('"1 GiB"', '"1.' + "9" * 200 + '"'), "machine.memory", "100"),
    "no regions": (GOOD[: GOOD.index("[[machine")], "machine", "region = ..."),
    "unaligned": (changed("start = 0x0", "start = 0x800"), "region[0].start", "multiple of 4 KiB"),
    "negative": (changed("start = 0x0", "start = -4096"), "region[0].start", "from 0 to"),
    "beyond": (changed("0xFFC0_0000", "0x200_0000_0000"), "region[1].start", "0x10000000000"),
    "backwards": (changed("0x1_0000_0000", "0xFFB0_0000"), "region[1] (line 15)", "start < end"),
    "empty": (changed('size = "1 GiB"', "size = 0"), "region[0] (line 9)", "start < end"),
    "no extent": (changed('size = "1 GiB"', ""), "region[0] (line 9)", "either size or end"),
    "two extents": (changed('size = "1 GiB"', "size = 4096\nend = 4096"), "region[0]", "either"),
    "overlap": (changed("0xFFC0_0000", "0x3FFF_F000"), "region[1] (line 15)", "do not overlap"),
    "region kind": (changed('"rom"', '"rum"'), "region[1].kind (line 17)", "ram, rom, device-ram"),
    "event kind": (changed('"wrmsr"', '"rdmsr"'), "event[0].kind (line 32)", "wrmsr, vmm-wrmsr"),
    "aps": (changed('"concurrent"', '"all"'), "phase[1].aps (line 28)", "none, concurrent"),
    "nan": (changed("t = 0.25", "t = nan"), "event[0].t (line 31)", ">= 0"),
    "inf": (changed("t = 0.25", "t = inf"), "event[0].t (line 31)", "<= 86400"),
    "before zero": (changed("t = 0.25", "t = -0.25"), "event[0].t (line 31)", ">= 0"),
    "time goes back": (changed("t = 0.25", "t = 0.75"), "event[1].t (line 38)", "do not go back"),
    "phase goes back": (changed("t = 0.0", "t = 0.6"), "phase[1].t (line 26)", "do not go back"),
    "no register": (changed('register = "IA32_MTRR_DEF_TYPE"\n', ""), "event[0]", "its MSR number"),
    "bad register": (changed("DEF_TYPE", "TYPE"), "event[0].register (line 34)", "IA32_MTRR_DEF_"),
    "no MTRR": (
        changed('"IA32_MTRR_DEF_TYPE"', "0x10"),
        "event[0].register (line 34)",
        "0x200 to 0x23f",
    ),
    "CR0 as MSR": (changed('"IA32_MTRR_DEF_TYPE"', '"CR0"'), "event[0].register", "0x2ff"),
    "pair 32": (changed('"IA32_MTRR_DEF_TYPE"', "0x240"), "event[0].register", "to 0x23f"),
    "register size": (changed('"IA32_MTRR_DEF_TYPE"', "0x1_0000_0000"), "event[0].register", "MSR"),
    "event without value": (changed("value = 0xC06\n", ""), "event[0] (line 30)", "64-bit integer"),
    "value too large": (changed("0xC06", "0x1" + "0" * 16), "event[0].value (line 35)", "64-bit"),
    "value negative": (changed("0xC06", "-1"), "event[0].value (line 35)", "64-bit"),
    "huge hex": (changed("0xC06", "0x" + "f" * 3000), "event[0].value (line 35)", "64-bit"),
    "huge decimal": (changed("0xC06", HUGE), "", "a TOML scenario"),
    "sweep size": (changed('"2 MiB"', '"2 TiB"'), "touch[0].size (line 46)", "0x10000000000"),
    "sweep empty": (changed('size = "2 MiB"', "size = 0"), "touch[0].size", "at least 4 KiB"),
    "many pages": (GOOD + '[[touch]]\nt = 0.1\nstart = 0\nsize = "128 GiB"\n', "touch", "at most"),
    "view policy": (
        GOOD + '[view]\npolicy = "per-cpu"\n',
        "view.policy (line 48)",
        "per-vcpu, per-vm",
    ),
    "view switch": (GOOD + '[view]\ncompare = "per-vm:x"\n', "view.compare (line 48)", "per-vm"),
    "view too late": (GOOD + "[view]\nat = 0.6\n", "view.at (line 48)", "at most 0.5, where"),
    "view before": (GOOD + "[view]\nat = -0.1\n", "view.at (line 48)", ">= 0"),
    "view page": (GOOD + "[view]\npage = 0x801\n", "view.page (line 48)", "multiple of 4 KiB"),
    "view beyond": (GOOD + '[view]\npage = "1 TiB"\n', "view.page (line 48)", "0xffffffffff"),
    "view vcpu": (GOOD + "[view]\nvcpu = 2\n", "view.vcpu (line 48)", "a vCPU below 2"),
    "view map": (GOOD + '[view]\nmap = "both"\n', "view.map (line 48)", "one, side-by-side"),
    "view key": (GOOD + "[view]\ntime = 0.1\n", "view.time (line 48)", "policy, compare, at"),
    "newer": (changed("schema = 1", "schema = 2\nfuture = 1"), "schema (line 1)", "schema = 1"),
    "older": (changed("schema = 1", "schema = 0"), "schema (line 1)", ">= 1"),
    "no version": (changed("schema = 1", ""), "schema", "schema = 1"),
    "version text": (changed("schema = 1", 'schema = "1"'), "schema (line 1)", "int"),
    "version bool": (changed("schema = 1", "schema = true"), "schema (line 1)", "int"),
    "deep list": ("a = " + "[" * 100_000, "", "a TOML scenario"),
    "deep table": ("a" + ".a" * 50_000 + " = 1", "line 1", "a TOML scenario"),
    "deep title": (GOOD + "[a" + ".a" * 7 + "]\n", "a", "one of"),
    "nul": (changed("good", "go\0od"), "line 2", "a TOML scenario"),
    "control characters": ('"a\\nb\\u001b[31m" = 1\n' + GOOD, "a\\nb", "one of"),
    "empty file": ("", "schema", "schema = 1"),
    "two times": ("[[schema]]\n", "schema", "int"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(name, tmp_path):
    text, place, expected = MISTAKES[name]
    error = refused(write_scenario(tmp_path, text))
    assert place in error.place
    assert expected in error.expected
    assert str(error) == f"{error.file}: " + (f"{error.place}: " if error.place else "") + (
        f"{error.problem} (expected {error.expected})"
    )


def test_a_number_beyond_all_floats_is_refused_at_its_place(tmp_path):
    error = refused(write_scenario(tmp_path, changed("t = 0.25", "t = 0x" + "f" * 1000)))
    assert error.place.startswith("event[0].t")
    assert "4000 bits" in error.problem
    assert error.expected in {"a value in range", "a number >= 0.0"}  # as msgspec is new or old


def test_the_value_that_stood_there_is_shown(tmp_path):
    error = refused(write_scenario(tmp_path, changed("vcpus = 2", "vcpus = 4711")))
    assert "4711" in error.problem
    newer = refused(write_scenario(tmp_path, changed("schema = 1", "schema = 7")))
    assert "7" in newer.problem
    assert "newer" in newer.problem


def test_no_line_is_named_where_a_multi_line_string_may_mislead(tmp_path):
    text = changed('title = "good"', 'title = """\n[machine]\nvcpus = 1\n"""')
    error = refused(write_scenario(tmp_path, text.replace("vcpus = 2", "vcpus = 0")))
    assert error.place == "machine.vcpus"


def test_inline_tables_have_places_without_lines(tmp_path):
    text = 'schema = 1\ntitle = "x"\nmachine = {vcpus = 0, memory = 1, region = []}\n'
    assert refused(write_scenario(tmp_path, text)).place.startswith("machine.vcpus")


def test_a_directory_is_no_scenario(tmp_path):
    assert refused(tmp_path).problem == "this is not a file"


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    assert "No such file" in refused(tmp_path / "none.toml").problem


def test_a_path_that_cannot_be_is_refused(tmp_path):
    refused(tmp_path / ("x" * 300))
    with pytest.raises(ScenarioError, match="null"):
        load_scenario(tmp_path / "a\0b")


def test_a_device_is_not_read():
    from pathlib import Path

    assert refused(Path("/dev/zero")).problem == "this is not a file"


@pytest.mark.parametrize("data", [b"\xff\xfe[\0", b"title = '\xe9'", b"\x1f\x8b\x08\0", b"\x80"])
def test_other_encodings_are_refused(data, tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes(data)
    assert "UTF-8" in refused(path).problem


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_scenario(path).title == "good"


def test_too_large_a_file_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("mtrrviz.scenario.files.loader.MAX_TEXT_BYTES", 100)
    assert refused(write_scenario(tmp_path)).problem == "the file is too large"


@pytest.mark.parametrize(("spare", "is_read"), [(0, True), (-1, False)])
def test_a_file_of_just_the_largest_size_is_read(spare, is_read, tmp_path, monkeypatch):
    path = write_scenario(tmp_path)
    monkeypatch.setattr("mtrrviz.scenario.files.loader.MAX_TEXT_BYTES", len(GOOD.encode()) + spare)
    if is_read:
        assert load_scenario(path).title == "good"
    else:
        assert refused(path).problem == "the file is too large"


@pytest.mark.parametrize(
    ("most_bytes", "words"), [(1 << 20, "1 MiB"), ((1 << 20) + 1, "1048577 B"), (1536, "1536 B")]
)
def test_the_most_that_a_file_may_have_is_said_to_the_byte(most_bytes, words, tmp_path):
    path = tmp_path / "large"
    path.write_bytes(bytes(most_bytes + 1))
    with pytest.raises(FileProblemError, match=r"^the file is too large$") as caught:
        bounded_bytes(path, most_bytes, "a scenario")
    assert caught.value.expected == f"at most {words}"


@pytest.mark.parametrize(
    ("error", "problem"),
    [(OSError(5, "Input/output error"), "Input/output error"), (OSError("odd"), "odd")],
)
def test_why_a_file_cannot_be_read_is_said_in_the_systems_words(
    error, problem, tmp_path, monkeypatch
):
    def refuse(*_arguments):
        raise error

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(FileProblemError) as caught:
        bounded_bytes(tmp_path / "file", 1, "a scenario")
    assert caught.value.problem == problem


def test_other_ways_to_read_refuse_alike(tmp_path):
    path = write_scenario(tmp_path, "nonsense\n")
    for read in (read_file, load_scenario, lambda p: parse_scenario(p.read_text(), "x", p.parent)):
        with pytest.raises(ScenarioError, match="line 1"):
            read(path)


@pytest.mark.parametrize("name", ["no-such-scenario", "a\0b", "x" * 5000, "", "/", "../x"])
def test_an_unknown_name_is_answered_with_the_known_ones(name, tmp_path, monkeypatch):
    from mtrrviz.core.errors import MtrrvizError

    monkeypatch.chdir(tmp_path)  # no file beside it that the name could be of
    with pytest.raises(MtrrvizError, match="ovmf-8vcpu-2g"):
        find(name)


def test_a_folder_is_called_one(tmp_path):
    from mtrrviz.core.errors import MtrrvizError

    with pytest.raises(MtrrvizError, match="this is a folder"):
        find(str(tmp_path))


def test_good_files_load(tmp_path):
    scenario = open_scenario(str(write_scenario(tmp_path)))
    assert scenario.name == "made"
    assert [event.register for event in scenario.events] == [0x2FF, 0]
    assert len(scenario.touches) == 512


def test_a_register_that_is_no_mtrr_is_named_by_its_number(tmp_path):
    text = changed('"IA32_MTRR_DEF_TYPE"', "0x10")
    assert refused(write_scenario(tmp_path, text)).problem == "0x10 is no MTRR or PAT register"


def test_the_registers_that_are_expected_are_those_that_are_accepted(tmp_path):
    expected = refused(write_scenario(tmp_path, changed('"IA32_MTRR_DEF_TYPE"', "0x10"))).expected
    numbers = re.findall(r"(0x\w+)(?: to (0x\w+))?", expected)
    spans = [range(int(first, 16), int(last or first, 16) + 1) for first, last in numbers]
    assert sorted(msr for span in spans for msr in span) == sorted(KNOWN_MSRS)
    for msr in KNOWN_MSRS:
        text = changed('"IA32_MTRR_DEF_TYPE"', hex(msr))
        assert load_scenario(write_scenario(tmp_path, text)).events[0].register == msr


@pytest.mark.parametrize("length", [1, 79, 80])
def test_what_is_short_enough_is_shown_whole(length):
    assert printable("x" * length, 80) == "x" * length


@pytest.mark.parametrize("length", [81, 1000])
def test_what_is_too_long_is_cut_to_the_longest(length):
    assert printable("x" * length, 80) == "x" * 77 + "..."
    assert len(printable("\x01" * length, 80)) > 80  # escapes are written out


@pytest.mark.parametrize(("bits", "is_whole"), [(128, True), (129, False)])
def test_integers_of_more_than_128_bits_are_described(bits, is_whole):
    number = (1 << bits) - 1
    assert (shown(number) == f"an integer of {bits} bits") == (not is_whole)


@pytest.mark.parametrize(
    ("old", "text", "most"),
    [
        ('title = "good"', 'title = "{}"', 10_000),
        ('memory = "1 GiB"', 'memory = "{} GiB"', 100),
        ('register = "IA32_MTRR_DEF_TYPE"', 'register = "{}"', 100),
    ],
)
def test_texts_may_be_as_long_as_the_message_says_and_no_longer(tmp_path, old, text, most):
    room = most - len(text.split('"')[1].replace("{}", ""))
    longest, longer = (changed(old, text.format("0" * n)) for n in (room, room + 1))
    assert str(most) not in expectation(write_scenario(tmp_path, longest))
    assert str(most) in expectation(write_scenario(tmp_path, longer))


def expectation(path) -> str:
    """Return what was expected of a file, nothing where it is fine."""
    try:
        load_scenario(path)
    except ScenarioError as error:
        return error.expected
    return ""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = ?", "line 1, column 5"),
        ("a = 1\nb", "end of document"),
        ("a = 1\na = 2\n", "line 2, column 6"),
        ('a = 1\n\n  b = "x', "end of document"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_place_alone(text, place):
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "file.toml", Path())
    error = caught.value
    assert error.place == place
    assert place not in error.problem
    assert error.problem == error.problem.strip(" (")

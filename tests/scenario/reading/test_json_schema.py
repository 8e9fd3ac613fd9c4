"""The JSON Schema accepts what the loader accepts, and refuses what the loader refuses."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.policies import policy_ids
from mtrrviz.core.units import SIZE_JSON_PATTERN, parse_size
from mtrrviz.scenario.files.json_schema import json_schema
from mtrrviz.scenario.files.key_words import KEY_WORDS
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.schema import TABLES
from mtrrviz.scenario.library import builtin_paths
from mtrrviz.scenario.scenario_error import ScenarioError
from tests.scenario import test_hosts, test_marks
from tests.scenario.reading import test_wrong_files

SCHEMA = json_schema()
MOST_CHARS = 20_000
VALIDATOR = Draft202012Validator(SCHEMA)
#: What no JSON Schema can say, by the reason.
BEYOND_A_SCHEMA = {
    *("time goes back", "phase goes back", "backwards", "overlap"),  # order of two numbers
    *("view too late", "bookmark[0].t 0"),  # the last of many times
    *("sweep size", "view beyond", "host tom2 below 4 GiB", "host tom2 too high"),  # sizes in words
    "many pages",  # a sum
    "nan",  # JSON has no such number
}


def mistakes():
    """Yield a name and the text of each scenario that the loader is known to refuse."""
    for name, (text, *_) in test_wrong_files.MISTAKES.items():
        yield name, text
    for name, (old, new, *_) in test_hosts.MISTAKES.items():
        yield f"host {name}", test_hosts.changed(old, new)
    for number, (text, place) in enumerate(test_marks.SENSELESS):
        yield f"{place} {number}", test_marks.HEAD + text


def is_toml(text):
    """Whether a decoder of TOML reads it; endless keys are not tried."""
    if len(text) > MOST_CHARS:
        return False
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return False
    return True


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].startswith("https://")


def test_what_the_loader_refuses_is_refused():
    refused = {name: text for name, text in mistakes() if is_toml(text)}
    assert len(refused) > 90
    passed = {name for name, text in refused.items() if VALIDATOR.is_valid(tomllib.loads(text))}
    assert passed == BEYOND_A_SCHEMA


@pytest.mark.parametrize("name", ["", *builtin_paths()])
def test_what_the_loader_accepts_is_accepted(name):
    text = builtin_paths()[name].read_text() if name else test_wrong_files.GOOD
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        '[view]\npolicy = "per-vm:srcu-leak"\ncompare = "kvm-6.16"',
        '[[event]]\nt = 0\nkind = "wrmsr"\nregister = 0x2ff\nvalue = 0xFFFF_FFFF_FFFF_FFF',
        '[[event]]\nt = 0\nkind = "mov-cr0"\nvalue = 0',
        '[[event]]\nt = 0\nkind = "note"\ntext = "x"',
        '[[touch]]\nt = 0\nstart = "0x10_0000"\nsize = "2 mib"',
        *(f"[[stop]]\n{text}" for text in ('when = "write"\nregister = "CR0"', 'when = "stale"')),
    ],
)
def test_more_that_is_accepted(text):
    test_marks.parse(text)
    value = tomllib.loads(test_marks.HEAD + text)
    assert [error.message for error in VALIDATOR.iter_errors(value)] == []


def both_verdicts(text):
    """Return whether the loader accepts a text, and whether the schema does."""
    try:
        parse_scenario(text, "x.toml", Path())
    except ScenarioError:
        read = False
    else:
        read = True
    return read, VALIDATOR.is_valid(tomllib.loads(text))


MACHINE = """\
schema = 1
title = "t"
duration = 2.0
[machine]
memory = "1 MiB"
region = [{ name = "RAM", kind = "ram", start = 0, end = 0x10_0000 }]
"""
PAIR = '[[machine.unknown]]\nregisters = ["IA32_MTRR_PHYSBASE{}"]'
QUIRK = '[[event]]\nt = 0\nkind = "disable-ignore-guest-pat"'
TOUCH = "[[touch]]\nt = 0\nstart = 0\nsize = {}"
MMIO = ', { name = "x", kind = "mmio", start = 0x20_0000, end = {} }]'


@pytest.mark.parametrize(
    ("text", "last", "beyond"),
    [
        *(
            (f"{MACHINE}vcpus = {count}\n[{table}]\n{rest}", count - 1, count)
            for count in (1, 2, 16, 48, 192)
            for table, rest in [
                ("[event]", 't = 0\nkind = "init"\nvcpu = {}'),
                ("[touch]", "t = 0\nstart = 0\nvcpu = {}"),
                ("[stop]", 'when = "write"\nvcpu = {}'),
                ("[machine.unknown]", 'registers = ["all"]\nvcpu = {}'),
                ("[vcpu]", 'name = "x"\nindex = {}'),
                ("view", "vcpu = {}"),
            ]
        ),
        (f"{MACHINE}vcpus = 1\nmaxphyaddr = 32\n{TOUCH}", 1 << 32, (1 << 32) + 4096),
        (f"{MACHINE[:-2]}{MMIO}\nvcpus = 1\nmaxphyaddr = 33", 1 << 33, (1 << 33) + 4096),
        (f"{MACHINE}vcpus = 1\n[view]\npage = {{}}", (1 << 46) - 4096, 1 << 46),
        *(
            (f'{MACHINE}vcpus = 1\nkind = "host"\npairs = {pairs}\n{PAIR}', pairs - 1, pairs)
            for pairs in (1, 8, 31)
        ),
        (f"{MACHINE}vcpus = 1\n[[machine.unknown]]\nregisters = [{{}}]", 0x20F, 0x210),
        (f"{MACHINE}vcpus = 1\nself_snoop = {{}}\n{QUIRK}", "true", "false"),
    ],
)
def test_what_the_machine_does_not_have_is_refused_by_both(text, last, beyond, monkeypatch):
    monkeypatch.setenv("MTRRVIZ_LARGE", "1")  # a touch of all addresses is of many pages
    assert both_verdicts(text.replace("{}", str(last))) == (True, True)
    assert both_verdicts(text.replace("{}", str(beyond))) == (False, False)


def test_every_key_is_described_and_no_other():
    for name, table in TABLES.items():
        assert list(KEY_WORDS[name]) == list(table.__struct_fields__)
        properties = SCHEMA["$defs"][table.__name__]["properties"]
        assert {key: value["description"] for key, value in properties.items()} == KEY_WORDS[name]
    assert KEY_WORDS.keys() == TABLES.keys()


def test_registers_and_policies_are_listed():
    registers = SCHEMA["$defs"]["StopFile"]["properties"]["register"]["enum"]
    assert {"IA32_MTRR_DEF_TYPE", DEFTYPE, "IA32_PAT", "CR0"} <= set(registers)
    assert set(policy_ids()) <= set(
        str(SCHEMA["$defs"]["ViewFile"]["properties"]["policy"]).split("'")
    )


@pytest.mark.parametrize(
    ("text", "is_size"),
    [
        *((text, True) for text in ("4096", "2 GiB", "1.5MiB", "512K", "0x1000", " 1_000 kib ")),
        *((text, False) for text in ("", "much", "1 GB", "0x", "-1", "1 GiB 2", "2 GiB/s")),
    ],
)
def test_sizes_in_words_are_those_that_are_read(text, is_size):
    assert Draft202012Validator({"pattern": SIZE_JSON_PATTERN}).is_valid(text) is is_size
    if is_size:
        parse_size(text)
    else:
        with pytest.raises(ValueError, match=r"is not|unknown unit"):
            parse_size(text)

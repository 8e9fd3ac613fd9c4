"""Every input of the corpus again: seeds, what reached new code, and what once was a finding."""

from __future__ import annotations

import pytest

from tests.fuzz.mutator import mutate
from tests.fuzz.places import CORPUS
from tests.fuzz.targets import EVERY_TARGET, TARGETS

MAX_FILES = 200
MAX_BYTES = 300 << 10


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_is_taken_or_refused_clearly(name):
    target = TARGETS[name]
    assert target.inputs(), "a target without inputs"
    for path in target.inputs():
        target.run(path.read_bytes())


def test_the_corpus_is_small_and_all_of_it_is_used():
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert len(files) <= MAX_FILES
    assert sum(path.stat().st_size for path in files) <= MAX_BYTES
    assert {path.parent.name for path in files} == set(EVERY_TARGET)


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_changed_by_the_harness(name):
    target = TARGETS[name]
    seeds = [path.read_bytes() for path in target.inputs()]
    lines = [line for seed in seeds for line in seed.split(b"\n")]
    for number in range(6):
        target.run(mutate(seeds[number % len(seeds)], number, lines, 1 << 15))

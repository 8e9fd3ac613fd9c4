"""Fuzz one target in this process with atheris; started by ``python -m tests.fuzz``."""

from __future__ import annotations

import importlib
import random
import sys
import time
from pathlib import Path
from typing import Any

MAX_INPUT_BYTES = 1 << 15
MAX_INPUT_S = 5
"""A small input that takes this long is a finding."""

MAX_RSS_MIB = 1500


def main(name: str, work: Path, seconds: int) -> None:
    """Fuzz a target for some seconds; what is found is written to ``work`` and ends the process."""
    # Not locked, so unknown to type checkers; see tests/fuzz/__main__.py.
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["mtrrviz"]):
        from tests.fuzz.targets import CORPUS, TARGETS
    from tests.fuzz.mutator import mutate

    target = TARGETS[name]
    kept = work / "corpus" / name
    kept.mkdir(parents=True, exist_ok=True)
    texts = [path.read_bytes() for path in sorted(CORPUS.rglob("*")) if path.is_file()]
    chance = random.Random(time.time_ns())
    lines = [line for text in texts for line in text.split(b"\n") if len(line) < 2000]

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        if chance.random() < 0.25:
            return atheris.Mutate(data, max_size)
        return mutate(data, seed, lines, max_size)

    def run(data: bytes) -> None:
        start = time.perf_counter()
        target.run(data)
        took = time.perf_counter() - start
        assert took < MAX_INPUT_S, f"{len(data)} bytes took {took:.1f} s"

    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT_BYTES}",
        f"-timeout={4 * MAX_INPUT_S}",
        f"-rss_limit_mb={MAX_RSS_MIB}",
        f"-artifact_prefix={work}/{name}-",
        "-print_final_stats=1",
        "-len_control=20",
        str(kept),
        str(target.corpus),
    ]
    atheris.Setup([sys.argv[0], *options], run, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))

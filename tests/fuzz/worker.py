"""Fuzz one target in this process; started by ``python -m tests.fuzz``.

With atheris where it is installed, which finds its way by coverage; else, and for the window,
blindly.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import sys
import time
from pathlib import Path
from typing import Any

MAX_INPUT_BYTES = 1 << 18
MAX_INPUT_S = 60
MAX_RSS_MIB = 2000
_SLOWED = 6
"""How much atheris slows the program down."""
_GROWN = 1 / 300


def main(name: str, work: Path, seconds: int, *, blindly: bool) -> int:
    """Fuzz a target for some seconds; what is found is written to ``work``; 1 if anything is."""
    blindly = blindly or name == "views" or importlib.util.find_spec("atheris") is None
    if blindly:
        from tests.fuzz.blind import run_blind
        from tests.fuzz.targets import EVERY_TARGET

        return run_blind(EVERY_TARGET[name], work, seconds, corpus_texts())
    run_guided(name, work, seconds)
    return 0


def corpus_texts() -> list[bytes]:
    """Return all inputs of the corpus."""
    from tests.fuzz.places import CORPUS

    return [path.read_bytes() for path in sorted(CORPUS.rglob("*")) if path.is_file()]


def run_guided(name: str, work: Path, seconds: int) -> None:
    """Fuzz with atheris, which ends the process."""
    # Not locked, so unknown to type checkers; see tests/fuzz/__main__.py.
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["mtrrviz"]):
        from tests.fuzz.targets import TARGETS
    from tests.fuzz.mutator import grown, mutate
    from tests.fuzz.watch import Watch

    target, watch = TARGETS[name], Watch(_SLOWED)
    kept = work / "corpus" / name
    kept.mkdir(parents=True, exist_ok=True)
    chance = random.Random(time.time_ns())
    lines = [line for text in corpus_texts() for line in text.split(b"\n") if len(line) < 2000]

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        if chance.random() < 0.25:
            return atheris.Mutate(data, max_size)
        if chance.random() < _GROWN:
            data = grown(data, seed, max_size)
        return mutate(data, seed, lines, max_size)

    def run(data: bytes) -> None:
        with watch.over(len(data)):
            target.run(data)

    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT_BYTES}",
        f"-timeout={MAX_INPUT_S}",
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
    sys.exit(
        main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), blindly="--blind" in sys.argv[4:])
    )

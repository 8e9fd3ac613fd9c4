"""Fuzzing without atheris: changed inputs one after the other, no coverage, many more of them."""

from __future__ import annotations

import faulthandler
import gc
import hashlib
import os
import random
import signal
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.mutator import grown, mutate
from tests.fuzz.share import OF_LONG_RUNS, PLAYED
from tests.fuzz.watch import Watch, resident_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.targets import Target

MAX_INPUT_BYTES = 1 << 20
HANGS_AFTER_S = 60
_GROWN = 1 / 1500
"""How many inputs are made large."""


@dataclass
class Blind:
    """Runs a target on changed seeds; what is found is written to ``work``, once for each place."""

    target: Target
    work: Path
    seeds: Sequence[bytes]
    lines: Sequence[bytes]
    runs: int = 0
    found: set[str] = field(default_factory=set[str])
    alarms: int = 0

    def fuzz(self, seconds: float, seed: int, most_runs: int | None = None) -> None:
        """Go on for so long, or for so many inputs."""
        chance, watch = random.Random(seed), Watch(self.target.slowness)
        signal.signal(signal.SIGALRM, self._hangs)
        end_s = time.monotonic() + seconds
        current = self.work / f"{self.target.name}-current"
        kept = os.open(current, os.O_RDWR | os.O_CREAT)
        while time.monotonic() < end_s and self.runs != most_runs:
            self.alarms = 0
            signal.alarm(HANGS_AFTER_S)
            data = self._input(chance)
            os.pwrite(kept, data, 0)  # so that it is there if the process dies
            os.ftruncate(kept, len(data))
            try:
                with watch.over(len(data)):
                    self.target.run(data)
            except Exception as error:  # noqa: BLE001 - whatever comes out is a finding
                self._keep(data, error)
            finally:
                signal.alarm(0)
            self.runs += 1
        os.close(kept)
        current.unlink(missing_ok=True)

    def _input(self, chance: random.Random) -> bytes:
        data = chance.choice(self.seeds)
        if chance.random() < _GROWN:
            data = grown(data, chance.getrandbits(64), MAX_INPUT_BYTES)
        return mutate(data, chance.getrandbits(64), self.lines, MAX_INPUT_BYTES)

    def _hangs(self, _number: int, _frame: object) -> None:
        """End an input at the second alarm: the first rings too where the process was stopped."""
        self.alarms += 1
        if self.alarms > 1:
            raise TimeoutError(f"no end after {2 * HANGS_AFTER_S} s")
        signal.alarm(HANGS_AFTER_S)

    def _keep(self, data: bytes, error: BaseException) -> None:
        place = place_of(error)
        if place in self.found:
            return
        self.found.add(place)
        name = f"{self.target.name}-crash-{hashlib.sha1(data).hexdigest()[:12]}"
        (self.work / name).write_bytes(data)
        print(f"finding {name} at {place}")
        traceback.print_exception(error, limit=-12, file=sys.stdout)
        sys.stdout.flush()


def place_of(error: BaseException) -> str:
    """Return what tells findings apart: the kind of error and where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"


def run_blind(target: Target, work: Path, seconds: float, texts: Sequence[bytes]) -> int:
    """Fuzz for some seconds, print the count as atheris does; 1 if anything was found."""
    faulthandler.enable()
    lines = [line for text in texts for line in text.split(b"\n") if len(line) < 2000]
    seeds = [path.read_bytes() for path in target.seeds()]
    blind = Blind(target, work, seeds, lines)
    target.run(seeds[0])  # what is loaded at first use is no input's cost
    gc.collect()
    gc.freeze()  # nor is looking for garbage in it
    PLAYED.every = OF_LONG_RUNS
    before_bytes = resident_bytes()
    blind.fuzz(seconds, time.time_ns())
    grew_mib = (resident_bytes() - before_bytes) >> 20
    print(f"stat::number_of_executed_units: {blind.runs}")
    print(f"resident memory grew by {grew_mib} MiB", flush=True)
    return 1 if blind.found else 0

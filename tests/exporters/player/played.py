"""What the script of a report makes of its data, done again in Python to be held against a run."""

from __future__ import annotations

import json
import re
from base64 import b64decode

import numpy as np

from tests.narrow import there


def data_of(html):
    """Return the data of a report."""
    return json.loads(there(re.search(r'id="player-data">(.*?)</script>', html, re.DOTALL))[1])


def unpack(text, form):
    return np.frombuffer(b64decode(text), form)


class Played:
    """One run of a report at any time."""

    def __init__(self, run):
        self.run = run
        self.times = unpack(run["times"], "<f8").astype(np.int64)
        self.counts = unpack(run["counts"], "<u4")
        self.changes = unpack(run["changes"], "<u2").reshape(-1, 3)
        self.leaves = unpack(run["leaves"], "<u4").reshape(len(self.times), -1)
        self.zaps = unpack(run["zaps"], "<f8").astype(np.int64)

        self.zap_counts = unpack(run["zapCounts"], "<u4")

    def zaps_until(self, time_ns):
        at = int(np.searchsorted(self.zaps, time_ns, "right"))
        return int(self.zap_counts[at - 1]) if at else 0

    def step(self, time_ns):
        return int(np.searchsorted(self.times, time_ns, "right")) - 1

    def shown(self, time_ns):
        """Return what each dot shows at the step of a time."""
        dots = np.zeros(self.run["dots"], np.uint16)
        end = int(self.counts[: self.step(time_ns) + 1].sum())
        for first, count, what in self.changes[:end].tolist():
            assert first + count <= len(dots)
            dots[first : first + count] = what
        return dots

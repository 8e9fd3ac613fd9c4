"""The lock's constants as fitted without some of the published rows: what the law predicts.

Each entry is the outcome of one fit (``python -m tests.calibrate --left-out`` prints them anew);
``tests/sim/test_lock_fit.py`` checks that none of them can be bettered by a small change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mtrrviz.core.costs.cost import with_values
from mtrrviz.sim.lock_costs import DEFAULT_LOCK

if TYPE_CHECKING:
    from mtrrviz.core.costs.lock_model import LockModel

LeftOut = Literal["firmware", "vcpus", "policy"]
"""What the rows that a fit did not see have in common."""

LEFT_OUT_KINDS: tuple[LeftOut, ...] = ("firmware", "vcpus", "policy")

NAMES = ("own", "turn", "onset", "flush", "stagger", "shared")
"""The fitted constants, in the order of the columns below."""

FITS: dict[tuple[LeftOut, str], tuple[float, ...]] = {
    ("firmware", "seabios"): (288.8, 7007, 1.719e09, 3.437e05, 8.834e05, 0.3714),
    ("firmware", "ovmf"): (234.8, 7196, 1.88e09, 2.954e05, 7.638e05, 0.5322),
    ("vcpus", "8"): (234.9, 6631, 1.71e09, 3.844e05, 7.708e05, 0.5191),
    ("vcpus", "16"): (275.3, 7360, 1.859e09, 2.59e05, 7.661e05, 0.3935),
    ("policy", "per-vcpu"): (282.9, 7388, 2.019e09, 2.872e05, 8.965e05, 0.4257),
    ("policy", "cd-toggle"): (277.5, 6809, 1.826e09, 2.847e05, 8.912e05, 0.4361),
    ("policy", "fine-grained"): (267.9, 7203, 1.814e09, 3.063e05, 8.932e05, 0.4311),
    ("policy", "slot-split+shared"): (307.8, 7121, 1.992e09, 1.716e05, 9.675e05, 0.4393),
    ("policy", "fine-grained+shared"): (282.1, 7081, 1.922e09, 2.821e05, 8.956e05, 0.4666),
    ("policy", "per-vm"): (269, 7107, 1.896e09, 2.765e05, 8.634e05, 0.458),
    ("policy", "serialized"): (283.5, 7102, 2.027e09, 2.856e05, 8.733e05, 0.4262),
    ("policy", "slot-split"): (295.4, 7010, 1.945e09, 3.419e05, 8.345e05, 0.3644),
    ("policy", "shared-lock"): (277, 7114, 1.922e09, 2.932e05, 8.823e05, 0.4311),
}


def model_without(kind: LeftOut, value: str) -> LockModel:
    """Return the model fitted without the rows of a firmware, a number of vCPUs or a policy.

    KeyError for a value that no published row has.
    """
    return with_values(DEFAULT_LOCK, dict(zip(NAMES, FITS[kind, value], strict=True)))

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
    ("firmware", "seabios"): (291.6, 7581, 2.037e09, 3.724e05, 8.303e05, 0.4817),
    ("firmware", "ovmf"): (226, 9573, 2.487e09, 3.702e05, 7.944e05, 0.4517),
    ("vcpus", "8"): (389.1, 6347, 2.038e09, 3.889e05, 1.144e06, 0.3525),
    ("vcpus", "16"): (306.6, 7472, 2.393e09, 2.422e05, 8.653e05, 0.3582),
    ("policy", "per-vcpu"): (294.9, 7358, 2.086e09, 3.39e05, 9.318e05, 0.4154),
    ("policy", "cd-toggle"): (316.9, 7817, 2.435e09, 2.711e05, 9.793e05, 0.4132),
    ("policy", "fine-grained"): (325.4, 7008, 1.83e09, 3.6e05, 1.073e06, 0.4545),
    ("policy", "slot-split+shared"): (300, 7295, 2.053e09, 3.469e05, 9.584e05, 0.466),
    ("policy", "fine-grained+shared"): (291.5, 7030, 1.983e09, 3.79e05, 9.288e05, 0.4479),
    ("policy", "per-vm"): (298.4, 7374, 2.085e09, 3.355e05, 9.409e05, 0.4449),
    ("policy", "serialized"): (295.1, 7636, 2.163e09, 3.16e05, 9.339e05, 0.4049),
    ("policy", "slot-split"): (313.4, 7277, 2.08e09, 3.147e05, 8.841e05, 0.3601),
    ("policy", "shared-lock"): (298, 7450, 2.107e09, 3.46e05, 9.427e05, 0.4574),
}


def model_without(kind: LeftOut, value: str) -> LockModel:
    """Return the model fitted without the rows of a firmware, a number of vCPUs or a policy.

    KeyError for a value that no published row has.
    """
    return with_values(DEFAULT_LOCK, dict(zip(NAMES, FITS[kind, value], strict=True)))

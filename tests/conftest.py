"""What all tests share: no screen, no user's settings, the same random examples every time.

The environment is set while this file is imported, because Qt reads it when it is first imported.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies

_HOME = Path(tempfile.mkdtemp(prefix="mtrrviz-tests-"))
_HOME_VARIABLES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_NO_XDG_DESKTOP_PORTAL"] = "1"
os.environ["LANGUAGE"] = "C"  # else argparse looks for a translation of each of its words on disk
os.environ.update({variable: str(_HOME / variable.lower()) for variable in _HOME_VARIABLES})
if "XDG_RUNTIME_DIR" not in os.environ:
    (_HOME / "runtime").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(_HOME / "runtime")

# Everyone has the profile "ci": the same examples on every machine, nothing kept. "explore" looks
# for new ones (./dev explore), "quick" is for trying versions. With "mutants" one failing example
# of a changed program is enough, however long it is.
_PHASES = [phase for phase in Phase if phase not in {Phase.shrink, Phase.explain}]
_CI = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "1000"))
settings.register_profile("ci", parent=_CI)
settings.register_profile("explore", parent=_CI, derandomize=False, max_examples=_EXAMPLES)
settings.register_profile("quick", parent=_CI, max_examples=20)
settings.register_profile("mutants", parent=_CI, phases=_PHASES)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# What differs from a kept text is shown line by line, as in the tests themselves.
pytest.register_assert_rewrite("tests.kept_texts")


@given(strategies.none())
def _nothing(_: None) -> None:
    """Let Hypothesis begin."""


def pytest_collection_finish() -> None:
    """Let the collector pass over the tests themselves, which stay to the end."""
    _nothing()  # Hypothesis looks once for who holds NumPy's random numbers; later it finds none
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Remove the temporary home of the whole run."""
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture
def settings_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test a settings directory of its own, empty, that programs it starts see too."""
    directory = tmp_path / "config"
    directory.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory))
    return directory

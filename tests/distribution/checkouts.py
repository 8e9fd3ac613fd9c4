"""What the README tells to type in a fresh clone, word for word, in bare systems of Debian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.distribution.commands import ROOT, FailedError, run, say

if TYPE_CHECKING:
    from tests.distribution.bare_system import BareSystem

_CLONE = "opt/clone"
_SOME_TESTS = "tests/core tests/gui/shell/test_app.py"
"""All of them take minutes in each system: ./dev test without arguments is CI's."""


def try_dev(system: BareSystem) -> None:
    """Run `./dev run`, then a part of `./dev test`, where not even Python is installed."""
    _clone(system)
    told = system.run(f"cd /{_CLONE} && ./dev run")
    if " 84 " not in told or " 14 " not in told:
        raise FailedError(f"./dev run does not count 84 and 14 zaps: {told}")
    picture = system.root / _CLONE / "mtrrviz.png"
    if not picture.is_file():
        raise FailedError("./dev run makes no picture of the window")
    told = system.run(f"cd /{_CLONE} && ./dev test {_SOME_TESTS} -q -m 'not slow'")
    say(f"{system.title}: ./dev run, and ./dev test {_SOME_TESTS}: {told.splitlines()[-1]}")


def try_pipx(system: BareSystem) -> None:
    """Run the README's pipx line, and do what the program then tells to do."""
    _clone(system)
    system.run("apt-get update -q && apt-get install -yq --no-install-recommends pipx")
    (line,) = (
        part.partition("#")[0].strip()
        for part in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if part.strip().startswith("pipx install")
    )
    system.run(f"cd /{_CLONE} && {line}")
    program = "/root/.local/bin/mtrrviz"
    told = system.run(f"{program} run ovmf-8vcpu-2g --policy per-vm")
    if " 14 " not in told:
        raise FailedError(f"the program of pipx counts no 14 zaps: {told}")
    picture = f"{program} render sandbox -o /opt/x.png"
    told = system.run(f"{picture} 2>&1 || true").strip()
    command = told.rpartition("`sudo ")[2].partition("`")[0]
    if len(told.splitlines()) != 1 or not command.startswith("apt-get install "):
        raise FailedError(f"no line says how to get the libraries below Qt: {told}")
    system.run(f"{command} -yq --no-install-recommends && {picture}")
    system.run(f"{program} desktop install && {program} desktop remove")
    say(f"{system.title}: {line}; then `{command}` for the window")


def _clone(system: BareSystem) -> None:
    run("git", "clone", "--quiet", "--no-hardlinks", ROOT, system.root / _CLONE)

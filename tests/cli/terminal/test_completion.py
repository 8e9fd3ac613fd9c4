"""`mtrrviz completion`: scripts made of the parser, tried in the shells that are here."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from mtrrviz.cli.completion_command import SHELLS, completion_script
from mtrrviz.cli.parser import COMMANDS, command_parser
from mtrrviz.core.policies import policy_ids

BASH = """\
source {script}
COMP_WORDS=({words})
COMP_CWORD={last}
_shtab_mtrrviz mtrrviz "{word}" "{before}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(tmp_path, line):
    """Return what bash offers for the last word of a command line."""
    script = tmp_path / "mtrrviz"
    script.write_text(completion_script(command_parser(), "bash"))
    words = line.split(" ")
    text = BASH.format(
        script=script, words=line, last=len(words) - 1, word=words[-1], before=words[-2]
    )
    done = subprocess.run(
        ["bash", "-c", text], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_options_and_policies(tmp_path):
    assert completed(tmp_path, "mtrrviz comp") == ["compare", "completion"]
    assert completed(tmp_path, "mtrrviz sweep --js") == ["--json"]
    offered = completed(tmp_path, "mtrrviz run --policy kvm-")
    assert offered == [one for one in policy_ids() if one.startswith("kvm-")]


def test_bash_completes_files(tmp_path):
    (tmp_path / "boot.toml").touch()
    assert completed(tmp_path, "mtrrviz run boot") == ["boot.toml"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_every_script(mtrrviz, shell):
    script = mtrrviz("completion", shell).out
    assert script == completion_script(command_parser(), shell)
    assert [name for name in COMMANDS if name not in script] == []
    assert [one for one in policy_ids() if one not in script] == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shells_that_are_here_can_read_their_script(tmp_path, shell):
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"no {shell} here")
    script = tmp_path / "script"
    script.write_text(completion_script(command_parser(), shell))
    done = subprocess.run([found, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_shell_is_refused(refused):
    assert "'csh'" in refused("completion", "csh")

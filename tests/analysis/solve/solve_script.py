"""The script that solving for a log prints, and what it writes."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from pathlib import Path

from mtrrviz.cli import main

_WRITE = re.compile(r"^wrmsr -a (0x[0-9a-f]+) (0x[0-9a-f]+)", re.MULTILINE)


def script(text: str) -> str:
    """Return the script of wrmsr that solving for a log prints, "" where it prints none."""
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.txt")
        log.write_text(text, encoding="utf-8")
        command = ["solve", str(log), "--machine", "host", "--format", "wrmsr"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            assert main(command) in (0, 1, 2)
    return out.getvalue()


def writes(printed: str) -> dict[int, int]:
    """Return the values that a script writes in the end, by MSR number."""
    return {int(msr, 16): int(value, 16) for msr, value in _WRITE.findall(printed)}

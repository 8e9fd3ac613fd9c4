"""Driving a program on a virtual screen: start it, move the mouse, press keys, read the screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).resolve().parents[2]
#: Longest wait for anything, generous: machines are shared.
PATIENCE_S = 60.0


def wait_for(check: Callable[[], Any], what: str) -> Any:
    """Return the first true answer of ``check``; AssertionError when it never comes."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = check()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain for {what}")


class Screen:
    """A virtual X screen with a window manager."""

    def __init__(self, size: str = "1280x800") -> None:
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
            pass_fds=(write,),
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as numbers:
            self.display = f":{numbers.readline().strip()}"
        self.environment = {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}
        self._manager = subprocess.Popen(
            ["openbox", "--sm-disable"], env=self.environment, stderr=subprocess.DEVNULL
        )

    def xdotool(self, *arguments: str | int) -> None:
        """Make real input events."""
        command = ["xdotool", *map(str, arguments)]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def lose(self) -> None:
        """End the server at once, as a crash of it does."""
        self._server.kill()
        self._server.wait(10)

    def close(self) -> None:
        """Take the screen away."""
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(10)


def tools_missing() -> list[str]:
    """Return the programs that a virtual screen needs and that are not there."""
    return [tool for tool in ("Xvfb", "openbox", "xdotool") if shutil.which(tool) is None]


class Program:
    """The program in a window on a screen."""

    def __init__(self, screen: Screen, scenario: str, settings_dir: Path) -> None:
        self._screen = screen
        environment = {
            **screen.environment,
            "XDG_CONFIG_HOME": str(settings_dir),
            "PYTHONPATH": str(_ROOT),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.probe", scenario],
            env=environment,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: self.ask("ready"), "the window")
        wait_for(lambda: self.ask("active"), "the window to have the keyboard")

    def ask(self, verb: str, *arguments: Any) -> Any:
        """Ask the probe; LookupError where it has no answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([verb, *arguments]) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        if isinstance(answer, dict) and "error" in answer:
            raise LookupError(answer["error"])
        return answer

    def text(self, name: str) -> str:
        """Return what a widget shows."""
        return str(self.ask("text", name))

    def click(self, name: str, fx: float = 0.5, fy: float = 0.5, *, count: int = 1) -> None:
        """Click into a widget at fractions of its size."""
        x, y = self.ask("where", name, fx, fy)
        self._screen.xdotool("mousemove", x, y)
        self._screen.xdotool("click", "--repeat", count, "--delay", 40, 1)

    def drag(self, name: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press, move and release the left button inside a widget."""
        self._screen.xdotool("mousemove", *self.ask("where", name, *start), "mousedown", 1)
        for part in (0.3, 0.6, 1.0):
            fx, fy = (a + (b - a) * part for a, b in zip(start, end, strict=True))
            self._screen.xdotool("mousemove", *self.ask("where", name, fx, fy))
        self._screen.xdotool("mouseup", 1)

    def wheel(self, name: str, *, up: bool, count: int = 1) -> None:
        """Turn the wheel over the middle of a widget."""
        self._screen.xdotool("mousemove", *self.ask("where", name))
        self._screen.xdotool("click", "--repeat", count, 4 if up else 5)

    def key(self, *keys: str) -> None:
        """Press keys, xdotool's names."""
        self._screen.xdotool("key", "--delay", 30, *keys)

    def click_at(self, x: int, y: int) -> None:
        """Click a place of the screen."""
        self._screen.xdotool("mousemove", x, y, "click", 1)

    def write(self, text: str) -> None:
        """Type text into what has the focus."""
        self._screen.xdotool("type", "--delay", 6, text)

    def enter(self, text: str) -> None:
        """Type text into what has the focus, and Return."""
        self._screen.xdotool("type", "--delay", 6, text)
        self.key("Return")

    def wait_until(self, check: Callable[[], Any], what: str) -> Any:
        """Wait until ``check`` is true."""
        return wait_for(check, what)

    def settled(self) -> None:
        """Wait until no simulation is under way."""
        wait_for(lambda: not self.ask("busy"), "the simulation")

    def ended(self) -> int:
        """Wait until the program ends by itself and return its exit code."""
        return self._process.wait(PATIENCE_S)

    def close(self) -> None:
        """End the program as the end of its input does."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(20)

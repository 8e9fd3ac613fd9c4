"""A headless Chromium that is told what to do over a pipe, in the DevTools protocol."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

from tests.narrow import there

#: The browser reads from descriptor 3 and writes to 4.
_AT_3_AND_4 = """
import os, sys
ends = [os.dup(os.dup(os.dup(int(end)))) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser():
    """Return the path of a Chromium, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of one browser, whose profile is in ``folder``."""

    def __init__(self, folder, *options):
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        command = [
            *(sys.executable, "-c", _AT_3_AND_4, str(to_read), str(to_write)),
            *(there(find_browser()), "--headless", "--no-sandbox", "--disable-gpu"),
            *("--remote-debugging-pipe", "--window-size=1160,900", f"--user-data-dir={folder}"),
            *options,
        ]
        self._process = subprocess.Popen(
            command,
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._number, self._rest, self._session = 0, b"", None
        self.said = []

    def call(self, method, **parameters):
        """Ask something of the browser and return the answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.said.append(answer)

    def _read(self):
        while b"\0" not in self._rest:
            more = os.read(self._from, 1 << 16)
            assert more, "the browser has gone"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, url):
        """Open a page and wait until it is loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=url)
        self.run("new Promise(f => document.readyState === 'complete' ? f() : (onload = f))")

    def run(self, script):
        """Return what a script comes to in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key, code=""):
        """Press a key."""
        text = {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, **text)

    @property
    def complaints(self):
        """Errors of scripts and of the security policy, and addresses that were asked for."""
        errors = [s for s in self.said if s.get("method") == "Runtime.exceptionThrown"]
        logged = [s["params"] for s in self.said if s.get("method") == "Log.entryAdded"]
        asked = [
            s["params"]["request"]["url"]
            for s in self.said
            if s.get("method") == "Network.requestWillBeSent"
        ]
        return errors + logged + [url for url in asked if not url.startswith("file:")]

    def close(self):
        """End the browser."""
        self._process.terminate()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

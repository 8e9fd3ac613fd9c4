"""A bare system of Debian in a folder, to try things in and throw away."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from tests.distribution.commands import WORK, run, say

SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
_MIRROR = "http://deb.debian.org/debian"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_TRUSTED = "/opt/trusted.crt"
_ENVIRONMENT = {
    "HOME": "/root",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    "PIP_CERT": _TRUSTED,  # pip trusts there whom it trusts here
}


class BareSystem:
    """A copy of a fresh system, which is made once."""

    def __init__(self, suite: str) -> None:
        self.title = SUITES[suite]
        self.root = WORK / "debian" / f"{suite}-tried"
        shutil.rmtree(self.root, ignore_errors=True)
        run("cp", "-a", _fresh(suite), self.root)
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        shutil.copy(_CERTIFICATES, self.root / _TRUSTED.removeprefix("/"))

    def run(self, command: str) -> str:
        """Run a line of shell in the system and return what it prints."""
        root = shlex.quote(str(self.root))
        mounts = f"mount -t proc proc {root}/proc && mount -t tmpfs tmpfs {root}/dev/shm"
        values = " ".join(f"{name}={value}" for name, value in _ENVIRONMENT.items())
        enter = f"exec env -i {values} chroot {root} sh -ec "
        line = f"mkdir -p {root}/dev/shm && {mounts} && {enter}"
        return run("unshare", "--mount", "--fork", "sh", "-ec", line + shlex.quote(command))


def _fresh(suite: str) -> Path:
    base = WORK / "debian" / suite
    if not (base / "made").exists():
        shutil.rmtree(base, ignore_errors=True)
        base.parent.mkdir(parents=True, exist_ok=True)
        say(f"debootstrap {suite}")
        run("debootstrap", "--variant=minbase", suite, base, _MIRROR)
        (base / "made").touch()
    return base

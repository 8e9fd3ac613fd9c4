"""The Debian package: the bundle in /usr/lib, with menu entry, man page and completions.

It carries Python and Qt of its own, so that one package suits Debian 12 and 13; what it shares with
the system are the libraries below Qt.
"""

from __future__ import annotations

import gzip
import importlib.util
import platform
import shutil
import sys
from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING

from mtrrviz import __version__
from mtrrviz.cli.completion_command import completion_script
from mtrrviz.cli.desktop_command import FILES
from mtrrviz.cli.parser import command_parser
from mtrrviz.core.project import HOMEPAGE
from tests.distribution.bundle import size_mib
from tests.distribution.commands import DIST, ROOT, WORK, epoch, run, say
from tests.distribution.man_page import man_page

if TYPE_CHECKING:
    from pathlib import Path

_COMPLETIONS = {
    "bash": "bash-completion/completions/mtrrviz",
    "zsh": "zsh/vendor-completions/_mtrrviz",
    "fish": "fish/vendor_completions.d/mtrrviz.fish",
}
_CONTROL = """\
Package: mtrrviz
Version: {version}
Architecture: {architecture}
Maintainer: the mtrrviz authors <mtrrviz@users.noreply.github.com>
Installed-Size: {size_kib}
Depends: {depends}
Section: devel
Priority: optional
Homepage: {homepage}
Description: see how KVM turns guest MTRRs into EPT memory types
 A window and a command line that replay how KVM chooses the memory type of
 every page of a guest, and what the zaps of the EPT cost.
 .
 Python, Qt and numpy are inside: {size_mib} MiB once installed.
"""
_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Source: {homepage}

Files: *
Copyright: the mtrrviz authors
License: Expat

License: Expat
{text}
Comment: The folder /usr/lib/mtrrviz also holds Python (PSF-2.0), Qt and PySide6 (LGPL-3), numpy,
 msgspec and other parts under their own licences, which lie beside them.
"""


def make(folder: Path) -> Path:
    """Return the package made of the bundle."""
    say("Debian package (dpkg-deb)")
    tree = WORK / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(folder, tree / "usr/lib/mtrrviz", symlinks=True)
    (tree / "usr/bin").mkdir()
    (tree / "usr/bin/mtrrviz").symlink_to("../lib/mtrrviz/mtrrviz")
    for name, content in _shared_files().items():
        path = tree / "usr/share" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _write_control(tree)
    for path in tree.rglob("*"):
        if not path.is_symlink():
            is_program = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if is_program else 0o644)
    architecture = run("dpkg", "--print-architecture").strip()
    package = DIST / f"mtrrviz_{__version__}_{architecture}.deb"
    env = {"SOURCE_DATE_EPOCH": epoch()}
    run("dpkg-deb", "--root-owner-group", "-Zxz", "-z4", "--build", tree, package, env=env)
    say(f"{package}: {package.stat().st_size >> 20} MiB, {size_mib(tree)} MiB once installed")
    return package


def _shared_files() -> dict[str, bytes]:
    """Return what goes below /usr/share, by name."""
    files = {name: (ROOT / "resources" / source).read_bytes() for name, source in FILES.items()}
    files |= {
        name: completion_script(command_parser(), s).encode() for s, name in _COMPLETIONS.items()
    }
    page = man_page(int(epoch())).encode()
    files["man/man1/mtrrviz.1.gz"] = gzip.compress(page, mtime=0)
    lines = (ROOT / "LICENSE").read_text(encoding="utf-8").strip().splitlines()
    text = "\n".join(f" {line or '.'}" for line in lines)
    copyright_text = _COPYRIGHT.format(homepage=HOMEPAGE, text=text)
    return files | {"doc/mtrrviz/copyright": copyright_text.encode()}


def _write_control(tree: Path) -> None:
    """Write what dpkg reads of the package."""
    text = _CONTROL.format(
        version=__version__,
        architecture=run("dpkg", "--print-architecture").strip(),
        size_kib=size_mib(tree) << 10,
        size_mib=size_mib(tree),
        depends=", ".join(depends()),
        homepage=HOMEPAGE,
    )
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(text, encoding="utf-8")


def depends() -> list[str]:
    """Return the packages of the libraries below Qt, and the C library that the bundle needs."""
    loader = SourceFileLoader("dev", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("dev", loader)
    assert spec is not None
    dev = importlib.util.module_from_spec(spec)
    sys.modules["dev"] = dev
    loader.exec_module(dev)
    libraries = sorted(" | ".join(need.packages) for need in dev.QT_NEEDS)
    return [f"libc6 (>= {platform.libc_ver()[1]})", *libraries]

"""The one way in which the program writes files: all of the new content is there, or the old.

New content goes to a file beside, which is synced, renamed over the old one, and the folder is
synced: after a crash or a power cut there is one of both. The file beside is locked while it is
written, so that one that nobody holds is known to be left by a program that died; the next that
writes in the folder removes it.

What is made of several files, or by another program, is made in a folder beside (see
:func:`folder_beside`), which is locked and cleaned up in the same way.

Where a rename would lose something, the old file is written in place: when it has other names (hard
links), an owner that cannot be given to another file, or lies in a folder that takes no new files.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_PREFIX, _SUFFIX = ".mtrrviz-", ".part"
_LEFTOVER = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{16}}{re.escape(_SUFFIX)}")
_NEW_MODE, _PRIVATE_MODE = 0o666, 0o600
"""A new file gets what the umask leaves of its mode; what replaces another is private at first."""
_FOLDER_MODE = 0o755
_ANYONE_WRITES = 0o222
_PIPE_TRIES, _PIPE_TRY_S = 20, 0.05
"""How long a pipe's reader may take to open it."""


def write_whole(path: Path, data: bytes, *, over_read_only: bool = False) -> None:
    """Write ``data`` to ``path`` so that either all of it or the old content is there."""
    write_whole_parts(path, (data,), over_read_only=over_read_only)


def write_whole_parts(path: Path, parts: Iterable[bytes], *, over_read_only: bool = False) -> None:
    """Write ``parts`` one after the other to ``path``, all of them or none.

    A link stays one: the file that it leads to is written. Who owns, reads and writes a file, its
    extended attributes and its other names stay as they were. A read-only file is refused unless
    ``over_read_only``. What is no regular file (a pipe, a device) is written as it comes; a pipe
    that nobody reads is refused. Raises OSError, which names ``path``.
    """
    with _naming(path):
        target = path.resolve()
        old = _status(target)
        if old is not None and not stat.S_ISREG(old.st_mode):
            with _opened_special(target, old) as stream:
                stream.writelines(parts)
        elif old is not None and not over_read_only and is_read_only(target):
            raise PermissionError(errno.EACCES, "The file is read-only", str(path))
        elif old is None:
            _replace(target, parts, None)
        elif old.st_nlink > 1 or not _takes_files(target.parent):
            _overwrite(target, b"".join(parts), old)
        else:
            _replace(target, parts, old)


def is_read_only(path: Path) -> bool:
    """Whether there is a file that its permissions protect from being written by this user."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not mode & _ANYONE_WRITES or not os.access(path, os.W_OK)


def require_writable(path: Path) -> None:
    """Raise OSError if writing ``path`` would be refused, before long work that ends in it."""
    with _naming(path):
        target = path.resolve()
        if is_read_only(target):
            raise PermissionError(errno.EACCES, "The file is read-only", str(path))
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not target.exists():
            with _file_beside(target, _NEW_MODE):
                pass


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a power cut, where its file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Remove files and folders of writers that died; what a living one writes is locked."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        names = [entry.path for entry in entries if _LEFTOVER.fullmatch(entry.name)]
        for name in names:
            with contextlib.suppress(OSError):
                _remove_unlocked(name)


def _remove_unlocked(name: str) -> None:
    """Remove what nobody holds. A pipe of its name would let whoever opens it wait."""
    handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(name) if stat.S_ISDIR(mode) else Path(name).unlink()
    finally:
        os.close(handle)


@contextlib.contextmanager
def folder_beside(path: Path) -> Generator[Path]:
    """Give an empty, locked folder beside what ``path`` leads to; it is gone at the end.

    Raises OSError, which names ``path`` where it would name the folder.
    """
    with _naming(path):
        parent = Path(os.path.realpath(path)).parent
        remove_leftovers(parent)
        beside, handle = _made_folder(parent)
        try:
            yield beside
        finally:
            shutil.rmtree(beside, ignore_errors=True)
            os.close(handle)


def _made_folder(parent: Path) -> tuple[Path, int]:
    """Make a folder with a name of its own and lock it; return it and the handle of the lock."""
    while True:
        beside = parent / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        beside.mkdir(_FOLDER_MODE)
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(beside, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                return beside, handle
            os.close(handle)  # taken for a leftover before it was locked


def _replace(target: Path, parts: Iterable[bytes], old: os.stat_result | None) -> None:
    """Write a file beside the target and rename it, as the old one in all but its content."""
    remove_leftovers(target.parent)
    with _file_beside(target, _NEW_MODE if old is None else _PRIVATE_MODE) as (stream, beside):
        stream.writelines(parts)
        stream.flush()
        if old is not None and not _becomes(stream.fileno(), old, target):
            stream.seek(0)
            _overwrite(target, stream.read(), old)
            return
        os.fsync(stream.fileno())
        beside.replace(target)
    sync_folder(target.parent)


@contextlib.contextmanager
def _file_beside(target: Path, mode: int) -> Generator[tuple[BinaryIO, Path]]:
    """Give an empty, locked file in the target's folder; it is gone at the end unless renamed."""
    while True:
        beside = target.parent / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "w+b") as stream:
            try:
                # Without locks (some network file systems) nothing is taken for a leftover either.
                with contextlib.suppress(OSError):
                    fcntl.flock(handle, fcntl.LOCK_EX)
                if not os.fstat(handle).st_nlink:
                    continue  # taken for a leftover before it was locked
                yield stream, beside
                return
            finally:
                beside.unlink(missing_ok=True)


def _becomes(handle: int, old: os.stat_result, target: Path) -> bool:
    """Give a file the owner, permissions and attributes of the target; False if it cannot be."""
    new = os.fstat(handle)
    try:
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            os.fchown(handle, old.st_uid, old.st_gid)
        os.fchmod(handle, stat.S_IMODE(old.st_mode))  # after: a new owner takes away set-id bits
    except PermissionError:
        return False
    with contextlib.suppress(OSError, AttributeError):  # Linux alone has them under these names
        for name in os.listxattr(target):
            with contextlib.suppress(OSError):
                os.setxattr(handle, name, os.getxattr(target, name))
    return True


def _overwrite(target: Path, data: bytes, old: os.stat_result) -> None:
    """Write a file in place; room for all of it is taken first, so that a full disk harms nothing.

    A read-only file is made writable for that, as the caller asked for.
    """
    if is_read_only(target):
        target.chmod(stat.S_IMODE(old.st_mode) | stat.S_IWUSR)
    try:
        with target.open("r+b") as stream:
            if len(data) > old.st_size and hasattr(os, "posix_fallocate"):
                try:
                    os.posix_fallocate(stream.fileno(), 0, len(data))
                except OSError as error:
                    stream.truncate(old.st_size)
                    if error.errno not in {errno.EOPNOTSUPP, errno.EINVAL}:
                        raise
            stream.write(data)
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())
    finally:
        with contextlib.suppress(OSError):
            target.chmod(stat.S_IMODE(old.st_mode))


def _opened_special(target: Path, old: os.stat_result) -> BinaryIO:
    """Open what is no regular file; OSError for a pipe that nobody reads, which would never end."""
    if not stat.S_ISFIFO(old.st_mode):
        return target.open("wb")
    for _ in range(_PIPE_TRIES):
        try:
            handle = os.open(target, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            time.sleep(_PIPE_TRY_S)
        else:
            os.set_blocking(handle, True)
            return os.fdopen(handle, "wb")
    raise OSError(errno.ENXIO, "this is a pipe, and nothing reads from it")


def _takes_files(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _naming(path: Path) -> Generator[None]:
    """Let an error name the file that was asked for, and not the one beside it."""
    try:
        yield
    except OSError as error:
        if error.filename is None or _PREFIX in os.fsdecode(error.filename):
            raise OSError(
                error.errno or errno.EIO, error.strerror or str(error), str(path)
            ) from error
        raise
    except RuntimeError as error:  # Python before 3.13 on links in a circle
        if error.__cause__ is None and "Symlink loop" in str(error):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error
        raise

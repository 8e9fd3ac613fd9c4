"""All files are written by one routine: no other place in the program opens one to write it."""

from __future__ import annotations

import ast
from pathlib import Path

import mtrrviz

_PACKAGE = Path(mtrrviz.__file__).parent
_WRITERS = {
    "scenario/files/whole_file.py": "the routine itself",
    "session/journal/record_file.py": "appends to a journal, which is never replaced",
    "session/file_lock.py": "makes the locks of windows, which hold nothing",
    "exporters/playback/writing.py": "makes pictures in a new folder, renamed once it is complete",
    "exporters/playback/webp.py": "makes a picture in memory",
    "cli/options/inputs.py": "keeps standard input in a temporary file, which nobody sees",
}
_ALWAYS = {
    "write_text", "write_bytes", "savez", "savez_compressed", "savetxt", "tofile", "copyfile",
    "copy2", "copytree", "mkstemp", "NamedTemporaryFile", "fdopen", "QSaveFile", "QTemporaryFile",
    "QPdfWriter", "setFileName",
}  # fmt: skip
_READING = set("rbt")


def name_of(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def words_of(call: ast.Call) -> set[str]:
    """Return the plain names of the object that is called and of its first argument."""
    function = call.func
    owner = [function.value] if isinstance(function, ast.Attribute) else []
    return {part.id for part in [*owner, *call.args[:1]] if isinstance(part, ast.Name)}


def modes(call: ast.Call) -> list[str]:
    """Return the words among the arguments that can be modes of ``open``."""
    given = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    words = [arg.value for arg in given if isinstance(arg, ast.Constant)]
    return [word for word in words if isinstance(word, str) and 0 < len(word) <= 3]


def writes(call: ast.Call) -> bool:
    name = name_of(call)
    if name == "save":  # a picture's own, unless it goes to a buffer
        return bool(call.args) and "buffer" not in words_of(call) and "self" not in words_of(call)
    if name in {"savez", "savez_compressed"}:
        return not (isinstance(call.args[0], ast.Name) and call.args[0].id == "data")
    if name == "open":
        return any(set(mode) - _READING and set(mode) <= set("rwaxbt+") for mode in modes(call))
    if name == "QPdfWriter":
        return "buffer" not in words_of(call)
    return name in _ALWAYS


def found_in(text: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and writes(node)
    ]


def test_only_the_routine_writes_files() -> None:
    others = {
        f"{path.relative_to(_PACKAGE)}:{line}"
        for path in _PACKAGE.rglob("*.py")
        if str(path.relative_to(_PACKAGE)) not in _WRITERS
        for line in found_in(path.read_text())
    }
    assert others == set()


def test_ways_to_write_are_found() -> None:
    ways = [
        'open(path, "w")', 'path.open("ab")', 'open(path, mode="r+")', 'path.write_text("x")',
        "image.save(str(name))", "np.savez_compressed(path, **columns)", "shutil.copyfile(a, b)",
        "tempfile.mkstemp()", "os.fdopen(handle, 'wb')",
    ]  # fmt: skip
    assert [way for way in ways if not found_in(way)] == []
    assert found_in('path.open("rb"); open(path); painter.save()') == []

"""No regular expression of the program takes more than linear time, whatever the text."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mtrrviz
from tests.packaging.ambiguity import ambiguity, automaton

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(mtrrviz.__file__).parent
FULL, AT_START = {"fullmatch"}, {"match", "fullmatch"}
FUNCTIONS = {
    "compile",
    "match",
    "search",
    "fullmatch",
    "findall",
    "finditer",
    "sub",
    "subn",
    "split",
}


@dataclass(frozen=True)
class Used:
    """A pattern and how it is used, as far as the source tells."""

    where: str
    pattern: str | bytes
    flags: int
    is_search: bool
    is_full: bool


@cache
def every_pattern() -> tuple[list[Used], list[str]]:
    """Return all patterns of the program, and where a pattern is not known before it runs."""
    found: list[Used] = []
    unknown: list[str] = []
    for path in sorted(ROOT.rglob("*.py")):
        source = path.read_text()
        if "import re\n" in source:
            name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            found.extend(_patterns_of(name.removesuffix(".__init__"), source, unknown))
    return found, unknown


def _patterns_of(name: str, source: str, unknown: list[str]) -> Iterator[Used]:
    module = importlib.import_module(name)
    tree = ast.parse(source)
    uses = _uses(tree)
    named = {
        id(node.value): node.targets[0] for node in ast.walk(tree) if isinstance(node, ast.Assign)
    }
    known = set[str | bytes]()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        function = node.func
        if ast.unparse(function.value) != "re" or function.attr not in FUNCTIONS:
            continue
        where = f"{name}:{node.lineno}"
        methods = {function.attr}
        if function.attr == "compile":
            target = named.get(id(node))
            methods = uses.get(ast.unparse(target), set()) if target is not None else set[str]()
        try:
            pattern, flags = _evaluated(node, module.__dict__)
        except NameError:
            unknown.append(where)
            continue
        known.add(pattern)
        is_search = not methods or not methods <= AT_START
        yield Used(where, pattern, flags, is_search, bool(methods) and methods <= FULL)
    for pattern in _patterns_in(list(vars(module).values())):
        if pattern.pattern in known:
            continue
        yield Used(
            name, pattern.pattern, pattern.flags & ~re.UNICODE, is_search=False, is_full=False
        )


def _uses(tree: ast.AST) -> dict[str, set[str]]:
    """Return the methods that are called of each name."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
            found.setdefault(ast.unparse(node.value), set()).add(node.attr)
    return found


def _evaluated(call: ast.Call, names: dict[str, Any]) -> tuple[str | bytes, int]:
    pattern = eval(ast.unparse(call.args[0]), names)
    flags = 0
    for argument in (*call.args[1:], *(keyword.value for keyword in call.keywords)):
        text = ast.unparse(argument)
        if text.startswith("re."):
            flags |= int(eval(text, names))
    return pattern, flags


def _patterns_in(values: list[Any]) -> Iterator[re.Pattern[Any]]:
    for value in values:
        if isinstance(value, re.Pattern):
            yield value
        elif isinstance(value, (tuple, list, set, frozenset)):
            yield from _patterns_in(list(value))
        elif isinstance(value, dict):
            yield from _patterns_in([*value.keys(), *value.values()])


#: Patterns that the analysis cannot tell or that no file makes slow: how many, and why.
REASONS = {
    "exporters.report.report_style": (2, "reads the program's own style sheet"),
    "handbook.help_links": (1, OWN_PAGES := "reads the pages that come with the program"),
    "handbook.help_page": (1, OWN_PAGES),
    "handbook.page_text": (3, OWN_PAGES),
    "importers.dumps.e820": (1, SIGNATURE := "is looked for in 400 characters of a line"),
    "importers.dumps.msr_tools.msr_list": (1, SIGNATURE),
    "importers.dumps.proc_mtrr": (1, SIGNATURE),
    "importers.traces.trace_cmd": (1, SIGNATURE),
    "importers.dumps.msr_tools.rdmsr": (1, "is only matched from the start of a line"),
    "importers.lines.markup": (1, "an = without digits is at the end; tried below"),
    "lessons.reading.part_source": (
        1,
        MESSAGE := "the message has both marks: the first try succeeds",
    ),
    "scenario.files.loader": (1, MESSAGE),
    "scenario.files.endless_keys": (1, "keeps what it took, token by token; tried below"),
    "scenario.files.writing.toml_blocks": (3, "reads what the TOML reader took; tried below"),
}
#: Too large to be analysed, and tried below.
LARGE = "scenario.files.broad_text"
#: Patterns that are made while the program runs, for examples of what they are made of.
MADE = {
    "handbook.handbook": (r"(?<!\w)word", True),
    "handbook.terms_in_text": (r"(?<!\w)(?P<name>(?i:zap)|WB)(?:'s|s|es|ing|ped)?(?!\w)", True),
    "lessons.reading.part_source": (r"[ \t]*key[ \t]*=", False),
    "scenario.files.data_files.own_data": (
        r"name(?:-\d+)?\.[0-9a-f]{16}\.(?:touches\.npz|x)",
        False,
    ),
    "scenario.files.source": (r"(?m)^[ \t]*key[ \t]*=", True),
}
#: Long lines and texts that are hard to divide, tried where a square of their length would not end.
TRIED = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers import import_texts
from mtrrviz.importers.lines import markup
from mtrrviz.scenario.files.broad_text import too_broad
from mtrrviz.scenario.files.endless_keys import endless_key_line
from mtrrviz.scenario.files.toml_text import TomlError, toml_data
from mtrrviz.scenario.files.writing import toml_blocks
N = 1 << 17
for part in ('"', "'",
             '\\\\', '\\\\"', ".", "a.", "a", " ", "#", "[", "{", ",", "= ", '""', "''\'"):
    endless_key_line(part * N)
    too_broad("x = " + part * N)
    too_broad((part + "\\n") * (N // 8))
for part in ("=", "=A", "= ", "=0A", "a"):
    markup._PRINTABLE.match(part * N + "=x")
for text in ("x = a" + " " * N + '"', "x = " + "a " * N + '"', "x" + " " * N, " " * N + "x"):
    toml_blocks._SIMPLE_LINES.match(text)
    toml_blocks._SIMPLE_REST.match(text[4:])
    toml_blocks._TOKEN.match(text)
for name in ('"' + " " * N + '"', '"' + "(" * N + '"'):
    try:
        toml_data(f"[{name}]\\n[{name}]\\n")
    except TomlError:
        pass
for line in ("IA32_MTRR_DEF_TYPE" + " " * N + "x", "0x2ff" + " " * N + "x", "alias a" + " @ a" * N,
             "```" + " " * N + "x", '"a"' + " " * N + "x", "=" * N, " " * N + "x"):
    try:
        import_texts([("x", f"0x2ff c06\\n{line[: N + 40]}\\n0x277 6\\n".encode())])
    except MtrrvizError:
        pass
"""


def module_of(where: str) -> str:
    return where.partition(":")[0].removeprefix("mtrrviz.")


def test_the_analysis_tells_linear_patterns_from_others():
    for pattern, is_search, is_linear in (
        (r"a*a*b", False, False),
        (r"\s*$", True, False),
        (r"^\s*$", True, True),
        (r"(?m)^\s*$", True, False),
        (r"(a+)+b", False, False),
        (r"a+b", False, True),
        (r"a+b", True, False),
        (r"\ba+b", True, True),
        (r"a++b", True, False),
        (r"a*+a*b", False, True),
        (r"\s*(.*)", False, True),
        (r"(.*)\s*$", False, True),
        (r".*,.*x", False, False),
        (r"(?:\d+,?){1,20}x", False, False),
        (r"x(?=a*a*b)", False, False),
        (r"(?:[^\"\\]|\\.)*+\"", False, True),
        (r"(?:a|ab|b)*c", False, False),
        (r"(?:\w{2,20} ?){1,12}x", False, False),
        (r"\w{2,20}(?: \w{2,20}){0,11}x", False, True),
        (r"(?:x|=[0-9]{2})*$", False, True),
    ):
        made = automaton(pattern, 0, is_search=is_search, is_full=False)
        assert (ambiguity(made) is None) is is_linear, (pattern, is_search)


def test_every_pattern_takes_linear_time():
    found, made_later = every_pattern()
    assert len(found) > 300
    assert {module_of(where) for where in made_later if "importers" not in where} == set(MADE)
    wrong = Counter(module_of(used.where) for used in found if is_ambiguous(used))
    assert wrong == {module: count for module, (count, _) in REASONS.items()}
    for pattern, is_search in MADE.values():
        assert not is_ambiguous(Used("made", pattern, 0, is_search, is_full=False))


def test_what_is_not_proven_takes_no_square_of_the_length():
    """The limit of processor time is some ten times what they take; a square would take hours."""
    done = subprocess.run(
        [sys.executable, "-c", TRIED], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def is_ambiguous(used: Used) -> bool:
    if module_of(used.where) == LARGE:
        return False
    made = automaton(used.pattern, used.flags, is_search=used.is_search, is_full=used.is_full)
    return ambiguity(made) is not None


if __name__ == "__main__":
    found, unknown = every_pattern()
    for one in found:
        if is_ambiguous(one):
            print(one)

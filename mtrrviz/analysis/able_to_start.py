"""Whether this program can start processes of its own kind."""

from __future__ import annotations

import ast
import sys
from pathlib import Path


def why_no_processes() -> str:
    """Return why no process can be started from the program that runs, "" if some can.

    A new process first imports the main script; one that sweeps when it is imported would start
    processes without end, which Python stops with an error.
    """
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if file is None:  # a notebook, an interpreter: nothing is imported again
        return ""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):  # a program that is no script
        return ""
    tests = (ast.unparse(node.test) for node in tree.body if isinstance(node, ast.If))
    if any("__name__" in test for test in tests):
        return ""
    return f'{Path(file).name} has no `if __name__ == "__main__":`, under which it would sweep'

"""The list of the program's texts has what users read, and not what only its authors do."""

from __future__ import annotations

import ast

from tests.texts.__main__ import texts_of

SOURCE = '''
"""A docstring of words."""

def greet(name):
    """Another docstring of words."""
    say("Two words", key="one_word")
    say(f"{name} fills in")
    return "x y"
'''


def test_texts_are_listed_with_their_lines():
    found = sorted(texts_of(ast.parse(SOURCE)))
    assert found == [(6, "Two words"), (7, "{name} fills in"), (8, "x y")]

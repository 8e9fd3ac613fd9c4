"""Whether a regular expression may take more than linear time: its ambiguity, found in its syntax.

A backtracking matcher takes time by the square, or worse, if some text can be divided between two
loops in many ways and then not match: there are two places p and q of the pattern and a word w such
that reading w leads from p to p, from p to q and from q to q. Here the pattern becomes its position
automaton (Glushkov's), and such a word is looked for. A search tries all starts: that is one more
loop, of any characters, in front.

A repeat with a bound counts as constant, unless it is of repeats.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

_MOST_COPIES = 4
_MANY = 5
ALPHABET = [chr(code) for code in (*range(256), 0x2028, 0x3B1, 0x661)]
EVERY = (1 << len(ALPHABET)) - 1
LINE_FEED = 1 << ALPHABET.index("\n")
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def set_of(test) -> int:
    return sum(1 << number for number, char in enumerate(ALPHABET) if test(char))


@cache
def chars_between(low: int, high: int, ignores_case: bool) -> int:
    forms = (str.lower, str.upper) if ignores_case else (str,)
    return set_of(lambda char: any(low <= ord(form(char)[0]) <= high for form in forms))


CATEGORY_SETS = {kind: set_of(re.compile(text).match) for kind, text in _CATEGORIES.items()}


@dataclass
class Part:
    """A piece of a pattern: may it be empty, and which positions begin and end it.

    ``is_sure`` and ``sure``: being empty, or ending there, depends on nothing that stands around.
    """

    may_be_empty: bool
    first: set[int] = field(default_factory=set)
    last: set[int] = field(default_factory=set)
    sure: set[int] = field(default_factory=set)
    is_sure: bool = True


@dataclass
class Automaton:
    """Positions with the characters that they read, and which may follow which."""

    chars: list[int] = field(default_factory=list)
    follow: list[set[int]] = field(default_factory=list)
    atoms: list[frozenset[int]] = field(default_factory=list)
    """The groups around each position that never give back what they took."""
    lazy: set[int] = field(default_factory=set)
    """Positions that read no more than they must."""
    sure: set[int] = field(default_factory=set)
    """Positions after which the pattern matches, whatever comes."""
    ending: set[int] = field(default_factory=set)
    """Positions after which it matches at the end, or on another condition."""
    inner: list[Automaton] = field(default_factory=list)
    """Patterns that are looked for ahead or behind."""


def automaton(pattern: str | bytes, flags: int, *, is_search: bool, is_full: bool) -> Automaton:
    parsed = parser.parse(pattern, flags)
    return _finished(list(parsed), parsed.state.flags, is_search=is_search, is_full=is_full)


def _finished(items, flags: int, *, is_search: bool, is_full: bool) -> Automaton:
    builder = Builder(flags)
    tried = builder.starts() if is_search else []
    whole = builder.of(items)
    for start in tried:
        for position in whole.first:
            if _may_start(builder, start, position):
                builder.made.follow[start].add(position)
    builder.made.sure = set() if is_full else whole.sure
    builder.made.ending = whole.last
    return builder.made


def _may_start(builder: Builder, start: int, position: int) -> bool:
    """Whether the first position of a pattern may follow one of what is skipped before."""
    before, chars = builder.made.chars[start], builder.made.chars[position]
    match builder.anchors.get(position):
        case op.AT_BEGINNING:
            return bool(builder.flags & re.MULTILINE) and before == LINE_FEED
        case op.AT_BEGINNING_STRING:
            return False
        case op.AT_BOUNDARY if not chars & ~CATEGORY_SETS[op.CATEGORY_WORD]:
            return before != CATEGORY_SETS[op.CATEGORY_WORD]
        case _:
            return True


class Builder:
    """Makes the automaton of a parsed pattern."""

    def __init__(self, flags: int) -> None:
        self.made = Automaton()
        self.flags = flags
        self._is_in_many = False
        self.anchors: dict[int, object] = {}
        """What must hold before the first position of a pattern."""
        self._atoms: list[int] = []
        self._atom_numbers = itertools.count()

    def starts(self) -> list[int]:
        """Add positions that skip what is before a match: words, line ends, and others."""
        word = CATEGORY_SETS[op.CATEGORY_WORD]
        made = [self.position(chars) for chars in (word, LINE_FEED, EVERY & ~word & ~LINE_FEED)]
        numbers = [number for part in made for number in part.first]
        for number in numbers:
            self.made.follow[number] |= set(numbers)
        self.made.lazy |= set(numbers)
        return numbers

    def of(self, items) -> Part:
        whole, anchor = Part(may_be_empty=True), None
        for kind, value in items:
            part = self._item(kind, value)
            if anchor is not None and whole.may_be_empty:
                self.anchors |= dict.fromkeys(part.first, anchor)
            if kind is op.AT:
                anchor = value
            whole = self.joined(whole, part)
        return whole

    def joined(self, one: Part, two: Part) -> Part:
        for position in one.last:
            self.made.follow[position] |= two.first
        passes = two.may_be_empty and two.is_sure
        return Part(
            one.may_be_empty and two.may_be_empty,
            one.first | two.first if one.may_be_empty else one.first,
            one.last | two.last if two.may_be_empty else two.last,
            one.sure | two.sure if passes else two.sure,
            one.is_sure and two.is_sure,
        )

    def _item(self, kind, value) -> Part:  # noqa: PLR0911 - a kind a line
        match kind:
            case op.LITERAL | op.NOT_LITERAL | op.ANY | op.IN:
                return self.position(self._chars(kind, value))
            case op.BRANCH:
                return _either([self.of(items) for items in value[1]])
            case op.SUBPATTERN:
                _, add, remove, items = value
                before, self.flags = self.flags, self.flags & ~remove | add
                found = self.of(items)
                self.flags = before
                return found
            case op.MAX_REPEAT:
                return self._repeat(*value)
            case op.MIN_REPEAT:
                before = len(self.made.chars)
                found = self._repeat(*value)
                self.made.lazy |= set(range(before, len(self.made.chars)))
                return found
            case op.POSSESSIVE_REPEAT:
                return self._atomic(lambda: self._repeat(*value))
            case op.ATOMIC_GROUP:
                return self._atomic(lambda: self.of(value))
            case op.ASSERT | op.ASSERT_NOT:
                inner = _finished(value[1], self.flags, is_search=False, is_full=False)
                self.made.inner.append(inner)
                return Part(may_be_empty=True, is_sure=False)
            case op.AT:
                return Part(may_be_empty=True, is_sure=False)
            case _:
                raise NotImplementedError(str(kind))

    def _atomic(self, build) -> Part:
        self._atoms.append(next(self._atom_numbers))
        found = build()
        self._atoms.pop()
        return found

    def position(self, chars: int) -> Part:
        number = len(self.made.chars)
        self.made.chars.append(chars)
        self.made.follow.append(set())
        self.made.atoms.append(frozenset(self._atoms))
        return Part(may_be_empty=False, first={number}, last={number}, sure={number})

    def _chars(self, kind, value) -> int:
        if kind is op.ANY:
            return EVERY if self.flags & re.DOTALL else EVERY & ~LINE_FEED
        if kind is not op.IN:
            found = self._single(op.LITERAL, value)
            return EVERY & ~found if kind is op.NOT_LITERAL else found
        is_negated = value[0][0] is op.NEGATE
        found = 0
        for item in value[is_negated:]:
            found |= self._single(*item)
        return EVERY & ~found if is_negated else found

    def _single(self, kind, value) -> int:
        if kind is op.CATEGORY:
            return CATEGORY_SETS[value]
        low, high = value if kind is op.RANGE else (value, value)
        return chars_between(low, high, bool(self.flags & re.IGNORECASE))

    def _repeat(self, least: int, most, items) -> Part:
        if most is not op.MAXREPEAT and most >= _MANY:
            # A few places to divide a text at, each of many ways, are as bad as many.
            if self._is_in_many and least < most:
                most = op.MAXREPEAT
            elif varies(items):
                most, self._is_in_many = op.MAXREPEAT, True
                part = self._repeat(least, most, items)
                self._is_in_many = False
                return part
        before = len(self.made.chars)
        part = self.of(items)
        for _ in range(min(least, _MOST_COPIES) - 1):
            part = self.joined(part, self.of(items))
        if most is op.MAXREPEAT:
            if least:  # what must be there stands apart from what may
                again = self.of(items)
                self.close(again)
                part = self.joined(part, _optional(again))
            else:
                self.close(part)
        elif most > max(least, 1) and (
            1 < least <= _MOST_COPIES
            or any(loops(self.made, at) for at in range(before, len(self.made.chars)))
        ):
            part = self.joined(part, _optional(self.of(items)))
        return part if least else _optional(part)

    def close(self, part: Part) -> None:
        for position in part.last:
            self.made.follow[position] |= part.first


def varies(items) -> bool:
    """Whether pieces of a pattern may take one text in many lengths."""
    for kind, value in items:
        match kind:
            case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
                least, most, inner = value
                if (most - least if most is not op.MAXREPEAT else _MANY) >= _MANY or varies(inner):
                    return True
            case op.SUBPATTERN if varies(value[3]):
                return True
            case op.BRANCH if any(varies(inner) for inner in value[1]):
                return True
            case _:
                pass
    return False


def _optional(part: Part) -> Part:
    return Part(True, part.first, part.last, part.sure)


def _either(parts: list[Part]) -> Part:
    return Part(
        any(part.may_be_empty for part in parts),
        set().union(*(part.first for part in parts)),
        set().union(*(part.last for part in parts)),
        set().union(*(part.sure for part in parts)),
        any(part.may_be_empty and part.is_sure for part in parts),
    )


def reachable(made: Automaton, starts: set[int]) -> set[int]:
    """Return the positions that may come after some."""
    found: set[int] = set()
    waiting = [after for start in starts for after in made.follow[start]]
    while waiting:
        position = waiting.pop()
        if position not in found:
            found.add(position)
            waiting.extend(made.follow[position])
    return found


def loops(made: Automaton, position: int) -> bool:
    return position in reachable(made, {position})


def ambiguity(made: Automaton) -> tuple[int, int] | None:
    """Return two positions between which some text can be divided in many ways, None if none."""
    for inner in made.inner:
        found = ambiguity(inner)
        if found is not None:
            return found
    after = [reachable(made, {position}) for position in range(len(made.chars))]
    looping = [position for position in range(len(made.chars)) if position in after[position]]
    for p in looping:
        if _never_fails(made, p):
            continue
        for q in _also_reached(made, after, p).intersection(looping) - made.sure - {p}:
            # what p took is kept once q is reached in a group that gives nothing back
            if not made.atoms[p] - made.atoms[q] and _divides(made, after, p, q):
                return p, q
    return None


def _also_reached(made: Automaton, after: list[set[int]], p: int) -> set[int]:
    """Return where a word may lead from p that also leads from p to p."""
    in_p = {at for at in after[p] if p in after[at]}
    waiting, seen = [(p, p)], set[tuple[int, int]]()
    while waiting:
        here = waiting.pop()
        for one in made.follow[here[0]] & in_p:
            for two in made.follow[here[1]]:
                if made.chars[one] & made.chars[two] and (one, two) not in seen:
                    seen.add((one, two))
                    waiting.append((one, two))
    return {two for one, two in seen if one == p}


def _never_fails(made: Automaton, p: int) -> bool:
    """Whether p reads all that comes, at once, and the pattern may end there."""
    reads_all = made.chars[p] | LINE_FEED == EVERY and p in made.follow[p] and p not in made.lazy
    return reads_all and p in made.ending


def _divides(made: Automaton, after: list[set[int]], p: int, q: int) -> bool:
    """Whether some word leads from p to p, from p to q and from q to q."""
    in_p = {at for at in after[p] if p in after[at]}
    in_q = {at for at in after[q] if q in after[at]}
    between = {at for at in after[p] if q in after[at]} | {q}
    waiting, seen = [(p, p, q)], set[tuple[int, int, int]]()
    while waiting:
        here = waiting.pop()
        for one in made.follow[here[0]] & in_p:
            for two in made.follow[here[1]] & between:
                shared = made.chars[one] & made.chars[two]
                for three in made.follow[here[2]] & in_q if shared else ():
                    there = (one, two, three)
                    if shared & made.chars[three] and there not in seen:
                        if there == (p, q, q):
                            return True
                        seen.add(there)
                        waiting.append(there)
    return False

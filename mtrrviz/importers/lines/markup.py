"""Undoing what web pages, mail and programs do to the characters of a line.

HTML tags and entities, JSON strings, quotes of CSV or of a program's list, Markdown's backquotes,
quoted-printable (RFC 2045, 6.7). Each function takes a line as it stands in the text.
"""

from __future__ import annotations

import html
import json
import re

_TAG = re.compile(
    r"</?(?:pre|br|p|div|span|code|samp|tt|td|tr|th|table|tbody|li|ul|ol|html|head|body|font|b|i|em"
    r"|strong|a|blockquote|hr|h\d)(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li)\s{0,4}/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_MESSAGE_KEY = re.compile(r'"(MESSAGE|message|msg|log)"\s{0,4}:\s{0,4}(?=")')
# With its escape character, also as the letters that editors show for it, or without it.
_COLOUR = re.compile(
    r"(?:\^\[|\\x1b|\\u001b|\\033|\\e|\u241b|\x1b)\[[\d;]{0,20}[mK]"
    r"|\[\d{1,3}(?:;\d{1,3}){0,4}m|\x1b"
)
_PRINTABLE = re.compile(r"(?:[^=]|=(?:[0-9A-F]{2}|\s*$))*$")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})\s{0,8}[\w+-]{0,20}\s*$")


def is_fence(line: str) -> bool:
    """Return whether a line only begins or ends a block of code in Markdown."""
    return ("```" in line or "~~~" in line) and bool(_FENCE.match(line[:100]))


def without_tags(line: str) -> list[str]:
    """Return the lines that a line of HTML shows; entities are read, known tags taken out."""
    if "<" in line and _TAG.search(line):
        return [
            _plain(_TAG.sub("", piece)) for piece in _BREAK.split(line) if piece or line == piece
        ]
    return [_plain(line)]


def _plain(line: str) -> str:
    return html.unescape(line).replace("\xa0", " ") if _ENTITY.search(line) else line


def without_colours(line: str) -> str:
    """Return a line without what sets colours on a terminal."""
    return _COLOUR.sub("", line)


def unpacked_strings(line: str) -> list[str]:
    """Return the lines in the JSON strings of a line: of a journal's message, or of a whole log.

    A line in quotes is returned without them, one without such strings as it is.
    """
    key = _MESSAGE_KEY.search(line)
    message = key and _STRING.match(line, key.end())
    if key and message:
        # The journal's own word for it is a head, as in its other formats.
        head = "MESSAGE=" if key[1] == "MESSAGE" else ""
        return [head + part for part in _decoded(message[1]).split("\n")]
    packed = [text for text in _strings(line) if "\\n" in text]
    if packed:
        return [part for text in packed for part in _decoded(text).split("\n")]
    inside = line.strip().rstrip(",").rstrip()
    if len(inside) > 2 and inside[0] == inside[-1] and inside[0] in "\"'" and inside[1] != "(":
        return [_decoded(inside[1:-1])]
    return [line]


def _strings(line: str) -> list[str]:
    """Return the strings in double quotes on a line, up to one that does not end."""
    found: list[str] = []
    start = line.find('"')
    while start >= 0 and (match := _STRING.match(line, start)):
        found.append(match[1])
        start = line.find('"', match.end())
    return found


def _decoded(text: str) -> str:
    """Return the characters that a JSON string stands for, as it is if it is none."""
    try:
        decoded: str = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
    # A lone half of a surrogate pair could not be printed.
    return decoded.encode("utf-8", "replace").decode().replace("\r", "").replace("\0", "")


def is_printable_coded(line: str) -> bool:
    """Return whether every "=" of a line is one of quoted-printable."""
    return bool(_PRINTABLE.match(line))


def printable_decoded(line: str) -> str:
    """Return a line of quoted-printable with its bytes read as UTF-8."""
    if "=" not in line:
        return line
    raw = line.encode("utf-8", "replace")
    data = re.sub(rb"=([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), raw)
    return data.decode("utf-8", "replace").replace("\0", "")

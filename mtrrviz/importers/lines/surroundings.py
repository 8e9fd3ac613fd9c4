"""Lines around a log: prompts and commands of a shell, fields of a journal."""

from __future__ import annotations

import re

_PROMPT = re.compile(
    r"\s{0,8}(?:(?:\([\w.-]{1,30}\) ?)?\[?[\w-]{1,40}@[\w.-]{1,60}[^$#%]{0,60}[$#%](?!\S)"
    r"|-{0,3}\([^()]{1,40}\)-{1,3}\s|[\u279c\u276f\u03bb\u00bb]\s|[$%] \w|=> \w"
    r"|[A-Z]:\\[^>]{0,60}>|PS [A-Z]:\\|[\w.-]{1,40}(?::|\s)[~/][\w./~-]{0,60}\s?[$#%](?!\S)"
    r"|[$#%>]\s*$)"
)
_RDMSR = re.compile(r"(?:sudo +)?rdmsr\b")
_COMMAND = re.compile(
    r"\s{0,8}(?:# ?)?(?:sudo |doas )?(?:cat /(?:proc|sys|var)/\S+|dmesg|journalctl|lspci|lscpu"
    r"|lsb_release|uname|free|memcontrol list|x86info|fwts|xl dmesg|modprobe msr|e?grep|zcat|less)"
    r"(?:\s{1,4}(?:-{1,2}[\w=-]+|[/.~][\w./-]+))*+\s{0,4}(?:[|>].{0,160})?$"
)
_FIELD = re.compile(
    r"[\s\"]{0,12}(?:_{1,2}[A-Z][A-Z0-9_]{1,40}|PRIORITY|SYSLOG_[A-Z_]{2,20}|CODE_[A-Z]{2,8}"
    r"|INVOCATION_ID|USER_UNIT|UNIT|TID|N_RESTARTS)\"?\s{0,4}[:=]"
)
_BRACKETS = re.compile(r"\s{0,8}[\[{}\]]+,?\s*$")


def is_shell(line: str) -> bool:
    """Return whether a line is a prompt of a shell, with or without a command, or a command.

    What runs rdmsr is none: the command says which register the next lines are of.
    """
    text = line[:200]
    match = _PROMPT.match(text)
    if match and _RDMSR.search(text):
        return False
    return bool(match or _COMMAND.match(text))


def is_journal_field(line: str) -> bool:
    """Return whether a line is a field of a journal's entry other than its message.

    As `journalctl -o verbose`, `export` and `json-pretty` print them; also the brackets of JSON.
    """
    text = line[:100]
    return bool(_FIELD.match(text) or _BRACKETS.match(text))

"""Which page of the handbook explains a field, a column, a sign of a legend or a panel.

The one table of it. A field is known by a handle: its object name, the start of its accessible
name, its label or its class. What has no line here is explained by the page of its panel.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mtrrviz.core.memtype import MemoryType
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.handbook.help_page import TERM_PREFIX
from mtrrviz.handbook.page_text import plain_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The page of the window as a whole.
WINDOW_PAGE = "start"
DIALOGS = {
    "BookmarkDialog": "stops",
    "FilmDialog": "export",
    "UnsavedDialog": "files",
    "StopDialog": "stops",
    "TouchDialog": "touches",
    "EventDialog": "events",
    "PhaseDialog": "timeline",
    "Gallery": "gallery",
    "ChangedFileDialog": "files",
    "ImportDialog": "files",
    "ExportDialog": "export",
    "MachineDialog": "machine",
    "NewDialog": "machine",
    "PaletteDialog": "palette",
    "CoursePage": "lessons",
    "ScenarioDialog": "story",
    "ExportSolutionDialog": "solve",
}
"""The pages of dialogs, by the name of the class."""

_GUEST_WORDS = re.compile(r"\b(guests?|virtual|vCPUs?|KVM|VMM|EPT|zaps?)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\(modelled\)|\b\d+\b")


def _by_handle(terms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the address of the term of each handle."""
    return {handle: TERM_PREFIX + slug for slug, handles in terms.items() for handle in handles}


FIELDS = _by_handle(
    {
        "non-coherent-dma": ("non-coherent dma", "as a kvm guest with a non-coherent device"),
        "policy": ("policy of the run", "policy", "in use", "compared", "policies"),
        "playhead": ("time", "speed", "play", "step-back", "step-forward"),
        "zap": ("zaps", "last zap"),
        "cycles": ("zap cycles",),
        "replayed-and-modelled": ("boot time",),
        "ept-violation": ("faults", "faulted", "next fault"),
        "refault": ("refaults", "so far"),
        "per-vm": ("srcu locks held",),
        "write-back-wb": ("ram not wb", "paint wb"),
        "mmio": ("device space cached",),
        "pair": ("variable pairs", "in use (v)"),
        "mismatch": ("cpus that differ", "next differing"),
        "gpa-and-gfn": ("address", "go to guest physical address", "go to"),
        "memory-slot": ("region",),
        "leaf": ("leaf", "bits", "real entry"),
        "level": ("maps",),
        "extended-page-tables-ept": ("entry", "page table of entries"),
        "host": ("host frame",),
        "stale-leaf": ("state",),
        "memory-type": ("mtrr type", "type of the range", "type"),
        "mtrr": ("decided by",),
        "default-type": ("deftyperow", "ia32_mtrr_def_type"),
        "enable-bits-e-and-fe": ("e", "fe"),
        "variable-range": ("rangerow", "variable range", "variable ranges"),
        "base-and-mask": ("base address of the range", "size of the range", "base", "size"),
        "fixed-range": ("fixedstrip", "fixed ranges"),
        "page-attribute-table-pat": ("patregisterrow", "ia32_pat"),
        "cr0cd": ("cr0.cd", "cd"),
        "capability-register-mtrrcap": ("ia32_mtrrcap",),
        "msr": ("value in hex",),
        "reserved-bits": ("bitgrid",),
        "vcpu": ("vcpu", "vcpubutton", "cpu"),
        "write-through-wt": ("paint wt",),
        "write-protected-wp": ("paint wp",),
        "write-combining-wc": ("paint wc",),
        "uncacheable-uc": ("paint uc",),
    }
)  # fmt: skip
"""The terms of fields, by handle."""

COLUMNS = _by_handle(
    {
        "playhead": (
            "time", "time_s", "born_s", "born", "died_s", "died", "lasts", "lasts_s", "boot s",
        ),
        "phase": ("phase",),
        "event": ("event", "kind", "origin", "text", "note", "#"),
        "vcpu": ("vcpu", "cpu", "vcpus", "no vcpus"),
        "msr": ("msr", "register", "value", "now", "solution"),
        "memory-type": ("meaning", "type", "leaf_type", "real", "model", "type_a", "type_b"),
        "reserved-bits": ("refused",),
        "zap": ("zaps", "zap", "ours", "ended by", "ranges", "all_memory"),
        "touch": ("access", "touch"),
        "gpa-and-gfn": (
            "start", "end", "first", "last", "range", "gfn", "address", "page", "where",
            "first address", "last address",
        ),
        "memory-slot": ("size_bytes", "size", "region", "covers", "name", "gib"),
        "zap-rule": ("cause",),
        "leaf": ("leaves_dropped", "leaves", "leaf", "difference"),
        "cycles": ("modelled_cycles", "mcycles", "zap mcycles", "cycles are"),
        "contention": ("rivals",),
        "level": ("level",),
        "ipat": ("ipat", "leaf_ipat", "next_fault_ipat", "ipat_a", "ipat_b"),
        "refault": ("refault",),
        "ept-violation": ("fault", "next_fault_type", "next"),
        "stale-leaf": ("stale",),
        "overlap": ("sdm_type",),
        "mtrr": ("decided_by",),
        "mismatch": ("why",),
        "page-attribute-table-pat": ("pat", "says"),
        "effective-memory-type": ("is", "page is"),
        "firmware": ("firmware", "no firmware"),
        "policy": ("policy", "no policy"),
        "replayed-and-modelled": (
            "modelled", "off", "default", "known", "unit", "source", "part", "series",
        ),
        "run": ("in this run", "stop when", "line", "severity", "problem"),
    }
)  # fmt: skip
"""The terms of columns, by the key of a column or by its title."""

SIGNS = _by_handle(
    {
        "write-back-wb": ("wb",),
        "write-through-wt": ("wt",),
        "write-protected-wp": ("wp",),
        "write-combining-wc": ("wc",),
        "uncacheable-uc": ("uc",),
        "stale-leaf": ("stale",),
        "leaf": ("mixed", "part", "alike", "a", "b"),
        "memory-type": ("t", "unknown type"),
        "ipat": ("i",),
        "ept-violation": ("tint", "unmapped"),
        "memory-slot": ("no slot",),
        "zap": ("flash", "pending"),
        "extended-page-tables-ept": ("real",),
        "kvms-walk": ("sdm_difference",),
        "overlap": ("undefined", "undefined type"),
    }
)  # fmt: skip
"""The terms of what legends explain, by the name of the mark."""

_REGISTERS = _by_handle(
    {
        "default-type": ("ia32_mtrr_def_type",),
        "enable-bits-e-and-fe": ("ia32_mtrr_def_type e", "ia32_mtrr_def_type fe"),
        "base-and-mask": ("ia32_mtrr_physbase", "ia32_mtrr_physmask"),
        "fixed-range": ("ia32_mtrr_fix", "set all eight sub-ranges"),
        "page-attribute-table-pat": ("ia32_pat",),
        "cr0cd": ("cr0",),
        "capability-register-mtrrcap": ("ia32_mtrrcap",),
        "reserved-bits": ("bits of",),
    }
)  # fmt: skip
"""How the handles of fields of single registers begin; the longest beginning counts."""
_BEGINNINGS = tuple(_REGISTERS)


def field_page(handle: str) -> str | None:
    """Return the address of the page that explains a field, None if only its panel's does."""
    word = plain_handle(handle)
    if word in FIELDS:
        return FIELDS[word]
    if not word.startswith(_BEGINNINGS):
        return None
    fitting = [start for start in _REGISTERS if word.startswith(start)]
    return _REGISTERS[max(fitting, key=len)]


def column_page(*names: str) -> str | None:
    """Return the address of the page that explains a column, by its key or else its title."""
    return next((COLUMNS[word] for word in map(plain_handle, names) if word in COLUMNS), None)


def mark_page(mark: MemoryType | str) -> str | None:
    """Return the address of the page on what a mark of a legend stands for."""
    return SIGNS.get((mark.name if isinstance(mark, MemoryType) else mark).lower())


def panel_page(panel: str) -> str:
    """Return the address of the page of a view or a bar of the window."""
    return WINDOW_PAGE if panel == "window" else panel.replace("_", "-")


def dialog_page(class_name: str) -> str:
    """Return the address of the page of a dialog."""
    return DIALOGS.get(class_name, WINDOW_PAGE)


@lru_cache(maxsize=4096)  # a window asks for all names of all its widgets
def plain_handle(words: str) -> str:
    """Return the part of a name that says what something is, without values and numbers.

    "Variable range 0: 2 GiB at 0x0, WB" becomes "variable range".
    """
    start = re.split(r"[:,]", words.replace("\n", " "), maxsplit=1)[0]
    return " ".join(_ASIDE.sub("", start).lower().split())


def sentence_of(address: str | None) -> str:
    """Return the sentence that a tip shows for a page, "" for None."""
    return "" if address is None else plain_words(the_handbook().page(address).sentence)


def speaks_of_guests(address: str) -> bool:
    """Return whether the sentence of a page says nothing to someone with a real machine."""
    return _GUEST_WORDS.search(sentence_of(address)) is not None

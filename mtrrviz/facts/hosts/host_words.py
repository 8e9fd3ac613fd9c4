"""The figures of a real machine in words, as results show them in the window and in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.units import format_size
from mtrrviz.core.wording.words import number_runs

if TYPE_CHECKING:
    from mtrrviz.facts.hosts.hardware_types import HostFigures

FIGURES = (
    ("ram", "RAM not WB", "RAM that the MTRRs do not make write-back: slow, seldom on purpose"),
    ("devices", "device space cached", "Device space that is WB, WT or WP by the MTRRs"),
    ("pairs", "variable pairs", "Pairs in use and free"),
    ("cpus", "CPUs that differ", "CPUs that hold another value than CPU 0 in some register"),
)
"""Key, caption and meaning of each figure, in the order in which they are shown."""


def figure_words(figures: HostFigures) -> dict[str, str]:
    """Return the value of each figure in words."""
    return {
        "ram": _ram_words(figures),
        "devices": _device_words(figures),
        "pairs": _pair_words(figures),
        "cpus": _cpu_words(figures),
    }  # fmt: skip


def _ram_words(figures: HostFigures) -> str:
    if not figures.ram_bytes:
        return "unknown: no map of the memory"
    if figures.ram_unknown_bytes == figures.ram_bytes:
        return "unknown"
    words = format_size(figures.ram_not_wb_bytes) if figures.ram_not_wb_bytes else "none"
    if figures.ram_unknown_bytes:
        words += f", {format_size(figures.ram_unknown_bytes)} unknown"
    return words


def _device_words(figures: HostFigures) -> str:
    if figures.device_cached_bytes:
        return format_size(figures.device_cached_bytes)
    return "unknown" if figures.device_unknown_bytes else "none"


def _pair_words(figures: HostFigures) -> str:
    if figures.pairs_unknown == figures.pairs:
        return f"{figures.pairs}, values unknown"
    words = f"{figures.pairs_used} used, {figures.pairs_free} free"
    return f"{words}, {figures.pairs_unknown} unknown" if figures.pairs_unknown else words


def _cpu_words(figures: HostFigures) -> str:
    if figures.cpus == 1:
        return "only one CPU is known"
    return number_runs(figures.mismatched_cpus) or "none"


def host_result(figures: HostFigures) -> dict[str, Any]:
    """Return the figures as JSON values."""
    return {
        "ram_bytes": figures.ram_bytes,
        "ram_not_wb_bytes": figures.ram_not_wb_bytes,
        "ram_unknown_bytes": figures.ram_unknown_bytes,
        "device_cached_bytes": figures.device_cached_bytes,
        "pairs": figures.pairs,
        "pairs_used": figures.pairs_used,
        "pairs_free": figures.pairs_free,
        "pairs_unknown": figures.pairs_unknown,
        "differing_cpus": list(figures.mismatched_cpus),
        "device_unknown_bytes": figures.device_unknown_bytes,
    }

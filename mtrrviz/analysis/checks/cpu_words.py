"""CPUs of a real machine in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.wording.words import number_runs

if TYPE_CHECKING:
    from mtrrviz.analysis.checks.subject import Subject


def cpu_words(cpus: tuple[int, ...]) -> str:
    """Return "CPU 3" or "CPUs 0, 2-7"."""
    return f"CPU{'s' if len(cpus) > 1 else ''} {number_runs(sorted(cpus))}"


def on_words(subject: Subject, cpus: tuple[int, ...]) -> str:
    """Return " on CPU 3", or nothing where it is so on all that are looked at."""
    return "" if len(cpus) == len(subject.vcpus) else f" on {cpu_words(cpus)}"

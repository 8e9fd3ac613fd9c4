"""Fuzzing: targets with oracles, a corpus that ordinary tests replay, a harness for atheris."""

from __future__ import annotations

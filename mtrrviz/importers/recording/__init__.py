"""Recording a trace of this host's VMs: an instance of tracefs of our own, gone afterwards."""

from __future__ import annotations

from mtrrviz.importers.recording.instance import CannotRecordError
from mtrrviz.importers.recording.recorder import Recorded, Recorder
from mtrrviz.importers.recording.trace_settings import by_hand

__all__ = ["CannotRecordError", "Recorded", "Recorder", "by_hand"]

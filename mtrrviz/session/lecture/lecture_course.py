"""Where a lecture on the open document has got to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.session.lecture.cues import (
    Cue,
    cue_words,
    cues_of,
    next_cue,
    present_cue,
    previous_cue,
)
from mtrrviz.session.lecture.speech import Speech, speech_at
from mtrrviz.session.playing.going_to import go_to_moment

if TYPE_CHECKING:
    from mtrrviz.session.document import Document


class LectureCourse:
    """Goes from moment to moment of the open document, and knows what is to be said."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._shown: Cue | None = None

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The moments, as the scenario is now."""
        return cues_of(self._document.scenario)

    @property
    def present(self) -> Cue | None:
        """The moment that the playhead is at or past."""
        return present_cue(self.cues, self._document.playhead_ns, self._shown)

    @property
    def following(self) -> Cue | None:
        """The moment that comes next."""
        return next_cue(self.cues, self._document.playhead_ns, self._shown)

    @property
    def speech(self) -> Speech:
        """What is to be said now."""
        return speech_at(self._document.scenario, self._document.playhead_ns, self._shown)

    def go_on(self) -> str:
        """Go to the next moment and return its words, or say that there is none."""
        return self._go_to(self.following, f"{self.speech.where}. This is the last moment")

    def go_back(self) -> str:
        """Go to the moment before and return its words, or say that there is none."""
        before = previous_cue(self.cues, self._document.playhead_ns, self._shown)
        return self._go_to(before, f"{self.speech.where}. There is no moment before this one")

    def _go_to(self, cue: Cue | None, otherwise: str) -> str:
        if cue is None:
            return otherwise
        self._shown = cue
        go_to_moment(self._document, cue.time_ns, cue.gfn)
        return cue_words(self.cues, cue)

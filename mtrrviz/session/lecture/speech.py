"""What the speaker says at a moment: the notes of the bookmark and of the story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.facts.time_text import short_clock_text
from mtrrviz.session.lecture.cues import Cue, cue_words, cues_of, next_cue, present_cue
from mtrrviz.session.story import moment_words

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario


class Speech(Record):
    """Where the lecture is, what there is to say, paragraph by paragraph, and what comes next."""

    where: str
    paragraphs: tuple[str, ...]
    following: str


def speech_at(scenario: Scenario, time_ns: int, shown: Cue | None = None) -> Speech:
    """Return what is to be said at a time; ``shown`` as in :func:`present_cue`.

    The bookmark's note comes first, then the phase and the story's note. Before the first moment
    the scenario's description is said.
    """
    cues = cues_of(scenario)
    cue = present_cue(cues, time_ns, shown)
    if cue is None:
        where = f"Before the first moment, {short_clock_text(time_ns)}"
        said = [scenario.description]
    else:
        where, said = cue_words(cues, cue), [cue.text]
    said.append(moment_words(scenario, time_ns))
    after = next_cue(cues, time_ns, shown)
    following = "Nothing: this is the last" if after is None else after.name
    return Speech(where, tuple(filter(None, said)), following)

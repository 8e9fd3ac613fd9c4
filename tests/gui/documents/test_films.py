"""Films of views without a screen: each frame is the picture of its moment."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.playback.film import Film
from mtrrviz.exporters.playback.forms import FilmForm
from mtrrviz.gui.export.render import FilmTarget, render_film, render_window
from mtrrviz.scenario.library import open_scenario

pytestmark = pytest.mark.gui

SIZE = (1000, 640)
FILM = Film(1_000_000_000, 1_100_000_000, pace=0.1, fps=2)


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_frames_are_the_pictures_of_their_moments(qapp, tmp_path):
    scenario, told = open_scenario("small-machine"), []
    target = FilmTarget(tmp_path / "film", FilmForm.PNG, lambda *now: told.append(now))
    render_film(scenario, "per-vcpu", FILM, SIZE, "light", target)
    assert told == [(1, 3), (2, 3), (3, 3)]
    frames = sorted((tmp_path / "film").iterdir())
    assert len(frames) == 3
    for frame, time_ns in ((frames[0], FILM.start_ns), (frames[-1], FILM.end_ns)):
        picture = tmp_path / "x.png"
        render_window(scenario, "per-vcpu", time_ns, SIZE, "light", picture)
        assert np.array_equal(pixels(frame), pixels(picture))
    assert not np.array_equal(pixels(frames[0]), pixels(frames[-1]))


def test_what_is_too_large_is_refused_before_a_frame(qapp, tmp_path, monkeypatch):
    monkeypatch.setattr("mtrrviz.exporters.playback.film.MOST_PIXELS", 3 * 300 * 300)
    target = FilmTarget(tmp_path / "x.gif", FilmForm.GIF, lambda *_: pytest.fail("a frame"))
    with pytest.raises(MtrrvizError, match="billion pixels"):
        render_film(open_scenario("small-machine"), None, FILM, SIZE, "dark", target)
    assert list(tmp_path.iterdir()) == []

"""Playback: play, step, speed, loop, and the time shown."""

"""Films of a run: its pictures over a span of time, as an animation, a video or numbered files."""

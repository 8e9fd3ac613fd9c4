"""Where times lie on the timeline, and the timeline as an image."""

"""The lecture: a full screen with what matters, a pointer, a pen, and the speaker's notes."""

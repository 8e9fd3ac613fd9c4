"""A lecture: its moments, what the speaker says at each, how long it lasts, what is drawn."""

"""Mouse and keys on a map: its own, those that select a range, and those that paint."""

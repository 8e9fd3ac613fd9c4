"""Playing: the playhead over time, where it stops and what it says there, and recorded edits."""

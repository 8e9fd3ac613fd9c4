"""The Problems panel: what a check finds at the playhead."""

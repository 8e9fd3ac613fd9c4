"""Two policies in one window: maps side by side, the map and the table of their differences."""

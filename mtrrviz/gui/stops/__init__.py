"""The conditions at which playing stops, and the bookmarks."""

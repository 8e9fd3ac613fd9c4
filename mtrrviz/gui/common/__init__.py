"""What several panels share: theme and style, small widgets, tables over rows, copying, focus."""

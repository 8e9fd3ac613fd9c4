"""What a terminal is told: lines beside the results, colour, progress."""

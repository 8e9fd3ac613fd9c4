"""What lets a report be played: the map over time as data, and the script that shows it."""

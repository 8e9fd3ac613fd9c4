"""From the decoded tables of a scenario file to checked values."""

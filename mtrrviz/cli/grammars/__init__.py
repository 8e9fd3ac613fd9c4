"""What the parser knows of each command: its arguments and the texts of its help."""
